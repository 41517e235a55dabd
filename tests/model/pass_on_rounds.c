/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The next round begins, and ends, while the release of the last one is still being passed
 * on, and one of the waiters gives up.
 *
 * Catches: a close that forgets those who are yet to be woken; wg_lot_dequeue() that does
 * not look at the tickets; a release that is not passed on.
 */
// flags: -DWG_LOT_BATCH=1
// flags: -DWG_LOT_BATCH=1 -DGIVE_UP=BY_BOTH -DALIGN=4
// flags: -DWG_LOT_BATCH=1 -DHASTY_LAST
// flags: -DWG_LOT_BATCH=1 -DHASTY_LAST -DGIVE_UP=BY_CANCELLATION
// flags: -DWG_LOT_BATCH=2
#define COUNT_PARKED
#include "platform.h"

#ifdef HASTY_LAST
/* Two waiters, the second gives up, and may meet the one of the next round in the queue. */
int main(void)
{
    wg = group(1);
    pthread_t patient = start(waiter, 0);
    await_ever_parked(1);
    pthread_t hasty = start(hasty_waiter, 0);
    await_ever_parked(2);
    wg_done(wg);
    wg_add(wg, 1);
    pthread_t task = start(doner, 0);
    wait_and_see(1);
    end(patient);
    end(hasty);
    end(task);
    assert(word(wg) == 0);
    dispose(wg);
}
#else
/* Three waiters, the second gives up; then the next round's one is taken. */
int main(void)
{
    wg = group(1);
    pthread_t first = start(waiter, 0);
    await_ever_parked(1);
    pthread_t hasty = start(hasty_waiter, 0);
    await_ever_parked(2);
    pthread_t third = start(waiter, 0);
    await_ever_parked(3);
    wg_done(wg);
    wg_add(wg, 1);
    pthread_t next = start(waiter, 0);
    await_ever_parked(4);
    wg_done(wg);
    end(first);
    end(hasty);
    end(third);
    end(next);
    assert(word(wg) == 0);
    dispose(wg);
}
#endif
