/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The counter as a number of what is in flight: additions and dones that nothing orders
 * with a wait.  Nobody is left behind, whatever the counter does while a round is being
 * ended.
 *
 * Catches: a waiter that is counted before it is queued; an addition that does not
 * end the round.
 */
// flags: -DPAIRS=2
// flags: -DPAIRS=2 -DALIGN=4
// flags: -DPAIRS=2 -DSPIN
// flags: -DPAIRS=3
// flags: -DPAIRS=2 -DWAITER
// flags: -DPAIRS=2 -DLAST
// flags: -DPAIRS=1 -DLAST -DWAITER -DALIGN=4
// flags: -DPAIRS=1 -DLAST -DWAITER -DSPIN
// flags: -DPAIRS=1 -DLAST -DHASTY
// full: -DPAIRS=2 -DLAST -DWAITER
#include "platform.h"

static void *pair(void *unused)
{
    (void)unused;
    wg_add(wg, 1);
    wg_done(wg);
    return NULL;
}

int main(void)
{
    pthread_t pairs[PAIRS];
    wg = group(0);
    for (int i = 0; i < PAIRS; i++)
        pairs[i] = start(pair, i);
#ifdef LAST
    wg_add(wg, 1);
    pthread_t last = start(doner, 0);
#endif
#ifdef WAITER
    pthread_t second = start(waiter, 0);
#endif
#ifdef HASTY
    pthread_t second = start(hasty_waiter, 0);
#endif
#ifdef LAST
    wait_and_see(1);
    end(last);
#else
    wait_and_see(0);
#endif
    for (int i = 0; i < PAIRS; i++)
        end(pairs[i]);
#if defined(WAITER) || defined(HASTY)
    end(second);
#endif
    assert(word(wg) == 0);
    dispose(wg);
}
