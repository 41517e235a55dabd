/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Two waiters give up, in either order, against the task, and a third that waits.
 *
 * Catches: wg_lot_leave() that does not close the ring again around the one that leaves.
 */
// flags: -DSEQUEL=0 -DALIGN=4
// flags: -DSEQUEL=0 -DGIVE_UP=BY_CANCELLATION
// flags: -DSEQUEL=0 -DGIVE_UP=BY_BOTH
// flags: -DSEQUEL=1
#include "platform.h"

int main(void)
{
    wg = group(1);
    pthread_t task = start(doner, 0);
    pthread_t first = start(hasty_waiter, 0);
    pthread_t second = start(hasty_waiter, 0);
    wait_and_see(1);
    end(first);
    end(second);
    assert(word(wg) == 0);
#if SEQUEL
    wg_add(wg, 1);
    pthread_t next = start(doner, 1);
    wait_and_see(2);
    end(next);
#endif
    dispose(wg);
    end(task);
    check_disposed(wg);
}
