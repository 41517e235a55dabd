/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * wg_destroy() against the last task, and against a waiter that is known to be parked: if
 * it returns 0, the task's work is seen, and the group freed at once.
 *
 * Catches: wg_word_destroy() without acquire.
 */
// flags:
// flags: -DALIGN=4
// flags: -DTASKS=3
// flags: -DPARKED
// flags: -DPARKED -DTASKS=2 -DALIGN=4
// flags: -DPARKED -DTASKS=3
// flags: -DPARKED -DCLOSED
#define attempt(wg) wg_destroy(wg)
#include "try_frees.h"
