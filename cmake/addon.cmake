# The N-API addon.

file(GLOB_RECURSE addon_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/native/*.cc)
add_library(sluice SHARED ${addon_sources} ${CMAKE_JS_SRC})
set_target_properties(sluice PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(sluice PRIVATE ${CMAKE_SOURCE_DIR})
target_include_directories(sluice SYSTEM PRIVATE ${CMAKE_JS_INC} ${CMAKE_SOURCE_DIR}/node_modules/node-addon-api)
# CPP_EXCEPTIONS_ALL: with plain CPP_EXCEPTIONS a std:: exception would end the process.
# SWALLOW_UNTHROWABLE: a worker thread that is being ended runs no JavaScript; a callback into it would end the process.
target_compile_definitions(sluice PRIVATE NAPI_VERSION=9 NODE_ADDON_API_CPP_EXCEPTIONS_ALL
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS BUILDING_NODE_EXTENSION)
target_compile_options(sluice PRIVATE -Wall -Wextra -Wno-missing-field-initializers)
target_link_libraries(sluice PRIVATE bpf elf zlib)
# Node unloads an addon with the last worker thread that loaded it; the addon's own threads run on.
target_link_options(sluice PRIVATE -Wl,-z,nodelete)
if(NOT SLUICE_SANITIZE)
  # libstdc++ static: the floor is EL9's. libgcc_s stays dynamic: a static one would raise the glibc floor to 2.35, and
  # node has it loaded anyway.
  target_compile_options(sluice PRIVATE -fno-gnu-unique)
  target_link_options(sluice PRIVATE -static-libstdc++ -Wl,--gc-sections -Wl,-z,relro,-z,now
    -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/exports.map)
endif()

# The process that sets attributes for an observer, with nothing in it but the C library, and no sanitizer, which would
# make calls that it is not allowed.
add_executable(attribute-setter ${CMAKE_SOURCE_DIR}/native/observe/setter/setter.c)
set_target_properties(attribute-setter PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/programs)
target_include_directories(attribute-setter PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(attribute-setter PRIVATE -Wall -Wextra -fno-sanitize=all)
target_link_options(attribute-setter PRIVATE -fno-sanitize=all -Wl,-z,relro,-z,now)
