/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Two waiters, of which nothing is known: the last of them to return frees the group.  A
 * task is still on its way into reached_0() then.
 *
 * Catches: reached_0() without asking whether anybody is queued.
 */
// flags: -DTASKS=1
// flags: -DTASKS=2
// flags: -DTASKS=2 -DSPIN
// flags: -DTASKS=3 -DALIGN=4
// flags: -DTASKS=4
// flags: -DWAITERS=3 -DTASKS=1 -DSPIN
// flags: -DTASKS=2 -DCLOSED
// full: -DWAITERS=3 -DTASKS=2
// full: -DTASKS=3 -DSPIN
// full: -DWAITERS=4 -DTASKS=1
#include "platform.h"

#ifndef WAITERS
#    define WAITERS 2
#endif

static int waiting = WAITERS;

static void *wait_and_free(void *unused)
{
    (void)unused;
    wait_and_see(TASKS);
    if (__atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQ_REL) == 0)
        dispose(wg);
    return NULL;
}

int main(void)
{
    pthread_t tasks[TASKS], others[WAITERS - 1];
    wg = group(TASKS);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    for (int i = 0; i < WAITERS - 1; i++)
        others[i] = start(wait_and_free, 0);
    wait_and_free(NULL);
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
    for (int i = 0; i < WAITERS - 1; i++)
        end(others[i]);
    check_disposed(wg);
}
