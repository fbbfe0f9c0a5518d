// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "check.h"

// The constants of polynomial.h, against division and multiplication of coefficient lists.
void test_derivation(Checks& checks, std::mt19937_64& random);
