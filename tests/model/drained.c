/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Who owns the end.  The tasks ask whether they were the last, and the group is closed at
 * any time, by two threads with -DCLOSERS=2.  Exactly one of all these calls says
 * WG_DRAINED.  It has seen the work of all tasks, and what the closing thread has done
 * before; and it frees the group at once, if it knows that the others have made all of
 * their calls, or are in the last one.
 *
 * With -DADDS a task tries to add another one.  With -DHASTY the thread that closes the
 * group has waited and given up; if its wait has succeeded, the end is its own.
 *
 * Catches: a close that says WG_DRAINED though the group was closed, or does not though
 * it was empty, or does not see what the tasks have done; a last task that does not see
 * what came before the close, or decides afterwards, by another look at the word, whether
 * it was the last.
 */
// flags: -DTASKS=0
// flags: -DTASKS=1
// flags: -DTASKS=1 -DALIGN=4
// flags: -DTASKS=2
// flags: -DTASKS=3
// flags: -DTASKS=3 -DALIGN=4
// flags: -DTASKS=0 -DCLOSERS=2
// flags: -DTASKS=1 -DCLOSERS=2
// flags: -DTASKS=2 -DCLOSERS=2
// flags: -DTASKS=1 -DADDS
// flags: -DTASKS=2 -DADDS
// flags: -DTASKS=2 -DADDS -DALIGN=4
// flags: -DTASKS=1 -DHASTY
// flags: -DTASKS=1 -DHASTY -DALIGN=4
// flags: -DTASKS=1 -DHASTY -DSPIN
// flags: -DTASKS=1 -DHASTY -DGIVE_UP=BY_CANCELLATION
// flags: -DTASKS=2 -DHASTY
// flags: -DTASKS=2 -DHASTY -DGIVE_UP=BY_BOTH
// flags: -DTASKS=3 -DHASTY
// flags: -DTASKS=2 -DHASTY -DADDS
#include "platform.h"

#ifndef CLOSERS
#    define CLOSERS 1
#endif

static int before_close, ends;

static void own_the_end(int tasks)
{
    int before = __atomic_fetch_add(&ends, 1, __ATOMIC_RELAXED);
    assert(before == 0);
    assert_payload(tasks);
#if CLOSERS == 1
    dispose(wg);
#endif
}

static void end_task(void)
{
    int result = wg_done_last(wg);
    assert(result == 0 || result == WG_LAST || result == WG_DRAINED);
    if (result == WG_DRAINED) {
        assert(__atomic_load_n(&before_close, __ATOMIC_RELAXED) == 1);
        own_the_end(TASKS);
    }
}

static void *last_doner(void *number)
{
    payload[(intptr_t)number] = 1;
#ifdef ADDS
    if (number == NULL && wg_tryadd(wg, 1) == 0)
        end_task();
#endif
    end_task();
    return NULL;
}

static void *closer(void *unused)
{
    (void)unused;
    __atomic_store_n(&before_close, 1, __ATOMIC_RELAXED);
    int result = wg_close(wg);
    assert(result == 0 || result == WG_DRAINED);
    if (result == WG_DRAINED)
        own_the_end(TASKS);
    return NULL;
}

int main(void)
{
    pthread_t threads[TASKS + CLOSERS];
    int started = 0;
    wg = group(TASKS);
    for (int i = 0; i < TASKS; i++)
        threads[started++] = start(last_doner, i);
    for (int i = 1; i < CLOSERS; i++)
        threads[started++] = start(closer, 0);
#ifdef HASTY
    int result = wait_hastily(wg);
    assert(result == 0 || result == GIVEN_UP);
    if (result == 0)
        own_the_end(TASKS);
    else
#endif
        closer(NULL);
    for (int i = 0; i < started; i++)
        end(threads[i]);
    assert(ends == 1);
#if CLOSERS > 1
    dispose(wg);
#endif
    check_disposed(wg);
}
