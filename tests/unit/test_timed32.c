/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* test_timed once more, as a program whose time_t has 32 bits: with the library that it is
 * linked with there, whose own has 64. */
#undef _TIME_BITS
#define _TIME_BITS 32

#include "test_timed.c"

_Static_assert(sizeof(time_t) == 4, "no header of the system was included before");
