// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/arguments.h"

#include <cmath>
#include <limits>

#include "native/runtime/environment.h"

namespace sluice {
namespace {

constexpr double kSafe = 9007199254740991;  // Number.MAX_SAFE_INTEGER

double whole_of(const Napi::Value& value, const std::string& name, double min, double max) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (std::trunc(number) == number && number >= min && number <= max) return number;
  throw misuse(value, name,
               "a whole number from " + std::to_string(static_cast<int64_t>(min)) + " to " +
                   std::to_string(static_cast<int64_t>(max)));
}

}  // namespace

std::string text_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsString()) throw misuse(value, name, "a string");
  std::string text = value.As<Napi::String>();
  if (text.find('\0') != std::string::npos) throw misuse(value, name, "a string without NUL");
  return text;
}

bool flag_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsBoolean()) throw misuse(value, name, "a boolean");
  return value.As<Napi::Boolean>();
}

uint32_t word_of(const Napi::Value& value, const std::string& name) {
  return static_cast<uint32_t>(whole_of(value, name, 0, std::numeric_limits<uint32_t>::max()));
}

int64_t integer_of(const Napi::Value& value, const std::string& name) {
  return static_cast<int64_t>(whole_of(value, name, -kSafe, kSafe));
}

uint64_t bigint_of(const Napi::Value& value, const std::string& name) {
  bool lossless = false;
  const uint64_t word = value.IsBigInt() ? value.As<Napi::BigInt>().Uint64Value(&lossless) : 0;
  if (!lossless) throw misuse(value, name, "a bigint of 64 bits");
  return word;
}

std::span<const uint8_t> bytes_of(const Napi::Value& value, const std::string& name) {
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    const auto bytes = value.As<Napi::Uint8Array>();
    return {bytes.Data(), bytes.ByteLength()};
  }
  throw misuse(value, name, "a Uint8Array");
}

Napi::Value member_of(const Napi::Object& object, const char* name) {
  try {
    return object.Get(name);
  } catch (const Napi::Error&) {
    throw misuse(object, name, "to be read from an object that lets itself be read");
  }
}

Napi::Object object_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsObject()) throw misuse(value, name, "an object");
  return value.As<Napi::Object>();
}

Napi::Function function_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsFunction()) throw misuse(value, name, "a function");
  return value.As<Napi::Function>();
}

Napi::Error misuse(const Napi::Value& value, const std::string& name, const std::string& expected) {
  const Napi::Env env = value.Env();
  const Napi::Value made =
      Environment::of(env).bpf_misuse.Call({Napi::String::New(env, name + " is " + expected), value});
  return Napi::Error(env, made);
}

}  // namespace sluice
