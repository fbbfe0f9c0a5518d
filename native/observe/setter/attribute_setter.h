// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// An attribute and its new value, or none to remove it.
using AttributeChange = std::pair<std::string, std::optional<std::vector<uint8_t>>>;

// A process that sets attributes (setter.c), so that this one need not hold CAP_DAC_OVERRIDE. It ends with this.
// Used on one thread at a time.
class AttributeSetter {
 public:
  struct Task {
    int fd;  // open for reading
    std::vector<AttributeChange> changes;
    Result<> done = {};  // of the first change that failed; those after it were not made
  };

  // `names` are those that it can set. What this thread holds of CAP_DAC_OVERRIDE the process holds, too.
  static Result<std::unique_ptr<AttributeSetter>> start(const std::string& program, std::vector<std::string> names);
  AttributeSetter(const AttributeSetter&) = delete;
  AttributeSetter& operator=(const AttributeSetter&) = delete;
  ~AttributeSetter();

  // Becomes readable when the process has ended.
  int fd() const { return socket_.get(); }
  // Throws FailureKind::no_setter when the process has ended.
  void run(std::span<Task> tasks);
  // Removes those of the names that the file has. True: there were some.
  Result<bool> remove(int fd, const std::vector<std::string>& names);

 private:
  AttributeSetter(UniqueFd socket, pid_t process, std::vector<std::string> names)
      : socket_(std::move(socket)), process_(process), names_(std::move(names)) {}

  // Adds what is to be done with the file that is sent as the `file`th. False: there is no room for it.
  bool add(uint8_t file, Task& task);
  void send(std::span<Task> tasks);

  UniqueFd socket_;
  const pid_t process_;
  const std::vector<std::string> names_;
  std::vector<uint8_t> request_;
};

}  // namespace sluice
