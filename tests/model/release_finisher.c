/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A wait finds the counter at 0, ends the round, and is stopped between two posts, with no
 * waiter in hand; so is, while it sleeps, the first waiter.  The task's thread, which finds
 * nobody queued by then, goes on with the release, and the other waiters return.  Or
 * (-DLOCKS=0) it is the task's thread that is stopped, on its way to the lock, and the wait
 * that does all.
 *
 * Catches: reached_0() that does not release if somebody else has ended the round, a wait
 * that ends the round and does not release.
 */
// flags: -DWAIT=wg_wait -DLOCKS=2
// flags: -DWAIT=wg_wait -DLOCKS=2 -DALIGN=4
// flags: -DWAIT=wg_wait -DLOCKS=2 -DSPIN
// flags: -DWAIT=try -DLOCKS=2
// flags: -DWAIT=wait_hastily -DLOCKS=3
// flags: -DWAIT=wait_hastily -DLOCKS=3 -DGIVE_UP=BY_CANCELLATION
// flags: -DWAIT=wait_hastily -DLOCKS=2
// flags: -DWAIT=try -DLOCKS=2 -DPARKED=3
// flags: -DWAIT=wg_wait -DLOCKS=0
// flags: -DWAIT=try -DLOCKS=0 -DALIGN=4
#define COUNT_PARKED
#define WG_LOT_HELP 1
#include "platform.h"

#ifndef PARKED
#    define PARKED 2
#endif

#define try(wg) wg_trywait(wg)

#if LOCKS == 0
static void *stopped_doner(void *number)
{
    stop_before_lock = 1;
    return doner(number);
}
#endif

static void *finish(void *unused)
{
    (void)unused;
    stop_before_lock = LOCKS;
    WAIT(wg);
    return NULL;
}

int main(void)
{
    pthread_t parked[PARKED];
    wg = group(1);
    for (int i = 0; i < PARKED; i++) {
        parked[i] = start(i == 0 ? stopped_waiter : waiter, 0);
        await_ever_parked(i + 1);
    }
#if LOCKS == 0
    pthread_t stopped = start(stopped_doner, 0);
    await(wg_word_counter(word(wg)) == 0);
    finish(NULL);
#else
    pthread_t stopped = start(finish, 0);
    wg_done(wg);
#endif
    for (int i = 1; i < PARKED; i++)
        end(parked[i]);
    resume();
    end(parked[0]);
    end(stopped);
    assert(word(wg) == 0);
    dispose(wg);
}
