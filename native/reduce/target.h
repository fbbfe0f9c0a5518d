// SPDX-License-Identifier: Apache-2.0
// Compiles what stands between BEGIN and END for a CPU with the named features, without flags of
// its own for the file. Headers with inline functions of external linkage go before BEGIN: the
// linker keeps one copy of those for the whole program.
#pragma once

#define SLUICE_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define SLUICE_TARGET_BEGIN(features) \
  SLUICE_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define SLUICE_TARGET_END SLUICE_PRAGMA(clang attribute pop)
#else
#define SLUICE_TARGET_BEGIN(features) \
  SLUICE_PRAGMA(GCC push_options)     \
  SLUICE_PRAGMA(GCC target(features))
#define SLUICE_TARGET_END SLUICE_PRAGMA(GCC pop_options)
#endif
