/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The end of a program: it closes a group that others are known to wait for, one of which
 * may give up (-DHASTY), waits, and frees the group at once, for it knows that nobody tries
 * any more.  All waits return.
 *
 * Catches: a waiter that gives up and takes the flag for another waiter, or the group
 * for one that is still there; an end of a round, or an addition, whose last touch
 * comes too late.
 */
// flags: -DWAIT=wg_wait
// flags: -DWAIT=wg_wait -DALIGN=4
// flags: -DWAIT=wg_wait -DTRIERS=1
// flags: -DWAIT=wg_wait -DTRIERS=1 -DALIGN=4
// flags: -DWAIT=wg_wait -DTRIERS=2 -DTASKS=0
// flags: -DWAIT=wg_wait -DPARKED=1
// flags: -DWAIT=wg_wait -DPARKED=1 -DALIGN=4
// flags: -DWAIT=wg_wait -DPARKED=1 -DTASKS=2
// flags: -DWAIT=wg_wait -DPARKED=1 -DTRIERS=1
// flags: -DWAIT=wg_wait -DPARKED=2
// flags: -DWAIT=wg_wait -DPARKED=2 -DSPIN
// flags: -DWAIT=wg_wait -DHASTY
// flags: -DWAIT=wg_wait -DHASTY -DALIGN=4
// flags: -DWAIT=wg_wait -DHASTY -DGIVE_UP=BY_CANCELLATION
// flags: -DWAIT=wg_wait -DHASTY -DTASKS=2
// flags: -DWAIT=wg_wait -DHASTY -DPARKED=1 -DGIVE_UP=BY_BOTH
// flags: -DWAIT=wait_hastily -DPARKED=1
// flags: -DWAIT=wait_hastily -DPARKED=1 -DTASKS=2 -DALIGN=4
// flags: -DWAIT=wg_trywait -DPARKED=1
// flags: -DWAIT=wg_destroy -DPARKED=1
#define COUNT_PARKED
#include "platform.h"

#ifndef TASKS
#    define TASKS 1
#endif
#ifndef TRIERS
#    define TRIERS 0
#endif
#ifndef PARKED
#    define PARKED 0
#endif

static int tried;

static void *trier(void *number)
{
    int result = wg_tryadd(wg, 1);
    assert(result == 0 || result == ECANCELED);
    __atomic_fetch_add(&tried, 1, __ATOMIC_RELEASE);
    return result == 0 ? doner(number) : NULL;
}

int main(void)
{
    pthread_t threads[TASKS + TRIERS + PARKED + 1];
    int started = 0;
    wg = group(TASKS);
    for (int i = 0; i < PARKED; i++)
        threads[started++] = start(waiter, 0);
#ifdef HASTY
    threads[started++] = start(hasty_waiter, 0);
#endif
    await_ever_parked(started);
    for (int i = 0; i < TASKS + TRIERS; i++)
        threads[started++] = start(i < TASKS ? doner : trier, i);
    int result = wg_close(wg);
    assert(result == 0 || result == WG_DRAINED);
    await(__atomic_load_n(&tried, __ATOMIC_ACQUIRE) == TRIERS);
    if (WAIT(wg) != 0)
        wg_wait(wg);
    assert_payload(TASKS);
    dispose(wg);
    for (int i = 0; i < started; i++)
        end(threads[i]);
    check_disposed(wg);
}
