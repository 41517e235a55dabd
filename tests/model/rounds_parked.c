/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A waiter known to be parked in the first round returns, though the second is open by
 * then and is not over before.
 *
 * Catches: a wait that returns on a counter of 0 and leaves the others to an end that
 * comes too late for them.
 */
// flags:
// flags: -DALIGN=4
// flags: -DPARKED=2 -DALIGN=4
// flags: -DPARKED=2 -DSPIN
// flags: -DPARKED=3
#include "platform.h"

#ifndef PARKED
#    define PARKED 1
#endif

int main(void)
{
    pthread_t parked[PARKED];
    wg = group(1);
    for (int i = 0; i < PARKED; i++)
        parked[i] = start(waiter, 0);
    await_parked(wg, PARKED);
    pthread_t first = start(doner, 0);
    wait_and_see(1);
    wg_add(wg, 1);
    for (int i = 0; i < PARKED; i++)
        end(parked[i]);
    pthread_t second = start(doner, 1);
    wait_and_see(2);
    dispose(wg);
    end(first);
    end(second);
    check_disposed(wg);
}
