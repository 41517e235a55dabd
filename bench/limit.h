/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* limit.h - the least that a call of a shared library can do */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int limit_nothing(uint64_t *word, int argument);
uint64_t limit_load(const uint64_t *word);

#ifdef __cplusplus
}
#endif

#endif /* BENCH_LIMIT_H */
