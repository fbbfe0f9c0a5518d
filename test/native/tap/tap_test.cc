// SPDX-License-Identifier: Apache-2.0
// The pipe tap at its edges, where the addon never takes it: fragments larger than a page, runs that fall short, slots
// used from many threads at once, descriptors that are not what was bound. Needs CAP_BPF and CAP_PERFMON.
// Usage: tap-test FOLDER, where page_address.bpf.o and pipe.bpf.o lie. Prints `N passed, N failed`.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "native/engine/pipe_tap.h"
#include "native/engine/self_check.h"
#include "native/runtime/pipe.h"

using namespace sluice;

namespace {

constexpr uint32_t kSlots = 16;
constexpr uint32_t kEvery = SLUICE_ADLER32 | SLUICE_CRC32 | SLUICE_CRC32C | SLUICE_CRC64NVME;
int passed = 0, failed = 0;

void check(bool good, const char* what) {
  (good ? passed : failed)++;
  if (!good) printf("FAILED: %s\n", what);
}

[[noreturn]] void die(const char* what) {
  perror(what);
  exit(1);
}

// Sets a variable of .rodata, as the loader in TypeScript does.
void set(bpf_object* object, const char* name, const void* value, size_t size) {
  bpf_map* map;
  bpf_object__for_each_map(map, object) {
    if (!strstr(bpf_map__name(map), ".rodata")) continue;
    const btf* types = bpf_object__btf(object);
    const btf_type* section = btf__type_by_id(types, btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC));
    for (int i = 0; i < btf_vlen(section); ++i) {
      const btf_var_secinfo& each = btf_var_secinfos(section)[i];
      if (strcmp(btf__name_by_offset(types, btf__type_by_id(types, each.type)->name_off), name) != 0) continue;
      size_t length;
      memcpy(static_cast<char*>(bpf_map__initial_value(map, &length)) + each.offset, value, size);
      return;
    }
  }
  die(name);
}

std::shared_ptr<PipeTap> load(const std::string& folder) {
  bpf_object* finder = bpf_object__open_file((folder + "/page_address.bpf.o").c_str(), nullptr);
  uint8_t cookie[SLUICE_COOKIE];
  if (!finder || getrandom(cookie, sizeof(cookie), 0) != sizeof(cookie)) die("page_address.bpf.o");
  set(finder, "cookie", cookie, sizeof(cookie));
  if (bpf_object__load(finder)) die("load of page_address.bpf.o");
  sluice_page_address found{};
  const uint64_t frames = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * 2 + (4ull << 18);
  if (learn_page_address(bpf_program__fd(bpf_object__find_program_by_name(finder, "by_symbols")), cookie, frames,
                         found) &&
      learn_page_address(bpf_program__fd(bpf_object__find_program_by_name(finder, "by_search")), cookie, frames,
                         found)) {
    die("the address of a page");
  }
  bpf_object__close(finder);

  bpf_object* object = bpf_object__open_file((folder + "/pipe.bpf.o").c_str(), nullptr);
  if (!object) die("pipe.bpf.o");
  set(object, "page_address_bias", &found.bias, 8);
  set(object, "page_address_shift", &found.shift, 4);
  set(object, "page_poisoned_mask", &found.poisoned_mask, 8);
  for (const char* map : {"states", "works", "taps"}) {
    bpf_map__set_max_entries(bpf_object__find_map_by_name(object, map), kSlots);
  }
  if (bpf_object__load(object)) die("load of pipe.bpf.o");
  auto tap = std::make_shared<PipeTap>(bpf_program__fd(bpf_object__find_program_by_name(object, "bind")),
                                       bpf_program__fd(bpf_object__find_program_by_name(object, "run")),
                                       bpf_map__fd(bpf_object__find_map_by_name(object, "states")), kSlots);
  bpf_object__close(object);
  return tap;
}

std::vector<uint8_t> random_bytes(size_t size) {
  std::vector<uint8_t> bytes(size);
  size_t at = 0;
  while (at < size) at += getrandom(bytes.data() + at, std::min<size_t>(size - at, 1 << 20), 0);
  return bytes;
}

void start(PipeTap& tap, uint32_t slot) {
  uint64_t init[kAlgorithms];
  for (const Reduction& each : reductions()) init[static_cast<size_t>(each.algorithm)] = each.init;
  start_state(tap.state(slot), SLUICE_BACKEND_BPF, kEvery, init);
}

bool agrees(PipeTap& tap, uint32_t slot, const uint8_t* bytes, size_t length) {
  for (const Reduction& each : reductions()) {
    if (finished_value(tap.state(slot), each.algorithm) != each.update(each.init, bytes, length)) return false;
  }
  return true;
}

