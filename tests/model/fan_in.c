/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Tasks report to a waiter, which sees their work and frees the group at once.
 *
 * Catches: wg_word_add() without release, wg_word_load() without acquire, an addition that
 * does not end the round.
 */
// flags: -DTASKS=2
// flags: -DTASKS=3 -DALIGN=4
// flags: -DTASKS=4
// flags: -DTASKS=4 -DSPIN
// flags: -DTASKS=2 -DCLOSED
#include "platform.h"

int main(void)
{
    pthread_t tasks[TASKS];
    wg = group(TASKS);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    wait_and_see(TASKS);
    dispose(wg);
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
    check_disposed(wg);
}
