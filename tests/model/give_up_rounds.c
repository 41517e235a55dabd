/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A waiter gives up that has been taken by the end of its round, and finds the waiters
 * of the next round queued for the same group.
 *
 * Catches: wg_lot_leave() that does not look at the tickets.
 */
// flags:
// flags: -DALIGN=4
// flags: -DSPIN
// flags: -DGIVE_UP=BY_CANCELLATION
// flags: -DGIVE_UP=BY_BOTH
#define COUNT_PARKED
#include "platform.h"

int main(void)
{
    wg = group(1);
    pthread_t hasty = start(hasty_waiter, 0);
    await_ever_parked(1);
    pthread_t first = start(doner, 0);
    wait_and_see(1);
    wg_add(wg, 1);
    pthread_t second = start(doner, 1);
    wait_and_see(2);
    end(first);
    end(second);
    end(hasty);
    assert(word(wg) == 0);
    dispose(wg);
}
