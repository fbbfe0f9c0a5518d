// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace sluice {

// JavaScript may hand over anything. Each of these gives an argument as C++ has it, or throws ERR_SLUICE_OPTION.
// `name` begins the sentence: "The path".

// Without NUL: the system would take what stands before it for the whole.
std::string text_of(const Napi::Value& value, const std::string& name);
bool flag_of(const Napi::Value& value, const std::string& name);
// The numbers that arrive as they are.
uint32_t word_of(const Napi::Value& value, const std::string& name);
int64_t integer_of(const Napi::Value& value, const std::string& name);
uint64_t bigint_of(const Napi::Value& value, const std::string& name);
// Valid until JavaScript runs again, which may detach them.
std::span<const uint8_t> bytes_of(const Napi::Value& value, const std::string& name);
// What a getter throws is misuse too.
Napi::Value member_of(const Napi::Object& object, const char* name);
Napi::Object object_of(const Napi::Value& value, const std::string& name);
Napi::Function function_of(const Napi::Value& value, const std::string& name);

// The error for a value that is not `expected`. lib/libbpf/refusal.ts makes it.
Napi::Error misuse(const Napi::Value& value, const std::string& name, const std::string& expected);

}  // namespace sluice
