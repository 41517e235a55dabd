/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * One round after the other, opened as soon as a wait has returned.  A second waiter of the
 * first round is anywhere: not parked yet, parked, released, or waiting in a later round.
 *
 * Catches: reached_0() without asking whether anybody is queued.
 */
// flags: -DROUNDS=2
// flags: -DROUNDS=2 -DSPIN
// flags: -DROUNDS=3 -DALIGN=4
// flags: -DROUNDS=4
// full: -DROUNDS=3 -DSPIN
#include "platform.h"

int main(void)
{
    pthread_t tasks[ROUNDS], straggler;
    wg = group(0);
    for (int i = 0; i < ROUNDS; i++) {
        wg_add(wg, 1);
        tasks[i] = start(doner, i);
        if (i == 0)
            straggler = start(waiter, 0);
        wait_and_see(i + 1);
    }
    end(straggler);
    dispose(wg);
    for (int i = 0; i < ROUNDS; i++)
        end(tasks[i]);
    check_disposed(wg);
}
