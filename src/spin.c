/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * spin.c - spin for a moment before sleeping, where that pays
 *
 * A thread that sleeps and is woken loses some ten microseconds.  One that is awake when
 * the last task ends loses none.  So it is worth while to look for about as long as
 * sleeping would cost.  If the wait is over by then, that was cheaper; if not, the wait
 * costs at most twice as much (competitive spinning, Karlin et al. 1991).  But spinning
 * takes a processor, perhaps the one that the last task needs.  So nobody spins
 *
 *   - for longer than that by the clock: how long a pause takes differs by processor;
 *   - beyond its deadline;
 *   - while another thread sleeps on the group: later waiters have less to win;
 *   - where it has failed more often than not recently (a credit, as in adaptive mutexes).
 *     That is so with a single processor, with threads that are bound to one, with more
 *     threads than processors, and with long tasks.  None of them has to be recognized.
 *
 * A spinning thread does not call sched_yield().  That would leave the processor to any
 * thread that wants it, perhaps of another program, for as long as the system lets it run,
 * often for milliseconds.
 */
#include <config.h>

#include "spin.h"

#include <stdint.h>

#include "annotate.h"
#include "clock.h"
#include "cpu.h"

#define SPIN_NS 12000

/* Each look takes the word from the processors that finish tasks, so there are pauses
 * between.  To read the clock takes longer than a short wait lasts. */
#define PAUSES_FOR_A_LOOK 8
#define LOOKS_FOR_A_CLOCK 8

/* The most credit that successes give; and how many waits do not spin once all is lost,
 * before one tries again. */
#define CREDIT 16
#define WAITS_WITHOUT 64

WG_INTERNAL int wg_spin_credit = CREDIT;

/* Look until the group is idle, the time is over, or another thread sleeps. */
static bool look(const wg_word *word, clockid_t clock, const struct timespec *deadline)
{
    struct timespec end = {0, 0};
    for (int looks = 1;; looks++) {
        uint64_t s = wg_word_load(word);
        if (wg_word_idle(s))
            return true;
        if (wg_word_waiters(s) != 0)
            return false;
        for (int i = 0; i < PAUSES_FOR_A_LOOK; i++)
            wg_cpu_pause();

        if (looks % LOOKS_FOR_A_CLOCK != 0)
            continue;
        if (looks == LOOKS_FOR_A_CLOCK)
            end = wg_from_now((struct timespec){0, SPIN_NS});
        /* The wall clock may be set back, so a deadline on it is not enough. */
        if (wg_is_past(CLOCK_MONOTONIC, &end) ||
            (deadline != NULL && wg_is_past(clock, deadline)))
            return false;
    }
}

bool wg_spin(const wg_word *word, clockid_t clock, const struct timespec *deadline)
{
    uint64_t s = wg_word_load(word);
    if (wg_word_idle(s))
        return true;
    /* Valgrind runs one thread at a time, and Helgrind does not know atomics. */
    if (wg_word_waiters(s) != 0 || wg_detector_at_work)
        return false;

    /* Relaxed, and not in one step: the credit is a guess. */
    int credit = __atomic_load_n(&wg_spin_credit, __ATOMIC_RELAXED);
    if (credit < 0) {
        __atomic_store_n(&wg_spin_credit, credit + 1, __ATOMIC_RELAXED);
        return false;
    }
    if (deadline != NULL && wg_is_past(clock, deadline))
        return false;
    bool over = look(word, clock, deadline);
    if (over && credit == CREDIT)
        return true; /* the usual case: nothing to write */
    credit = over ? credit + 1 : credit > 0 ? credit - 1 : -WAITS_WITHOUT;
    __atomic_store_n(&wg_spin_credit, credit, __ATOMIC_RELAXED);
    return over;
}
