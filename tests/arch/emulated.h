/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * emulated.h - what the tests must not expect of qemu's user mode emulation
 *
 * The build of scripts/check-arch includes this before each source file.
 */
#ifndef TESTS_EMULATED_H
#define TESTS_EMULATED_H

/* Emulated code is slower, and what the longer tests are long for, the order of accesses to
 * memory, is this machine's anyway. */
#define SLOWER 16

/* The memory that the system tells of is the emulator's, which keeps up to 150 KiB of each
 * thread that has ended. */
#define MOST_KIB INT32_MAX

/* Where several threads were there at a fork, it breaks off when the child starts one: with
 * the child of a sanitizer it is much the same. */
#define THREADS_IN_CHILD false
#define SANITIZED true

/* A process that ends by a signal gets a line of the emulator's on its standard error. */
#define LAST_WORDS "qemu: uncaught target signal"

#endif /* TESTS_EMULATED_H */
