# The BPF objects: one per tap, CO-RE, compiled once and shipped compiled.

find_program(BPF_CLANG NAMES clang-19 clang-18 clang-17 clang-16 REQUIRED DOC "clang >= 16 with the BPF target")
string(REGEX MATCH "[0-9]+$" clang_version ${BPF_CLANG})
find_program(BPF_STRIP NAMES llvm-strip-${clang_version} llvm-strip REQUIRED)

# Compiles every *.bpf.c of a folder into objects of another.
function(add_bpf_objects target from to)
  file(MAKE_DIRECTORY ${to} ${CMAKE_BINARY_DIR}/bpf-deps)
  file(GLOB programs CONFIGURE_DEPENDS ${from}/*.bpf.c)
  set(objects)
  foreach(source ${programs})
    get_filename_component(name ${source} NAME_WLE)
    set(object ${to}/${name}.o)
    set(depfile ${CMAKE_BINARY_DIR}/bpf-deps/${target}-${name}.d)
    # -g is what makes clang emit BTF; llvm-strip -g then drops DWARF and keeps BTF.
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Werror -D__TARGET_ARCH_x86
        -I${CMAKE_SOURCE_DIR} -isystem ${LIBBPF_HEADERS} -isystem ${SOURCES}/libbpf/include/uapi -isystem /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
        -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
        -MD -MF ${depfile} -MT ${object} -c ${source} -o ${object}
      COMMAND ${BPF_STRIP} -g ${object}
      DEPENDS ${source}
      DEPFILE ${depfile}
      COMMENT "BPF ${name}"
      VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_custom_target(${target} ALL DEPENDS ${objects})
endfunction()

add_bpf_objects(bpf-objects ${CMAKE_SOURCE_DIR}/bpf ${CMAKE_BINARY_DIR}/bpf)
add_bpf_objects(example-bpf ${CMAKE_SOURCE_DIR}/examples/opensnoop ${CMAKE_BINARY_DIR}/examples)
# What the tests of sluice/libbpf load. Compiled here, so that they also run where there is no clang.
add_bpf_objects(test-bpf ${CMAKE_SOURCE_DIR}/test/libbpf/bpf ${CMAKE_BINARY_DIR}/test-bpf)
add_library(usdt_probe MODULE ${CMAKE_SOURCE_DIR}/test/libbpf/usdt_probe.c)
set_target_properties(usdt_probe PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test-bpf)
