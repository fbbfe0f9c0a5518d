// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/failure.h"

#include <cerrno>
#include <exception>
#include <new>
#include <system_error>

namespace sluice {

using enum FailureKind;

Failure thrown_failure() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure;
  } catch (const std::bad_alloc&) {
    return {.kind = limit, .error = ENOMEM, .detail = "memory"};
  } catch (const std::system_error& error) {
    return {.kind = limit, .error = error.code().value(), .detail = error.what()};  // a thread, of the standard library
  } catch (const std::exception& error) {
    return {.kind = io, .detail = error.what()};
  } catch (...) {
    return {.kind = io, .detail = "an unknown exception"};
  }
}

}  // namespace sluice
