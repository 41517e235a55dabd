/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The waiter that returns first frees the group, while others are known to be parked, and
 * not known to have been released.
 *
 * Catches: a wait that returns on a counter of 0 with waiters left (rule 4), early or
 * under the lock; wg_word_end_round() without release.
 */
// flags: -DPARKED=1 -DTASKS=1
// flags: -DPARKED=1 -DTASKS=1 -DALIGN=4
// flags: -DPARKED=1 -DTASKS=1 -DSPIN
// flags: -DPARKED=2 -DTASKS=2 -DALIGN=4
// flags: -DPARKED=2 -DTASKS=2
// flags: -DPARKED=2 -DTASKS=3 -DSPIN
// flags: -DPARKED=3 -DTASKS=2
// flags: -DPARKED=2 -DTASKS=2 -DCLOSED
// full: -DPARKED=3 -DTASKS=3
// full: -DPARKED=4 -DTASKS=1
#include "platform.h"

int main(void)
{
    pthread_t parked[PARKED], tasks[TASKS];
    wg = group(TASKS);
    for (int i = 0; i < PARKED; i++)
        parked[i] = start(waiter, i);
    await_parked(wg, PARKED);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    wait_and_see(TASKS);
    dispose(wg);
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
    for (int i = 0; i < PARKED; i++)
        end(parked[i]);
    check_disposed(wg);
}
