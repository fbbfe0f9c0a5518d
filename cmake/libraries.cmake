# libbpf, libelf and zlib from the sources that scripts/fetch-sources unpacked: static, position independent.

set(SOURCES ${CMAKE_SOURCE_DIR}/.deps/src)
if(NOT EXISTS ${SOURCES}/libbpf/src/libbpf.h)
  message(FATAL_ERROR "The C libraries' sources are missing. Run: npm run setup")
endif()

file(GLOB zlib_sources ${SOURCES}/zlib/*.c)
add_library(zlib STATIC ${zlib_sources})
target_include_directories(zlib SYSTEM PUBLIC ${SOURCES}/zlib)
target_compile_definitions(zlib PRIVATE Z_HAVE_UNISTD_H _LARGEFILE64_SOURCE)
target_compile_options(zlib PRIVATE -w)

# libelf needs three helpers of elfutils' lib/ and a config.h that says what this compiler and C library have.
file(GLOB elf_sources ${SOURCES}/elfutils/libelf/*.c)
add_library(elf STATIC ${elf_sources}
  ${SOURCES}/elfutils/lib/next_prime.c ${SOURCES}/elfutils/lib/crc32.c ${SOURCES}/elfutils/lib/eu-search.c)
target_include_directories(elf PRIVATE ${CMAKE_SOURCE_DIR}/cmake/elfutils ${SOURCES}/elfutils/lib)
target_include_directories(elf SYSTEM PUBLIC ${SOURCES}/elfutils/libelf)
target_compile_definitions(elf PRIVATE HAVE_CONFIG_H _GNU_SOURCE)
target_compile_options(elf PRIVATE -w)
target_link_libraries(elf PRIVATE zlib)

# libbpf's sources include their public headers as <bpf/...>, so do ours.
set(LIBBPF_HEADERS ${CMAKE_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${LIBBPF_HEADERS})
file(CREATE_LINK ${SOURCES}/libbpf/src ${LIBBPF_HEADERS}/bpf SYMBOLIC)
file(GLOB bpf_sources ${SOURCES}/libbpf/src/*.c)
add_library(bpf STATIC ${bpf_sources})
target_include_directories(bpf PRIVATE ${SOURCES}/libbpf/include)
target_include_directories(bpf SYSTEM PUBLIC ${LIBBPF_HEADERS} ${SOURCES}/libbpf/include/uapi)
target_compile_definitions(bpf PRIVATE _LARGEFILE64_SOURCE _FILE_OFFSET_BITS=64)
target_compile_options(bpf PRIVATE -w)
target_link_libraries(bpf PRIVATE elf zlib)
