/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A waiter known to be parked in the first round returns, though the second is open by
 * then and is not over before.
 *
 * Catches: a wait that returns on a counter of 0 and leaves the others to a close that
 * comes too late for them.
 */
// flags:
// flags: -DALIGN=4
// flags: -DSPIN
#include "platform.h"

int main(void)
{
    wg = group(1);
    pthread_t parked = start(waiter, 0);
    await_parked(wg, 1);
    pthread_t first = start(doner, 0);
    wait_and_see(1);
    wg_add(wg, 1);
    end(parked);
    pthread_t second = start(doner, 1);
    wait_and_see(2);
    dispose(wg);
    end(first);
    end(second);
    check_disposed(wg);
}