// A loopback TCP connection carries fragments of up to 32 KiB, which splice hands to the pipe as they are.
void large_fragments(PipeTap& tap) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, any, length) || listen(listener, 1) || getsockname(listener, any, &length)) die("listen");

  const std::vector<uint8_t> bytes = random_bytes((8 << 20) + 12345);
  std::thread sender([&] {
    const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(out, any, length)) die("connect");
    size_t at = 0;
    while (at < bytes.size()) {
      const ssize_t n = send(out, bytes.data() + at, std::min<size_t>(bytes.size() - at, 300'000), 0);
      if (n <= 0) die("send");
      at += n;
    }
    close(out);
  });
  const int in = accept(listener, nullptr, nullptr);
  Pipe pipe;
  start(tap, 1);
  check(tap.bind(1, pipe.read_end()) == SLUICE_TAP_OK, "a pipe is bound");
  size_t total = 0, fewest = SIZE_MAX;
  bool good = true;
  // The pipe class reads files at an offset; a socket has none.
  const int write_end = open(("/proc/self/fd/" + std::to_string(pipe.read_end())).c_str(), O_WRONLY | O_CLOEXEC);
  for (;;) {
    const ssize_t n = splice(in, nullptr, write_end, nullptr, 1 << 20, SPLICE_F_MOVE);
    if (n <= 0) break;
    good &= tap.run(1, pipe.read_end(), kEvery, n) == SLUICE_TAP_OK && pipe.drain(n) == 0;
    total += n;
    fewest = std::min<size_t>(fewest, n);
  }
  sender.join();
  close(write_end);
  close(in);
  close(listener);
  check(good && total == bytes.size(), "every run over a socket's fragments succeeds");
  check(agrees(tap, 1, bytes.data(), bytes.size()), "fragments larger than a page reduce to the right values");
}

// 8 threads, each with a slot and a pipe of its own, on as many CPUs as there are.
void many_threads(PipeTap& tap) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (uint32_t slot = 2; slot < 10; ++slot) {
    threads.emplace_back([&tap, &wrong, slot] {
      const std::vector<uint8_t> bytes = random_bytes(400'000 + slot * 1001);
      const int file = memfd_create("bytes", MFD_CLOEXEC);
      if (write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) die("write");
      Pipe pipe;
      if (tap.bind(slot, pipe.read_end()) != SLUICE_TAP_OK) ++wrong;
      for (int round = 0; round < 40; ++round) {
        start(tap, slot);
        uint64_t offset = 0;
        ssize_t n;
        while ((n = pipe.fill(file, &offset, 50'000)) > 0) {
          if (tap.run(slot, pipe.read_end(), kEvery, n) != SLUICE_TAP_OK || pipe.drain(n) != 0) ++wrong;
        }
        if (!agrees(tap, slot, bytes.data(), bytes.size())) ++wrong;
      }
      close(file);
    });
  }
  for (std::thread& thread : threads) thread.join();
  check(wrong == 0, "8 threads reduce 8 files at once, each right");
}

void refusals(PipeTap& tap) {
  const std::vector<uint8_t> bytes = random_bytes(10'000);
  const int file = memfd_create("bytes", MFD_CLOEXEC);
  if (write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) die("write");
  Pipe pipe;
  uint64_t offset = 0;

  check(tap.bind(kSlots, pipe.read_end()) == SLUICE_TAP_NO_SLOT, "a slot that is not there");
  check(tap.run(kSlots, pipe.read_end(), kEvery, 1) == SLUICE_TAP_NO_SLOT, "a run in a slot that is not there");
  check(tap.bind(11, file) == SLUICE_TAP_NOT_A_PIPE, "a file is not a pipe");
  check(tap.bind(11, -1) == SLUICE_TAP_NOT_A_PIPE, "no descriptor is not a pipe");
  check(tap.bind(11, 1 << 30) == SLUICE_TAP_NOT_A_PIPE, "a descriptor behind the table is not a pipe");
  check(tap.run(11, pipe.read_end(), kEvery, 1) == SLUICE_TAP_NOT_BOUND, "nothing was bound to the slot");

  check(tap.bind(11, pipe.read_end()) == SLUICE_TAP_OK, "a pipe is bound");
  start(tap, 11);
  if (pipe.fill(file, &offset, 4000) != 4000) die("fill");
  check(tap.run(11, pipe.read_end(), kEvery, 4000) == SLUICE_TAP_OK && agrees(tap, 11, bytes.data(), 4000), "a run");
  check(tap.run(11, pipe.read_end(), kEvery, 4001) == SLUICE_TAP_SHORT, "more bytes than the pipe holds");
  check(agrees(tap, 11, bytes.data(), 4000), "a run that falls short commits nothing");
  check(pipe.drain(4000) == 0 && pipe.fill(file, &offset, 10'000) == 6000, "the rest is spliced");
  check(tap.run(11, pipe.read_end(), kEvery, 6000) == SLUICE_TAP_OK && agrees(tap, 11, bytes.data(), bytes.size()),
        "a sum goes on from what was committed");
  check(pipe.drain(6000) == 0, "drained");
  check(tap.run(11, pipe.read_end(), kEvery, 1) == SLUICE_TAP_SHORT, "an empty pipe");
  tap.state(11).backend = SLUICE_BACKEND_USERSPACE;
  check(tap.run(11, pipe.read_end(), kEvery, 0) == SLUICE_TAP_FOREIGN, "a state of another backend");
  tap.state(11).backend = SLUICE_BACKEND_BPF;

  Pipe other;
  check(tap.run(11, other.read_end(), kEvery, 0) == SLUICE_TAP_NOT_BOUND, "another pipe than the one bound");
  const int copy = dup(pipe.read_end());
  dup2(other.read_end(), copy);
  check(tap.run(11, copy, kEvery, 0) == SLUICE_TAP_NOT_BOUND, "a number that means another pipe by now");
  close(copy);
  close(file);
}

}  // namespace

int main(int, char** arguments) {
  if (!arguments[1]) die("usage: tap-test FOLDER");
  const std::shared_ptr<PipeTap> tap = load(arguments[1]);
  check(bool(self_check(*tap)), "the self-check passes");
  refusals(*tap);
  large_fragments(*tap);
  many_threads(*tap);
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
