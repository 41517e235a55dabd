/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Two waiters, of which nothing is known: the last of them to return frees the group.  A
 * task is still on its way into close_round() then.
 *
 * Catches: close_round() without asking whether anybody is queued.
 */
// flags: -DTASKS=1
// flags: -DTASKS=2
// flags: -DTASKS=2 -DALIGN=4
// full: -DTASKS=2 -DSPIN
// full: -DTASKS=3
#include "platform.h"

static int waiting = 2;

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
    pthread_t tasks[TASKS];
    wg = group(TASKS);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    pthread_t second = start(wait_and_free, 0);
    wait_and_free(NULL);
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
    end(second);
    check_disposed(wg);
}
