/* SPDX-License-Identifier: Apache-2.0 */
/* What elfutils' configure would find on Linux with GCC and glibc >= 2.28; enough for libelf alone. */
#pragma once
#define HAVE_ERR_H 1
#define HAVE_ERROR_H 1
#define HAVE_DECL_MEMRCHR 1
#define HAVE_DECL_RAWMEMCHR 1
#define HAVE_DECL_POWEROF2 1
#define HAVE_DECL_MEMPCPY 1
#define HAVE_DECL_REALLOCARRAY 1
#define HAVE_DECL_STRERROR_R 1
#define HAVE_VISIBILITY 1
#define HAVE_GCC_STRUCT 1
#define HAVE_FALLTHROUGH 1
#define HAVE_STDATOMIC_H 1
#define PACKAGE_NAME "elfutils"
#include <eu-config.h>
