/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* spin.h - spin for a moment before sleeping, where that pays */
#ifndef WG_SPIN_H
#define WG_SPIN_H

#include <stdbool.h>
#include <time.h>

#include "internal.h"
#include "word.h"

/* Spin until the group is idle, for some ten microseconds at most, and not beyond the
 * deadline on clock, if that is not null.  False if the group was not seen idle, or if a
 * spin would not pay.  True is the wait's acquire (wg_word_load). */
WG_INTERNAL bool wg_spin(const wg_word *word, clockid_t clock,
                         const struct timespec *deadline);

/* How much more often the spins of the process have succeeded than failed recently.  Below
 * 0, how many waits still are to do without.  Atomic.  Declared here for the tests. */
WG_INTERNAL_OBJECT int wg_spin_credit;

#endif /* WG_SPIN_H */
