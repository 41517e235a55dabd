/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * waitgroup.c - the algorithm
 *
 * WHAT IT IS.  A counter and a number of waiters in one atomic word (word.h), and a queue of
 * sleeping threads found by the group's address (lot.h).  The counter changes by one fetch-add
 * without any lock.  A waiter registers in the word and queues itself under the lock of the
 * group's bucket, and under the same lock a round is closed: the waiters are taken out of the
 * word and out of the queue.  So whenever the lock is free,
 *
 *     the waiters in the word == the waiters in the queue,
 *
 * nobody is counted and not yet queued, and nobody is posted twice or for another round.
 *
 * WHY NO WAKE-UP IS LOST.  A waiter registers by compare-and-swap from a word whose counter is
 * not 0.  Every change of the counter to 0 that comes later in the order of changes of the
 * word sees the waiter in the value it returns, and whoever made it closes the round.
 *
 * THE HARD PART is the group's lifetime.  A waiter may free the group as soon as wg_wait() has
 * returned, while the thread that brought the counter to 0 is still on its way into close_round.
 * Go's garbage collector hides this; here it rests on four rules.
 *
 *   1. wg_add() touches the group after its fetch-add only if it has to close a round.
 *   2. A closing thread touches the group only under the bucket's lock, and only while a
 *      waiter of the group is queued: then that waiter is inside wg_wait() and cannot leave
 *      before the lock is free, so the group is there.  If nobody is queued, another thread
 *      has closed the round, and the group may be gone.
 *   3. A waiter that has been released never touches the group again.
 *   4. wg_wait() returns at once only if the *whole* word is 0.  A counter of 0 with waiters
 *      means that a close is on its way; then it takes the lock and finishes that close, so
 *      that the other thread finds nobody queued and keeps its hands off (rule 2).
 *
 * If the memory has become another group by the time rule 2 looks, with waiters of its own, it
 * is a group with waiters like any other: closing it is right if its counter is 0, and nothing
 * happens if not.
 */
#include "waitgroup.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "cpu.h"
#include "lot.h"
#include "misuse.h"
#include "word.h"

/* How long to wait awake, see spin(). */
#define SPIN_PAUSES 32
#define SPIN_YIELDS 6

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

int wg_init(wg_t *wg)
{
    if (wg == NULL || (uintptr_t)wg % 4 != 0)
        return EINVAL;
    wg_word_init(wg_word_of(wg));
    *wg_sema_of(wg) = 0;
    return 0;
}

/*
 * Closing a round.  The bucket's lock is held, and the group is alive: one of its waiters is
 * queued, or the caller is in wg_wait().  Returns the waiters to release, none if there are
 * none or if the counter has risen again meanwhile.
 */
static struct wg_waiter *take_waiters(wg_t *wg, struct wg_bucket *bucket)
{
    wg_word *word = wg_word_of(wg);
    uint64_t s;
    do {
        s = wg_word_load(word);
        if (!wg_word_drained(s))
            return NULL;
    } while (!wg_word_close(word, s));
    return wg_lot_take(bucket, wg_sema_of(wg));
}

/* Nothing is known of the group but its address: it may be gone. */
static void close_round(wg_t *wg)
{
    const void *key = wg_sema_of(wg);
    struct wg_waiter *batch = NULL;

    struct wg_bucket *bucket = wg_lot_lock(key);
    if (wg_lot_occupied(bucket, key))
        batch = take_waiters(wg, bucket);
    wg_lot_unlock(bucket);
    wg_lot_release(batch);
}

/*
 * Adding.
 */

/* The one step by which the counter changes.  Returns what the word was before. */
static inline uint64_t change(wg_t *wg, uint64_t tasks)
{
    uint64_t old = wg_word_add(wg_word_of(wg), tasks);
    if (unlikely(wg_word_drained(old + tasks)))
        close_round(wg);
    return old;
}

/* Was that addition a misuse, or only in the way of another thread's?  A misuse is undone by
 * an addition like any other, which may in turn have to close the round, then reported. */
