/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A close while others are parked, and their round may be ending: also between the look at
 * the word and the exchange.  Nobody comes later who could end the round; they return all
 * the same, also if one of them gives up, and the group stays closed.  With -DRISES the
 * counter may rise again, before the close.
 *
 * Catches: the end of a round that loses the flag, or does not try again after a close.
 */
// flags: -DPARKED=1
// flags: -DPARKED=1 -DALIGN=4
// flags: -DPARKED=1 -DTASKS=2
// flags: -DPARKED=2
// flags: -DPARKED=2 -DALIGN=4
// flags: -DPARKED=1 -DCLOSERS=2
// flags: -DPARKED=1 -DRISES
// flags: -DPARKED=1 -DHASTY
// flags: -DPARKED=1 -DHASTY -DGIVE_UP=BY_CANCELLATION
// flags: -DPARKED=1 -DHASTY -DTASKS=2 -DALIGN=4
// flags: -DPARKED=2 -DHASTY -DGIVE_UP=BY_BOTH
#define COUNT_PARKED
#include "platform.h"

#ifndef TASKS
#    define TASKS 1
#endif
#ifndef CLOSERS
#    define CLOSERS 1
#endif

static void *closer(void *unused)
{
    (void)unused;
    int result = wg_close(wg);
    assert(result == 0 || result == WG_DRAINED);
    return NULL;
}

#ifdef RISES
static void *trier(void *unused)
{
    (void)unused;
    if (wg_tryadd(wg, 1) == 0)
        wg_done(wg);
    return NULL;
}
#endif

int main(void)
{
    pthread_t threads[TASKS + PARKED + CLOSERS + 2];
    int started = 0;
    wg = group(TASKS);
#ifdef HASTY
    threads[started++] = start(hasty_waiter, 0);
    await_ever_parked(started);
#endif
    for (int i = 0; i < PARKED; i++) {
        threads[started++] = start(waiter, 0);
        await_ever_parked(started);
    }
    for (int i = 0; i < TASKS; i++)
        threads[started++] = start(doner, i);
#ifdef RISES
    threads[started++] = start(trier, 0);
#endif
    for (int i = 1; i < CLOSERS; i++)
        threads[started++] = start(closer, 0);
    closer(NULL);
    for (int i = 0; i < started; i++)
        end(threads[i]);
    assert(word(wg) == WG_CLOSED);
    dispose(wg);
}
