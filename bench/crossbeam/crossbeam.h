/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* crossbeam.h - what lib.rs defines */
#ifndef BENCH_CROSSBEAM_H
#define BENCH_CROSSBEAM_H

extern "C" {
void *crossbeam_new(void);
void crossbeam_clone(void *handle);
void crossbeam_drop(void *handle);
void crossbeam_wait(void *handle);
}

#endif /* BENCH_CROSSBEAM_H */
