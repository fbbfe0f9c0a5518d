// SPDX-License-Identifier: Apache-2.0
#include "native/observe/setter/attribute_setter.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "native/observe/setter/protocol.h"
#include "native/observe/setter/spawn.h"

namespace sluice {
namespace {

static_assert(SETTER_NAMES * (sizeof(setter_change) + SETTER_VALUE) <= SETTER_REQUEST, "a file's changes fit");

// Of a request that failed, or that got no answer, the process is not there any more.
[[noreturn]] void give_up() { throw Failure{FailureKind::no_setter}; }

Failure failure_of(const setter_result& result, std::string name) {
  Failure failure = system_failure(result.error, result.removal ? "fremovexattr" : "fsetxattr", Subject::attribute);
  failure.detail = std::move(name);
  return failure;
}

void send_with(int socket, std::span<const uint8_t> request, std::span<const int> files) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * SETTER_FILES)] = {};
  iovec bytes{.iov_base = const_cast<uint8_t*>(request.data()), .iov_len = request.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(files.size_bytes());
  cmsghdr* const sent = CMSG_FIRSTHDR(&message);
  sent->cmsg_level = SOL_SOCKET;
  sent->cmsg_type = SCM_RIGHTS;
  sent->cmsg_len = CMSG_LEN(files.size_bytes());
  memcpy(CMSG_DATA(sent), files.data(), files.size_bytes());
  if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) give_up();
}

bool receive(int socket, std::span<setter_result> results) {
  return recv(socket, results.data(), results.size_bytes(), 0) == static_cast<ssize_t>(results.size_bytes());
}

}  // namespace

Result<std::unique_ptr<AttributeSetter>> AttributeSetter::start(const std::string& program,
                                                                std::vector<std::string> names) {
  int ends[2];
  if (names.size() > SETTER_NAMES) return Failure{.kind = FailureKind::limit, .detail = "too many attributes"};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return system_failure(errno, "socketpair");
  UniqueFd ours(ends[0]), theirs(ends[1]);
  const Result<pid_t> process = spawn_setter(program, names, theirs.get());
  if (!process) return process.failure();
  theirs.reset();
  std::unique_ptr<AttributeSetter> made(new AttributeSetter(std::move(ours), *process, std::move(names)));
  setter_result ready;
  if (!receive(made->socket_.get(), {&ready, 1})) return Failure{FailureKind::no_setter};
  return made;
}

AttributeSetter::~AttributeSetter() {
  socket_.reset();
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void AttributeSetter::run(std::span<Task> tasks) {
  for (size_t begin = 0; begin < tasks.size();) {
    request_.clear();
    size_t count = 0;
    while (count < SETTER_FILES && begin + count < tasks.size() && add(count, tasks[begin + count])) ++count;
    send(tasks.subspan(begin, count));
    begin += count;
  }
}

bool AttributeSetter::add(uint8_t file, Task& task) {
  const size_t before = request_.size();
  if (task.changes.size() > SETTER_NAMES) {
    task.done = Failure{.kind = FailureKind::limit, .detail = "too many attributes"};
    return true;
  }
  for (const auto& [name, value] : task.changes) {
    const auto found = std::ranges::find(names_, name);
    const size_t length = value ? value->size() : 0;
    if (found == names_.end() || length > SETTER_VALUE) {
      request_.resize(before);
      task.done = failure_of({.error = EINVAL, .name = 0, .removal = !value, .unused = {}}, name);
      return true;
    }
    const setter_change change{file, static_cast<uint8_t>(found - names_.begin()),
                               value ? static_cast<uint16_t>(length) : static_cast<uint16_t>(SETTER_REMOVE)};
    const auto* const header = reinterpret_cast<const uint8_t*>(&change);
    request_.insert(request_.end(), header, header + sizeof(change));
    if (value) request_.insert(request_.end(), value->begin(), value->end());
  }
  if (request_.size() <= SETTER_REQUEST) return true;
  request_.resize(before);
  return false;
}

void AttributeSetter::send(std::span<Task> tasks) {
  if (request_.empty()) return;
  std::vector<int> files;
  for (const Task& task : tasks) files.push_back(task.fd);
  send_with(socket_.get(), request_, files);
  std::vector<setter_result> results(tasks.size());
  if (!receive(socket_.get(), results)) give_up();
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (results[i].error != 0) tasks[i].done = failure_of(results[i], names_.at(results[i].name));
  }
}

Result<bool> AttributeSetter::remove(int fd, const std::vector<std::string>& names) {
  Task task{fd, {}};
  for (const std::string& name : names) {
    if (fgetxattr(fd, name.c_str(), nullptr, 0) >= 0) task.changes.emplace_back(name, std::nullopt);
  }
  if (task.changes.empty()) return false;
  run({&task, 1});
  if (!task.done) return task.done.failure();
  return true;
}

}  // namespace sluice
