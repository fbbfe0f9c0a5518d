# The C programs that the bench suite compares with. libdeflate is in them, so that they run where it is not installed; of
# isa-l there is only a shared library, which its program looks for when it runs.

find_library(DEFLATE_ARCHIVE NAMES libdeflate.a)
set(programs)
file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/native/*.c)
foreach(source ${bench_sources})
  get_filename_component(name ${source} NAME_WE)
  file(STRINGS ${source} uses_deflate REGEX "#include <libdeflate.h>")
  # On another architecture than this machine's there may be none: then the suite says which rows it lacks.
  if(uses_deflate AND NOT DEFLATE_ARCHIVE)
    message(STATUS "There is no libdeflate.a, so bench/native/${name}.c is left out; Debian has it in libdeflate-dev")
    continue()
  endif()
  add_executable(bench-${name} ${source})
  set_target_properties(bench-${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  target_compile_options(bench-${name} PRIVATE -Wall -Wextra)
  target_link_libraries(bench-${name} PRIVATE ${CMAKE_DL_LIBS})
  if(uses_deflate)
    target_link_libraries(bench-${name} PRIVATE ${DEFLATE_ARCHIVE})
  endif()
  list(APPEND programs bench-${name})
endforeach()

# What scripts/prebuild ships of an architecture.
add_custom_target(shipped DEPENDS sluice attribute-setter ${programs})
