# Test programs in C++, built on request by scripts/test-native: what can be driven at its edges without Node.

file(GLOB_RECURSE reduce_sources ${CMAKE_SOURCE_DIR}/native/reduce/*.cc)
set(tap_sources ${CMAKE_SOURCE_DIR}/native/engine/pipe_tap.cc ${CMAKE_SOURCE_DIR}/native/engine/self_check.cc
  ${CMAKE_SOURCE_DIR}/native/runtime/pipe.cc ${CMAKE_SOURCE_DIR}/native/runtime/failure.cc)
add_library(test-reduce STATIC EXCLUDE_FROM_ALL ${reduce_sources})
target_include_directories(test-reduce PUBLIC ${CMAKE_SOURCE_DIR})
target_link_libraries(test-reduce PUBLIC bpf elf zlib)

# The pipe tap, with the objects that ship.
add_executable(tap-test EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/test/native/tap/tap_test.cc ${tap_sources})
target_link_libraries(tap-test PRIVATE test-reduce)

# Results and failures.
add_executable(result-test EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/test/native/result_test.cc
  ${CMAKE_SOURCE_DIR}/native/runtime/failure.cc)
target_include_directories(result-test PRIVATE ${CMAKE_SOURCE_DIR})

# The pools of threads, with tasks that throw.
add_executable(pool-test EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/test/native/pool_test.cc
  ${CMAKE_SOURCE_DIR}/native/runtime/worker_pool.cc ${CMAKE_SOURCE_DIR}/native/runtime/worker.cc
  ${tap_sources})
target_link_libraries(pool-test PRIVATE test-reduce)

# The backends and the reducer that falls back from one to the next.
add_executable(reducer-test EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/test/native/reducer_test.cc
  ${CMAKE_SOURCE_DIR}/native/engine/backend.cc ${CMAKE_SOURCE_DIR}/native/engine/bpf.cc
  ${CMAKE_SOURCE_DIR}/native/engine/outcome.cc
  ${CMAKE_SOURCE_DIR}/native/engine/reducer.cc ${CMAKE_SOURCE_DIR}/native/engine/userspace.cc
  ${CMAKE_SOURCE_DIR}/native/file/direct_io.cc ${CMAKE_SOURCE_DIR}/native/runtime/worker.cc ${tap_sources})
target_link_libraries(reducer-test PRIVATE test-reduce)

# What fanotify tells, cut short and changed.
add_executable(fanotify-test EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/test/native/fanotify_test.cc
  ${CMAKE_SOURCE_DIR}/native/observe/fanotify.cc ${CMAKE_SOURCE_DIR}/native/observe/handle.cc
  ${CMAKE_SOURCE_DIR}/native/runtime/failure.cc)
target_include_directories(fanotify-test PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/test/native/reduce)

# The reductions in BPF, block by block.
add_bpf_objects(reduce-bpf ${CMAKE_SOURCE_DIR}/test/bpf-reduce ${CMAKE_BINARY_DIR}/test-reduce)
add_executable(bpf-reduce-test EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/test/bpf-reduce/reduce_test.cc)
target_link_libraries(bpf-reduce-test PRIVATE test-reduce)

# Changes files in every way there is. Built with everything else, so that it is there in machines without a compiler.
file(GLOB change_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/observe/programs/*.c)
find_package(Threads REQUIRED)
add_executable(changes ${change_sources})
set_target_properties(changes PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test-observe)
target_compile_options(changes PRIVATE -Wall -Wextra)
target_link_libraries(changes PRIVATE Threads::Threads)
