/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * In the child of a fork, a group's word may count waiters that are not there.  A wait that
 * finds the counter at 0 takes them out of it, as does a wait or a task that ends a round
 * of the child's own.  With -DAFTER, wg_destroy() is the one that finds it so.  The bucket
 * is one that another thread of the parent had locked, with a waiter queued: with -DRENEW
 * the first of the child's threads that needs it makes it anew, else that has been done.
 * With -DCLOSE it is closed at the same time.
 *
 * Catches: reached_0() without asking whether anybody is queued; wg_destroy() that
 * takes such a group for one in use, or gives up when it is closed meanwhile; a bucket
 * that is not renewed, or renewed by two threads; renew() whose store does not release,
 * or is not acquired.
 */
// flags:
// flags: -DALIGN=4
// flags: -DSPIN
// flags: -DWAITERS=2
// flags: -DWAITERS=2 -DALIGN=4
// flags: -DWAITERS=2 -DSPIN
// flags: -DTRY
// flags: -DWAITERS=2 -DTRY
// flags: -DDESTROY
// flags: -DAFTER
// flags: -DAFTER -DCLOSE
// flags: -DAFTER -DCLOSE -DALIGN=4
// flags: -DRENEW
// flags: -DRENEW -DALIGN=4
// flags: -DRENEW -DTRY
// flags: -DRENEW -DDESTROY
// flags: -DRENEW -DAFTER
// full: -DRENEW -DWAITERS=2
#include "platform.h"

#ifndef WAITERS
#    define WAITERS 1
#endif

static int waiting = WAITERS;

static void *wait_and_free(void *unused)
{
    (void)unused;
#if defined(TRY) || defined(DESTROY)
#    ifdef TRY
    int result = wg_trywait(wg);
#    else
    int result = wg_destroy(wg);
#    endif
    assert(result == 0 || result == EBUSY);
    if (result == 0)
        assert_payload(1);
    else
#endif
        wait_and_see(1);
    if (__atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQ_REL) == 0)
        dispose(wg);
    return NULL;
}

#ifdef CLOSE
static void *closer(void *unused)
{
    (void)unused;
    wg_close(wg);
    return NULL;
}
#endif

int main(void)
{
    static struct wg_waiter of_the_parent;
    wg = group(1);
    __atomic_fetch_add(wg_word_of(wg), WG_ONE_WAITER, __ATOMIC_RELAXED);
    wg_lot_enqueue(wg_lot_lock(wg_sema_of(wg)), wg_sema_of(wg), &of_the_parent);
    begin_generation();
#ifndef RENEW
    wg_lot_unlock(wg_lot_lock(wg_sema_of(wg)));
#endif
    pthread_t task = start(doner, 0);
#if WAITERS == 2
    pthread_t other = start(wait_and_free, 0);
#endif
#ifdef CLOSE
    pthread_t closing = start(closer, 0);
#endif
#ifdef AFTER
    end(task);
    int result = wg_destroy(wg);
    assert(result == 0);
#    ifdef CLOSE
    end(closing);
#    endif
    dispose(wg);
#else
    wait_and_free(NULL);
    end(task);
#endif
#if WAITERS == 2
    end(other);
#endif
    check_disposed(wg);
}
