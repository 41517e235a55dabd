/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Tasks that ask whether they were the last.  In each round exactly one is told, and it has
 * seen the work of the others.  If nobody waits it frees the group at once, or begins the
 * next round (-DROUNDS=2); if somebody does, the waiter frees it, while a task may still be
 * inside its call.
 *
 * Catches: a last task that does not see what the others have done, or that decides
 * afterwards, by another look at the word, whether it was; one that does not end the round.
 */
// flags: -DTASKS=2
// flags: -DTASKS=2 -DALIGN=4
// flags: -DTASKS=3
// flags: -DTASKS=4
// flags: -DTASKS=2 -DROUNDS=2
// flags: -DTASKS=2 -DROUNDS=2 -DALIGN=4
// flags: -DTASKS=1 -DWAITER
// flags: -DTASKS=2 -DWAITER
// flags: -DTASKS=2 -DWAITER -DALIGN=4
// flags: -DTASKS=2 -DWAITER -DSPIN
// flags: -DTASKS=3 -DWAITER
// flags: -DTASKS=1 -DWAITER -DPARKED
// flags: -DTASKS=2 -DWAITER -DPARKED
// flags: -DTASKS=2 -DWAITER -DPARKED -DALIGN=4
#include "platform.h"

#ifndef ROUNDS
#    define ROUNDS 1
#endif

static pthread_t tasks[ROUNDS * TASKS];
static int lasts;

static void *last_doner(void *number);

/* The group has their tasks already. */
static void start_tasks(int round)
{
    for (int i = round * TASKS; i < (round + 1) * TASKS; i++)
        tasks[i] = start(last_doner, i);
}

static void *last_doner(void *number)
{
    payload[(intptr_t)number] = 1;
    int result = wg_done_last(wg);
    assert(result == 0 || result == WG_LAST);
    if (result == 0)
        return NULL;
    int round = 1 + __atomic_fetch_add(&lasts, 1, __ATOMIC_RELAXED);
    assert_payload(round * TASKS);
    if (round < ROUNDS) {
        wg_add(wg, TASKS);
        start_tasks(round);
    } else {
#ifndef WAITER
        dispose(wg);
#endif
    }
    return NULL;
}

int main(void)
{
    wg = group(TASKS);
#ifdef PARKED
    pthread_t parked = start(waiter, 0);
    await_parked(wg, 1);
#endif
    start_tasks(0);
#ifdef WAITER
    wait_and_see(TASKS);
    dispose(wg);
#endif
    for (int i = 0; i < ROUNDS * TASKS; i++)
        end(tasks[i]);
#ifdef PARKED
    end(parked);
#endif
    assert(lasts == ROUNDS);
    check_disposed(wg);
}