static int check_misuse(wg_t *wg, uint64_t old, int delta, bool is_done)
{
    int64_t counter = wg_word_sum(old, delta);
    bool destroyed = wg_word_destroyed(old);
    bool negative = delta < 0 && counter < 0;
    bool overflow = delta > 0 && counter > INT32_MAX;
    if (!destroyed && !negative && !overflow)
        return 0;

    change(wg, -wg_word_tasks(delta));

    char call[48];
    if (is_done)
        snprintf(call, sizeof call, "wg_done(%p)", (void *)wg);
    else
        snprintf(call, sizeof call, "wg_add(%p, %d)", (void *)wg, delta);
    if (destroyed)
        wg_misuse(wg, "%s: used after wg_destroy", call);
    else
        wg_misuse(wg, "%s: %s (%" PRId64 ")", call,
                  negative ? "negative counter" : "counter overflow", counter);
    return destroyed || negative ? EINVAL : EOVERFLOW;
}

static inline int add(wg_t *wg, int delta, bool is_done)
{
    uint64_t tasks = wg_word_tasks(delta);
    uint64_t old = change(wg, tasks);
    if (unlikely(wg_word_suspect(old, old + tasks)))
        return check_misuse(wg, old, delta, is_done);
    return 0;
}

int wg_add(wg_t *wg, int delta)
{
    return add(wg, delta, false);
}

int wg_done(wg_t *wg)
{
    return add(wg, -1, true);
}

/*
 * Waiting.
 */

struct wait {
    wg_t *wg;
    struct wg_waiter self;
};

/* Most waits that are not over at once are over before a thread could be put to sleep and
 * woken.  A few pauses catch those that take less than a microsecond; the yields leave the
 * processor to the tasks where all processors are busy. */
static bool spin(const wg_word *word)
{
    if (!wg_cpu_several())
        return false;
    for (int i = 0; i < SPIN_PAUSES; i++) {
        if (wg_word_load(word) == 0)
            return true;
        wg_cpu_pause();
    }
    for (int i = 0; i < SPIN_YIELDS; i++) {
        if (wg_word_load(word) == 0)
            return true;
        sched_yield();
    }
    return false;
}

/* Cancelled while parked: leave as if never come.  If the release is on its way already, its
 * post has to be awaited, and others may depend on its being passed on; cancellation is not
 * acted on again in a cleanup handler. */
static void leave(void *argument)
{
    struct wait *wait = argument;
    struct wg_bucket *bucket = wg_lot_lock(wait->self.key);
    bool queued = wg_lot_dequeue(bucket, &wait->self);
    if (queued)
        wg_word_unregister(
            wg_word_of(wait->wg)); /* queued until now, so the group is alive */
    wg_lot_unlock(bucket);
    if (!queued)
        wg_lot_park(&wait->self);
}

static int wait_slowly(wg_t *wg)
{
    wg_word *word = wg_word_of(wg);
    const void *key = wg_sema_of(wg);
    if (spin(word))
        return 0;

    struct wait wait = {.wg = wg};
    struct wg_bucket *bucket = wg_lot_lock(key);
    uint64_t s;
    do {
        s = wg_word_load(word);
        if (wg_word_counter(s) == 0) {
            /* Rule 4: if waiters are left, it is for this thread to close. */
            struct wg_waiter *batch = take_waiters(wg, bucket);
            wg_lot_unlock(bucket);
            wg_lot_release(batch);
            return 0;
        }
        if (wg_word_destroyed(s)) {
            wg_lot_unlock(bucket);
            wg_misuse(wg, "wg_wait(%p): used after wg_destroy", (void *)wg);
            return EINVAL;
        }
    } while (!wg_word_register(word, s));
    wg_lot_enqueue(bucket, key, &wait.self);
    wg_lot_unlock(bucket);

    pthread_cleanup_push(leave, &wait);
    wg_lot_park(&wait.self);
    pthread_cleanup_pop(0);
    return 0;
}

int wg_wait(wg_t *wg)
{
    /* Rule 4: the whole word. */
    if (likely(wg_word_load(wg_word_of(wg)) == 0))
        return 0;
    return wait_slowly(wg);
}

int wg_destroy(wg_t *wg)
{
    uint64_t s = wg_word_destroy(wg_word_of(wg));
    if (likely(s == 0))
        return 0;
    if (!wg_word_destroyed(s))
        return EBUSY;
    wg_misuse(wg, "wg_destroy(%p): used after wg_destroy", (void *)wg);
    return EINVAL;
}

const char *wg_version(void)
{
    return WG_VERSION_STRING;
}
