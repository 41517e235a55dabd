/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Several parked waiters.  One of them may be giving up at that time:
 * still queued, taken, or cut.  The first so many of them (-DSTOPPED) are stopped while
 * they sleep, until all others have returned; or the thread that ends the round (-DSLOW)
 * is, after its first post, so that the one which it has woken goes on without it.
 *
 * Catches: a release that ends with its first post; waiters that do not help, or do not
 * know that there are more; a waiter that gives up and leaves a gap in the ring, or takes
 * itself for one that nobody has in hand; a waiter looked at after its post.
 */
// flags: -DHASTY=-1
// flags: -DHASTY=-1 -DALIGN=4
// flags: -DHASTY=-1 -DSPIN
// flags: -DHASTY=-1 -DWAITERS=4 -DWG_LOT_HELP=2
// flags: -DHASTY=0
// flags: -DHASTY=1
// flags: -DHASTY=2
// flags: -DHASTY=0 -DGIVE_UP=BY_CANCELLATION
// flags: -DHASTY=1 -DGIVE_UP=BY_BOTH
// flags: -DHASTY=2 -DGIVE_UP=BY_CANCELLATION
// flags: -DHASTY=0 -DWAITERS=2 -DUNORDERED
// flags: -DHASTY=-1 -DSTOPPED=2
// flags: -DHASTY=-1 -DSTOPPED=2 -DWAITERS=4
// flags: -DHASTY=-1 -DSTOPPED=3 -DWAITERS=4
// flags: -DHASTY=1 -DSTOPPED=1
// flags: -DHASTY=2 -DSTOPPED=2 -DALIGN=4
// flags: -DHASTY=2 -DSTOPPED=2 -DGIVE_UP=BY_CANCELLATION
// flags: -DHASTY=-1 -DSLOW
// flags: -DHASTY=-1 -DSLOW -DWAITERS=4
// flags: -DHASTY=-1 -DSLOW -DWAITERS=4 -DWG_LOT_HELP=2
// flags: -DHASTY=1 -DSLOW
// flags: -DHASTY=2 -DSLOW
// flags: -DHASTY=2 -DSLOW -DGIVE_UP=BY_CANCELLATION -DALIGN=4
// full: -DHASTY=0 -DWAITERS=4
// full: -DHASTY=1 -DWAITERS=4
// full: -DHASTY=-1 -DWAITERS=4
// full: -DHASTY=1 -DUNORDERED
#ifndef UNORDERED
#    define COUNT_PARKED
#endif
#ifndef WG_LOT_HELP
#    define WG_LOT_HELP 1
#endif
#include "platform.h"

#ifndef WAITERS
#    define WAITERS 3
#endif
#ifndef STOPPED
#    define STOPPED 0
#endif

int main(void)
{
    pthread_t threads[WAITERS];
    wg = group(1);
    for (int i = 0; i < WAITERS; i++) {
        void *(*run)(void *) = i == HASTY ? hasty_waiter : waiter;
        threads[i] = start(i < STOPPED ? stopped_waiter : run, 0);
#ifndef UNORDERED
        await_ever_parked(i + 1);
#endif
    }
#ifdef SLOW
    pthread_t task = start(slow_doner, 0);
#else
    wg_done(wg);
#endif
    for (int i = STOPPED; i < WAITERS; i++)
        end(threads[i]);
    resume();
    for (int i = 0; i < STOPPED; i++)
        end(threads[i]);
#ifdef SLOW
    end(task);
#endif
    assert(word(wg) == 0);
    dispose(wg);
}
