/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* limit.c - the least that a call of a shared library can do */
#include "limit.h"

int limit_nothing(uint64_t *word, int argument)
{
    (void)word;
    (void)argument;
    return 0;
}
