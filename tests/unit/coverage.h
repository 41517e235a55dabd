/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * coverage.h - what a process that does not exit has covered, for gcov
 *
 * gcov's counts are written at exit(), which a child that ends by _exit() or abort() never
 * gets to.  The build of scripts/coverage includes this before each source file.
 */
#ifndef TESTS_COVERAGE_H
#define TESTS_COVERAGE_H

#include <config.h>

#include <stdlib.h>
#include <unistd.h>

void __gcov_dump(void);

static inline __attribute__((noreturn)) void coverage_exit(int status)
{
    __gcov_dump();
    _exit(status);
}

static inline __attribute__((noreturn)) void coverage_abort(void)
{
    __gcov_dump();
    abort();
}

#define _exit(status) coverage_exit(status)
#define abort() coverage_abort()

#endif /* TESTS_COVERAGE_H */
