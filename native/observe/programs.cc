// SPDX-License-Identifier: Apache-2.0
#include "native/observe/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "native/reduce/state.h"

namespace sluice {
namespace {

UniqueFd duplicate(int fd) { return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

// Runs a SYSCALL program on its context.
template <typename Context>
bool run(const UniqueFd& program, Context& context) {
  LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &context, .ctx_size_in = sizeof(context));
  return bpf_prog_test_run_opts(program.get(), &options) == 0 && options.retval == 0;
}

int take_one(void* self, void* data, size_t size) {
  if (size >= sizeof(ObserveNote))
    (*static_cast<std::function<void(const ObserveNote&)>*>(self))(*static_cast<const ObserveNote*>(data));
  return 0;
}

}  // namespace

void ObservePrograms::Free::operator()(ring_buffer* buffer) const { ring_buffer__free(buffer); }

Result<std::unique_ptr<ObservePrograms>> ObservePrograms::create(const Descriptors& from,
                                                                 std::function<void(const ObserveNote&)> take) {
  auto made = std::make_unique<ObservePrograms>();
  made->finish_ = duplicate(from.finish);
  made->control_ = duplicate(from.control);
  made->notes_ = duplicate(from.notes);
  made->sums_ = duplicate(from.sums);
  made->method_ = from.method;
  if (!made->finish_ || !made->control_ || !made->notes_ || !made->sums_) return system_failure(errno, "dup");
  for (const int hook : from.hooks) made->hooks_.push_back(duplicate(hook));
  made->take_ = std::move(take);
  made->ring_.reset(ring_buffer__new(made->notes_.get(), take_one, &made->take_, nullptr));
  if (!made->ring_) return system_failure(errno, "mmap");
  return made;
}

int ObservePrograms::fd() const { return ring_buffer__epoll_fd(ring_.get()); }

bool ObservePrograms::consume() {
  // There is no room only while notes wait.
  return ring_buffer__consume(ring_.get()) == 0 || control(SLUICE_CONTROL_UNTOLD).untold == 0;
}

ObserveView ObservePrograms::ask(int fd, uint32_t flags, uint64_t sequence) const {
  constexpr int kTries = 3;  // a program that is at work is soon done
  ObserveView view{};
  for (int i = 0; i < kTries; ++i) {
    view = {.fd = fd, .flags = flags, .sequence = sequence};
    if (!run(finish_, view)) view.found = SLUICE_FOUND_NOTHING;
    if (view.found != SLUICE_FOUND_BUSY) break;
  }
  return view;
}

std::optional<Values> ObservePrograms::sums() const {
  const uint32_t zero = 0;
  // Values of such maps are as long as a multiple of eight bytes.
  std::vector<uint64_t> space(sizeof(sluice_state) / sizeof(uint64_t) + 1);
  if (bpf_map_lookup_elem(sums_.get(), &zero, space.data()) != 0) return std::nullopt;
  const auto& state = *reinterpret_cast<const sluice_state*>(space.data());
  Values values{};
  for (const Reduction& each : reductions())
    values[static_cast<size_t>(each.algorithm)] = finished_value(state, each.algorithm);
  return values;
}

void ObservePrograms::moved() const { control(SLUICE_CONTROL_MOVED); }

void ObservePrograms::look_for_misses() {
  uint64_t misses = 0;
  for (const UniqueFd& hook : hooks_) {
    bpf_prog_info info{};
    uint32_t length = sizeof(info);
    if (bpf_prog_get_info_by_fd(hook.get(), &info, &length) == 0) misses += info.recursion_misses;
  }
  if (std::exchange(misses_, misses) != misses) control(SLUICE_CONTROL_MISSED);
}

sluice_observe_control ObservePrograms::control(uint32_t command) const {
  sluice_observe_control context{.command = command};
  run(control_, context);
  return context;
}

}  // namespace sluice
