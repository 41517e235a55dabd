/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* spin.h - wait awake for a moment, where that pays */
#ifndef WG_SPIN_H
#define WG_SPIN_H

#include <stdbool.h>
#include <time.h>

#include "word.h"

/* Wait until the group is idle, for some ten microseconds at most, and no longer than until the
 * deadline on clock if it is not null.  False if it was not seen so, or not worth while
 * to look.  True is the wait's acquire (wg_word_load). */
bool wg_spin(const wg_word *word, clockid_t clock, const struct timespec *deadline);

/* By how much the spins of the process have succeeded more often than failed of late; below 0,
 * how many waits are to go without.  Atomic.  Here for the tests. */
extern int wg_spin_credit;

#endif /* WG_SPIN_H */
