/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A group is closed, by two threads at a time with -DCLOSERS=2, while some try to add a
 * task, and others finish theirs; some wait, and one of them may give up (-DHASTY).  When a
 * wait that began after the close has returned 0, nobody is in and nobody will come: the
 * word stays what it is, the work of all tasks that have been added is seen, and no other
 * task ever runs.  Whoever is refused sees what came before the close.
 *
 * Catches: an addition that finds out only afterwards that the group is closed; one that
 * does not see why; a close that is not the step in which the closing thread's work
 * becomes visible.
 */
// flags: -DTASKS=0
// flags: -DTRIERS=1
// flags: -DTRIERS=1 -DALIGN=4
// flags: -DTRIERS=1 -DSPIN
// flags: -DTRIERS=2 -DTASKS=0
// flags: -DTRIERS=2 -DTASKS=0 -DALIGN=4
// flags: -DTRIERS=2
// flags: -DTRIERS=1 -DTASKS=0 -DCLOSERS=2
// flags: -DTRIERS=1 -DCLOSERS=2
// flags: -DTRIERS=1 -DTASKS=0 -DWAITERS=1
// flags: -DTRIERS=1 -DTASKS=0 -DHASTY
// flags: -DTRIERS=1 -DTASKS=0 -DHASTY -DGIVE_UP=BY_CANCELLATION
// flags: -DHASTY -DGIVE_UP=BY_BOTH
// flags: -DWAITERS=2
// full: -DWAITERS=1 -DHASTY -DGIVE_UP=BY_BOTH
// full: -DTRIERS=1 -DWAITERS=1
// full: -DTRIERS=1 -DHASTY
// full: -DTRIERS=3 -DTASKS=0
#include "platform.h"

#ifndef TASKS
#    define TASKS 1
#endif
#ifndef TRIERS
#    define TRIERS 0
#endif
#ifndef CLOSERS
#    define CLOSERS 1
#endif
#ifndef WAITERS
#    define WAITERS 0
#endif

#define ALL_TASKS (TASKS + TRIERS)

static int before_close;

static void *trier(void *number)
{
    int result = wg_tryadd(wg, 1);
    if (result == 0)
        return doner(number);
    assert(result == ECANCELED);
    assert(__atomic_load_n(&before_close, __ATOMIC_RELAXED) == 1);
    return NULL;
}

static void *closer(void *unused)
{
    (void)unused;
    __atomic_store_n(&before_close, 1, __ATOMIC_RELAXED);
    int result = wg_close(wg);
    assert(result == 0 || result == WG_DRAINED);
    return NULL;
}

int main(void)
{
    pthread_t threads[ALL_TASKS + CLOSERS + WAITERS + 1];
    int started = 0;
    wg = group(TASKS);
    for (int i = 0; i < ALL_TASKS; i++)
        threads[started++] = start(i < TASKS ? doner : trier, i);
    for (int i = 1; i < CLOSERS; i++)
        threads[started++] = start(closer, 0);
    for (int i = 0; i < WAITERS; i++)
        threads[started++] = start(waiter, 0);
#ifdef HASTY
    threads[started++] = start(hasty_waiter, 0);
#endif
    closer(NULL);
    wait_and_see(TASKS);
    assert(word(wg) == WG_CLOSED);
    int seen[ALL_TASKS + 1];
    for (int i = 0; i < ALL_TASKS; i++)
        seen[i] = payload[i];
    for (int i = 0; i < started; i++)
        end(threads[i]);
    for (int i = 0; i < ALL_TASKS; i++)
        assert(payload[i] == seen[i]);
    assert(word(wg) == WG_CLOSED);
    dispose(wg);
}
