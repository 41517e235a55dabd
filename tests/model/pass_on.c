/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Three parked waiters, of which the closing thread wakes one (or two): the others rely on
 * those that have been woken.  One of the three may be giving up at that time.
 *
 * Catches: a release that is not passed on, by anybody or by one that gives up; the flag
 * for it not set; wg_lot_release() that looks at a waiter which it has posted.
 */
// flags: -DWG_LOT_BATCH=1 -DHASTY=-1
// flags: -DWG_LOT_BATCH=1 -DHASTY=-1 -DALIGN=4
// flags: -DWG_LOT_BATCH=1 -DHASTY=0
// flags: -DWG_LOT_BATCH=1 -DHASTY=1
// flags: -DWG_LOT_BATCH=1 -DHASTY=2
// flags: -DWG_LOT_BATCH=1 -DHASTY=0 -DGIVE_UP=BY_CANCELLATION
// flags: -DWG_LOT_BATCH=2 -DHASTY=0
// flags: -DWG_LOT_BATCH=1 -DHASTY=-1 -DSPIN
// flags: -DWG_LOT_BATCH=1 -DHASTY=0 -DUNORDERED
// flags: -DWG_LOT_BATCH=1 -DHASTY=1 -DUNORDERED
// flags: -DWG_LOT_BATCH=2 -DHASTY=1 -DUNORDERED
// flags: -DWG_LOT_BATCH=1 -DHASTY=0 -DWAITERS=4
// flags: -DWG_LOT_BATCH=1 -DHASTY=1 -DWAITERS=4
// flags: -DWG_LOT_BATCH=2 -DHASTY=1 -DWAITERS=4
// flags: -DWG_LOT_BATCH=1 -DHASTY=-1 -DWAITERS=5
// flags: -DWG_LOT_BATCH=2 -DHASTY=-1 -DWAITERS=5
#ifndef UNORDERED
#    define COUNT_PARKED
#endif
#include "platform.h"

#ifndef WAITERS
#    define WAITERS 3
#endif

int main(void)
{
    pthread_t threads[WAITERS];
    wg = group(1);
    for (int i = 0; i < WAITERS; i++) {
        threads[i] = start(i == HASTY ? hasty_waiter : waiter, 0);
#ifndef UNORDERED
        await_ever_parked(i + 1);
#endif
    }
    wg_done(wg);
    for (int i = 0; i < WAITERS; i++)
        end(threads[i]);
    assert(word(wg) == 0);
    dispose(wg);
}
