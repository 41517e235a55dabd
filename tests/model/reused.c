/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The memory becomes a new group, with waiters of its own, while a task of the old one is
 * on its way into reached_0(), and a waiter of the old one, known to be parked, has not
 * returned.
 *
 * Catches: reached_0() without asking whether anybody is queued; a wait that leaves the
 * old group's waiters queued.
 */
// flags: -DWAITERS=1
// flags: -DWAITERS=1 -DALIGN=4
// flags: -DWAITERS=1 -DSPIN
// flags: -DWAITERS=2
// flags: -DWAITERS=2 -DALIGN=4
// flags: -DWAITERS=2 -DSPIN
// flags: -DWAITERS=1 -DCLOSED
#include "platform.h"

static int waiting = WAITERS;

static void *wait_and_free(void *unused)
{
    (void)unused;
    wait_and_see(2);
    if (__atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQ_REL) == 0)
        dispose(wg);
    return NULL;
}

int main(void)
{
    wg = group(1);
    pthread_t parked = start(waiter, 0);
    await_parked(wg, 1);
    pthread_t first = start(doner, 0);
    wait_and_see(1);
    __atomic_store_n(wg_word_of(wg), DEAD, __ATOMIC_RELAXED);
    wg_init(wg);
    wg_add(wg, 1);
    pthread_t second = start(doner, 1);
#if WAITERS == 2
    pthread_t other = start(wait_and_free, 0);
#endif
    wait_and_free(NULL);
    end(first);
    end(parked);
    end(second);
#if WAITERS == 2
    end(other);
#endif
    check_disposed(wg);
}
