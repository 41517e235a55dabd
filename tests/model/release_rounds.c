/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The next round begins, and ends, while waiters of the last one are still to be woken: its
 * task is stopped after its first post, and the waiter that it has woken while it sleeps.
 * One waiter of the first round, or of the second, gives up (-DHASTY).  All others return
 * though the two are stopped.  With -DFREE nobody is stopped.
 *
 * Catches: the end of a round that forgets those of an earlier one that are yet to be
 * woken; wg_lot_queued() that does not look at the tickets; rings that are joined wrongly.
 */
// flags: -DHASTY=-1
// flags: -DHASTY=-1 -DALIGN=4
// flags: -DHASTY=-1 -DNEXT=2
// flags: -DHASTY=1
// flags: -DHASTY=1 -DGIVE_UP=BY_CANCELLATION
// flags: -DHASTY=2
// flags: -DHASTY=2 -DGIVE_UP=BY_BOTH -DALIGN=4
// flags: -DHASTY=2 -DFIRST=2 -DNEXT=2
// flags: -DHASTY=2 -DFIRST=2 -DNEXT=2 -DGIVE_UP=BY_CANCELLATION
// flags: -DHASTY=3 -DFIRST=2 -DNEXT=2
// flags: -DHASTY=-1 -DFREE
// flags: -DHASTY=1 -DFREE
#define COUNT_PARKED
#define WG_LOT_HELP 1
#include "platform.h"

#ifdef FREE
#    define slow_doner doner
#    define stopped_waiter waiter
#    define FIRST 2
#endif
#ifndef FIRST
#    define FIRST 3
#endif
#ifndef NEXT
#    define NEXT 1
#endif
#define ALL (FIRST + NEXT)

int main(void)
{
    pthread_t threads[ALL];
    wg = group(1);
    for (int i = 0; i < FIRST; i++) {
        threads[i] = start(i == 0 ? stopped_waiter : i == HASTY ? hasty_waiter : waiter, 0);
        await_ever_parked(i + 1);
    }
    pthread_t task = start(slow_doner, 0);
    await(word(wg) == 0);
    wg_add(wg, 1);
    for (int i = FIRST; i < ALL; i++) {
        threads[i] = start(i == HASTY ? hasty_waiter : waiter, 0);
        await_ever_parked(i + 1);
    }
    wg_done(wg);
    for (int i = 1; i < ALL; i++)
        end(threads[i]);
    resume();
    end(threads[0]);
    end(task);
    assert(word(wg) == 0);
    dispose(wg);
}
