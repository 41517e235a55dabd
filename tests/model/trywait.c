/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * wg_trywait() against a task, and against a waiter that is known to be parked: if it
 * returns 0, the group is freed at once.
 *
 * Catches: wg_trywait() that returns 0 on a counter of 0 and leaves a waiter queued, or
 * its load without acquire.
 */
// flags:
// flags: -DTASKS=3
// flags: -DPARKED
// flags: -DPARKED -DTASKS=2 -DALIGN=4
// flags: -DPARKED -DTASKS=2 -DSPIN
// flags: -DPARKED -DTASKS=3
// flags: -DPARKED -DCLOSED
#define attempt(wg) wg_trywait(wg)
#include "try_frees.h"
