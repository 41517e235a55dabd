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

uint64_t limit_load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
