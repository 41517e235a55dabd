/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * waitgroup.c - the algorithm
 *
 * WHAT IT IS.  A counter and a number of waiters in one atomic word (word.h), and a queue
 * of sleeping threads that is found by the group's address (lot.h).  The counter changes by
 * one fetch-add, without a lock.  A waiter registers in the word and queues itself under
 * the lock of the group's bucket.  A round ends under the same lock: its waiters are taken
 * out of the word and out of the queue.  So whenever the lock is free,
 *
 *     the waiters in the word == the waiters in the queue.
 *
 * No waiter is counted and not queued.  No waiter is posted twice, or for another round.
 *
 * WHY NO WAKE-UP IS LOST.  A waiter registers by compare-and-swap from a word whose counter
 * is not 0.  Every later change of the counter to 0, in the order of changes of the word,
 * sees the waiter in the value it returns, and the thread that made it ends the round.
 *
 * WHOM A WAITER DEPENDS ON.  A thread in an addition or a wait that has seen the counter of
 * a round at 0 with waiters left wakes taken waiters until there are none, whichever thread
 * has taken them.  So a waiter returns once the thread that brought the counter to 0 has
 * run, whatever other waiters do in their sleep.  Until a thread is about to wake it, it
 * can still give up by itself.
 *
 * THE HARD PART is the group's lifetime.  A waiter may free the group as soon as wg_wait()
 * has returned.  The thread that brought the counter to 0 may still be on its way to
 * reached_0().  Go's garbage collector hides this.  Here it rests on four rules.
 *
 *   1. wg_add() touches the group after its fetch-add only if it has to end a round, or to
 *      undo a misuse.  wg_done_last() and wg_close() do not look again either: they know
 *      from what their one step returns whether they are the last.
 *   2. A thread that ends a round touches the group only under the bucket's lock, and only
 *      while a waiter of the group is queued.  Then that waiter is inside wg_wait() and
 *      cannot leave before the lock is free, so the group is there.  If nobody is queued,
 *      another thread has ended the round, and the group may be gone.
 *   3. A waiter that has been released never touches the group again.
 *   4. A wait returns at once only if the group is *idle*: no task and no waiter.  A
 *      counter of 0 with waiters means that some thread is on its way to end the round.
 *      Then the wait takes the lock and ends the round itself.  The other thread finds
 *      nobody queued, and does not touch the group (rule 2).
 *
 * The memory may have become another group by the time rule 2 looks, with waiters of its
 * own.  That is a group with waiters like any other: to end its round is right if its
 * counter is 0, and nothing happens if not.
 *
 * CLOSED is a bit of the word.  Only wg_close() sets it, and the end of a round keeps it.
 * wg_tryadd() is a compare-and-swap from a word without this bit.  So an addition either
 * comes before the close, and then every wait that begins after the close sees it in the
 * counter; or it changes nothing.
 */
#include <config.h>

#include "waitgroup.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>

#include "add.h"
#include "annotate.h"
#include "clock.h"
#include "lot.h"
#include "misuse.h"
#include "spin.h"
#include "word.h"

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* Tells tools of the accesses that follow, which they cannot see.  The pointer is not to
 * const: otherwise GCC would take it that the memory is read, and has to be initialized. */
static inline void touch(wg_t *wg)
{
    if (unlikely(wg_tool_at_work))
        wg_access(wg, sizeof *wg);
}

int wg_init(wg_t *wg)
{
    if (wg == NULL || (uintptr_t)wg % 4 != 0)
        return EINVAL;
    touch(wg);
    wg_word_init(wg_word_of(wg));
    *wg_sema_of(wg) = 0;
    return 0;
}

/* Locks, posts and clocks leave errno alone, unless the program has replaced them.  What
 * has not changed is not written: the memory of errno may come from a thread that has
 * ended, and Helgrind does not see that. */
static void restore_errno(int before)
{
    if (errno != before)
        errno = before;
}

/*
 * The end of a round, if this is one: its waiters are taken.  The bucket's lock is held.
 * The group is alive, because one of its waiters is queued, or the caller is in a wait or
 * in wg_destroy().
 */
static void end_round(wg_t *wg, struct wg_bucket *bucket, struct wg_waiter **queue)
{
    wg_word *word = wg_word_of(wg);
    uint64_t s;
    /* If the exchange fails, the counter has risen: then the thread that brings it back to
     * 0 comes here.  Or the group has been closed: then nobody else comes. */
    do {
        s = wg_word_load(word);
        if (!wg_word_round_over(s))
            return;
    } while (!wg_word_end_round(word, s));
    if (*queue != NULL)
        wg_lot_take(bucket, queue);
}

/* This thread has brought the counter to 0, and there were waiters.  Only the address of
 * the group is known: the group may be gone. */
static void reached_0(wg_t *wg)
{
    int caller_errno = errno;
    const void *key = wg_sema_of(wg);
    struct wg_bucket *bucket = wg_lot_lock(key);
    struct wg_waiter **queue = wg_lot_find(bucket, key);
    if (*queue != NULL) /* rule 2 */
        end_round(wg, bucket, queue);
    wg_lot_release(bucket, key);
    restore_errno(caller_errno);
}

/* A wait has found the counter at 0: rule 4. */
static void finish_round(wg_t *wg, struct wg_bucket *bucket)
{
    const void *key = wg_sema_of(wg);
    end_round(wg, bucket, wg_lot_find(bucket, key));
    wg_lot_release(bucket, key);
}

/* A use of a destroyed group that need not be undone. */
static __attribute__((cold)) int used_after_destroy(const wg_t *wg, const char *call)
{
    wg_misuse(wg, "waitgroup: %s(%p): used after wg_destroy", call, (const void *)wg);
    return EINVAL;
}

/*
 * Adding.
 */

static __attribute__((cold)) int out_of_range(const wg_t *wg, int64_t counter,
                                              const char *call)
{
    if (counter < 0)
        wg_misuse(wg,
                  "waitgroup: %s(%p): negative counter (%" PRId64 "): more done than added",
                  call, (const void *)wg, counter);
    else
        wg_misuse(wg, "waitgroup: %s(%p): counter overflow (%" PRId64 "): not initialized?",
                  call, (const void *)wg, counter);
    return counter < 0 ? EINVAL : EOVERFLOW;
}

/* Was the addition to old a misuse, or has it only met another thread's misuse that is not
 * undone yet?  A misuse is undone by an addition like any other, which may have to end the
 * round in its turn.  Then the misuse is reported. */
static int check_misuse(wg_t *wg, uint64_t old, int delta, const char *call)
{
    int64_t counter = wg_word_sum(old, delta);
    bool negative = delta < 0 && counter < 0;
    bool overflow = delta > 0 && counter > INT32_MAX;
    if (!negative && !overflow && !wg_word_destroyed(old))
        return 0;

    uint64_t undo = -wg_word_tasks(delta);
    if (wg_word_round_over(wg_word_add(wg_word_of(wg), undo) + undo))
        reached_0(wg);

    if (wg_word_destroyed(old))
        return used_after_destroy(wg, call);
    return out_of_range(wg, counter, call);
}

/* What is left to do after an addition that has met, or made, something out of the
 * ordinary. */
static __attribute__((noinline)) int follow_up(wg_t *wg, uint64_t old, int delta,
                                               const char *call)
{
    uint64_t now = old + wg_word_tasks(delta);
    if (wg_word_round_over(now))
        reached_0(wg);
    return wg_word_suspect(old, now) ? check_misuse(wg, old, delta, call) : 0;
}

/* The one step by which the counter changes. */
static inline int add(wg_t *wg, int delta, const char *call)
{
    uint64_t tasks = wg_word_tasks(delta);
    uint64_t old = wg_word_add(wg_word_of(wg), tasks);
    uint64_t now = old + tasks;
    if (likely(!wg_word_round_over(now) && !wg_word_suspect(old, now)))
        return 0;
    return follow_up(wg, old, delta, call);
}

/* A race detector is told before the addition: once the counter is 0, other threads may go
 * on. */
static void announce(wg_t *wg)
{
    touch(wg);
    wg_happens_before(wg);
}

static __attribute__((noinline)) int announced_add(wg_t *wg, int delta, const char *call)
{
    announce(wg);
    return add(wg, delta, call);
}

/* Inlined into the two calls that have to be fast.  Each slow call is the last thing on its
 * path, so that the fast path has no registers to save. */
static inline int announce_and_add(wg_t *wg, int delta, const char *call)
{
    return unlikely(wg_tool_at_work) ? announced_add(wg, delta, call)
                                     : add(wg, delta, call);
}

int wg_add(wg_t *wg, int delta)
{
    return announce_and_add(wg, delta, "wg_add");
}

int wg_done(wg_t *wg)
{
    return announce_and_add(wg, -1, "wg_done");
}

/* The variable that wg_defer_done() declares has gone out of scope. */
void wg_defer_done_(wg_t *(*deferred)[1])
{
    wg_done((*deferred)[0]);
}

/*
 * Closing, and the last one out.
 */

/* Closing orders other things than tasks and waits do.  So race detectors know it by
 * another address. */
static const void *closing_of(const wg_t *wg)
{
    return (const char *)wg + 1;
}

/* One step, from a word that is not closed. */
static inline int tryadd(wg_t *wg, int delta, const char *call, bool announced)
{
    wg_word *word = wg_word_of(wg);
    uint64_t s;
    if (announced)
        touch(wg);
    do {
        s = wg_word_load(word);
        if (unlikely(wg_word_destroyed(s)))
            return used_after_destroy(wg, call);
        if (wg_word_closed(s)) {
            if (announced)
                wg_happens_after(closing_of(wg));
            return ECANCELED;
        }
        if (unlikely(wg_word_sum(s, delta) > INT32_MAX))
            return out_of_range(wg, wg_word_sum(s, delta), call);
        if (announced)
            wg_happens_before(wg);
    } while (unlikely(!wg_word_tryadd(word, s, wg_word_tasks(delta))));
    return 0;
}

static __attribute__((noinline)) int announced_tryadd(wg_t *wg, int delta, const char *call)
{
    return tryadd(wg, delta, call, true);
}

static inline int announce_and_tryadd(wg_t *wg, int delta, const char *call)
{
    return unlikely(wg_tool_at_work) ? announced_tryadd(wg, delta, call)
                                     : tryadd(wg, delta, call, false);
}

int wg_tryadd(wg_t *wg, int delta)
{
    return delta < 1 ? EINVAL : announce_and_tryadd(wg, delta, "wg_tryadd");
}

int wg_tryadd_as(wg_t *wg, int delta, const char *call)
{
    return announce_and_tryadd(wg, delta, call);
}

int wg_close(wg_t *wg)
{
    touch(wg);
    wg_happens_before(closing_of(wg));
    uint64_t old = wg_word_close(wg_word_of(wg));
    if (wg_word_destroyed(old))
        return used_after_destroy(wg, "wg_close");
    if (wg_word_closed(old) || wg_word_counter(old) != 0)
        return 0;
    wg_happens_after(wg);
    return WG_DRAINED;
}

int wg_done_last(wg_t *wg)
{
    announce(wg);
    uint64_t tasks = wg_word_tasks(-1);
    uint64_t old = wg_word_add_and_see(wg_word_of(wg), tasks);
    uint64_t now = old + tasks;
    /* From here on only now is looked at: the group may be gone. */
    int error = 0;
    if (wg_word_round_over(now) || wg_word_suspect(old, now))
        error = follow_up(wg, old, -1, "wg_done_last");
    if (error != 0 || wg_word_counter(now) != 0)
        return error;
    wg_happens_after(wg);
    if (!wg_word_closed(now))
        return WG_LAST;
    wg_happens_after(closing_of(wg));
    return WG_DRAINED;
}

/*
 * Waiting.
 */

/* A thread that waits. */
struct wait {
    wg_t *wg;
    struct wg_waiter self;
};

enum outcome {
    QUEUED,
    OVER,       /* the counter is 0 */
    DESTROYED,  /* a misuse */
    NO_DEADLINE /* it has to wait, and the deadline is no time */
};

/* Queue the thread, unless there is nothing to wait for. */
static enum outcome enqueue(struct wait *wait, const struct timespec *deadline)
{
    wg_word *word = wg_word_of(wait->wg);
    const void *key = wg_sema_of(wait->wg);
    struct wg_bucket *bucket = wg_lot_lock(key);
    uint64_t s;
    do {
        s = wg_word_load(word);
        if (wg_word_destroyed(s)) {
            wg_lot_unlock(bucket);
            return DESTROYED;
        }
        if (wg_word_counter(s) == 0) {
            finish_round(wait->wg, bucket);
            return OVER;
        }
        if (deadline != NULL && !wg_is_time(deadline)) {
            wg_lot_unlock(bucket);
            return NO_DEADLINE;
        }
    } while (!wg_word_register(word, s));
    wg_lot_enqueue(bucket, key, &wait->self);
    wg_lot_unlock(bucket);
    return QUEUED;
}

/*
 * Give up.  If the waiter is queued, it leaves the queue as if it had never come.  If it
 * has been taken, it leaves as well, but the counter was 0.  If it has been cut, its post
 * is on the way: wait for that.  Returns 0 if the counter was 0 by then, else ETIMEDOUT.
 */
static int give_up(struct wait *wait)
{
    struct wg_waiter *self = &wait->self;
    uint64_t s = 0;

    struct wg_bucket *bucket = wg_lot_lock(self->key);
    bool queued = wg_lot_queued(bucket, self);
    bool left = wg_lot_leave(bucket, self);
    /* Queued until now, so the group is alive.  If this makes it idle, it may be gone. */
    if (queued)
        s = wg_word_unregister(wg_word_of(wait->wg));
    if (wg_word_round_over(s))
        finish_round(wait->wg, bucket);
    else
        wg_lot_unlock(bucket);

    if (!left) {
        int cancel_state;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
        wg_lot_park(self, CLOCK_REALTIME, NULL);
        pthread_setcancelstate(cancel_state, &cancel_state);
    }
    return wg_word_counter(s) == 0 ? 0 : ETIMEDOUT;
}

static void cancelled(void *cancelled_wait)
{
    struct wait *wait = cancelled_wait;
    give_up(wait);
    wg_parker_destroy(&wait->self.parker);
}

/* Sleep until released, or until the deadline on clock if it is not null. */
static int park(struct wait *wait, clockid_t clock, const struct timespec *deadline)
{
    int error;
    pthread_cleanup_push(cancelled, wait);
    error = wg_lot_park(&wait->self, clock, deadline);
    pthread_cleanup_pop(0);
    return error == 0 ? 0 : give_up(wait);
}

static int wait_until(wg_t *wg, clockid_t clock, const struct timespec *deadline,
                      const char *call)
{
    if (wg_spin(wg_word_of(wg), clock, deadline))
        return 0;

    struct wait wait;
    wait.wg = wg;
    wg_parker_init(&wait.self.parker, clock);
    /* Helgrind takes it that sem_post() still reads it when this thread has been woken. */
    if (wg_detector_at_work)
        wg_unchecked(&wait.self.parker, sizeof wait.self.parker);
    enum outcome outcome = enqueue(&wait, deadline);
    int error = outcome == QUEUED ? park(&wait, clock, deadline) : 0;
    wg_parker_destroy(&wait.self.parker);

    if (outcome == DESTROYED)
        return used_after_destroy(wg, call);
    return outcome == NO_DEADLINE ? EINVAL : error;
}

static __attribute__((noinline)) int
wait_slowly(wg_t *wg, clockid_t clock, const struct timespec *deadline, const char *call)
{
    int caller_errno = errno;
    touch(wg);
    int error = wait_until(wg, clock, deadline, call);
    restore_errno(caller_errno);
    if (error == 0)
        wg_happens_after(wg);
    return error;
}

/* Rule 4.  With a tool at work, the slow path is taken, which tells it. */
static inline bool is_idle(const wg_t *wg)
{
    return likely(wg_word_idle(wg_word_load(wg_word_of(wg)))) && likely(!wg_tool_at_work);
}

int wg_wait(wg_t *wg)
{
    return is_idle(wg) ? 0 : wait_slowly(wg, CLOCK_REALTIME, NULL, "wg_wait");
}

int wg_timedwait(wg_t *wg, const struct timespec *abstime)
{
    return is_idle(wg) ? 0 : wait_slowly(wg, CLOCK_REALTIME, abstime, "wg_timedwait");
}

int wg_clockwait(wg_t *wg, clockid_t clock, const struct timespec *abstime)
{
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
        return EINVAL;
    return is_idle(wg) ? 0 : wait_slowly(wg, clock, abstime, "wg_clockwait");
}

static __attribute__((noinline)) int try_slowly(wg_t *wg, const char *call)
{
    touch(wg);
    uint64_t s = wg_word_load(wg_word_of(wg));
    if (wg_word_destroyed(s))
        return used_after_destroy(wg, call);
    if (wg_word_counter(s) != 0)
        return EBUSY;
    int caller_errno = errno;
    if (!wg_word_idle(s))
        finish_round(wg, wg_lot_lock(wg_sema_of(wg)));
    restore_errno(caller_errno);
    wg_happens_after(wg);
    return 0;
}

static inline int trywait(wg_t *wg, const char *call)
{
    return is_idle(wg) ? 0 : try_slowly(wg, call);
}

int wg_trywait(wg_t *wg)
{
    return trywait(wg, "wg_trywait");
}

/* There is something to wait for. */
static int wait_for(wg_t *wg, struct timespec reltime, const char *call)
{
    int caller_errno = errno;
    struct timespec deadline = wg_from_now(reltime);
    restore_errno(caller_errno);
    return wait_slowly(wg, CLOCK_MONOTONIC, &deadline, call);
}

int wg_reltimedwait(wg_t *wg, const struct timespec *reltime)
{
    int error = trywait(wg, "wg_reltimedwait");
    return error == EBUSY ? wait_for(wg, *reltime, "wg_reltimedwait") : error;
}

#ifdef WG_TIME32
/* For programs whose time_t has 32 bits, where the library's own has 64.  These functions
 * have the plain names; the three above have the names that WG_TIME64_ gives them. */
struct timespec32 {
    long tv_sec, tv_nsec;
} __attribute__((may_alias));

#    define CALLED(name) CALLED_AS(name)
/* clang-format off */
#    define CALLED_AS(name) __asm__(#name)
/* clang-format on */

WG_PUBLIC int wg_timedwait32(wg_t *wg, const struct timespec32 *abstime)
    CALLED(wg_timedwait);
WG_PUBLIC int wg_clockwait32(wg_t *wg, clockid_t clock, const struct timespec32 *abstime)
    CALLED(wg_clockwait);
WG_PUBLIC int wg_reltimedwait32(wg_t *wg, const struct timespec32 *reltime)
    CALLED(wg_reltimedwait);

static struct timespec widened(const struct timespec32 *time)
{
    return (struct timespec){.tv_sec = time->tv_sec, .tv_nsec = time->tv_nsec};
}

/* The deadline is looked at only if there is something to wait for. */
static int wait32(wg_t *wg, clockid_t clock, const struct timespec32 *abstime,
                  const char *call)
{
    int error = trywait(wg, call);
    if (error != EBUSY)
        return error;
    struct timespec time = widened(abstime);
    return wait_slowly(wg, clock, &time, call);
}

int wg_timedwait32(wg_t *wg, const struct timespec32 *abstime)
{
    return wait32(wg, CLOCK_REALTIME, abstime, "wg_timedwait");
}

int wg_clockwait32(wg_t *wg, clockid_t clock, const struct timespec32 *abstime)
{
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
        return EINVAL;
    return wait32(wg, clock, abstime, "wg_clockwait");
}

int wg_reltimedwait32(wg_t *wg, const struct timespec32 *reltime)
{
    int error = trywait(wg, "wg_reltimedwait");
    return error == EBUSY ? wait_for(wg, widened(reltime), "wg_reltimedwait") : error;
}
#endif

/*
 * Looking, and the end.
 */

int wg_count(const wg_t *wg)
{
    touch((wg_t *)(uintptr_t)wg);
    uint64_t s = wg_word_load(wg_word_of(wg));
    if (wg_word_destroyed(s)) {
        used_after_destroy(wg, "wg_count");
        return 0;
    }
    int64_t counter = wg_word_sum(s, 0);
    return counter < 0 ? 0 : counter > INT32_MAX ? INT32_MAX : (int)counter;
}

/* There are waiters.  If none is queued here, the word counts waiters of the process that
 * this one is a fork of.  Then they are taken out of the word. */
static __attribute__((noinline)) uint64_t destroy_with_waiters(wg_t *wg, uint64_t s)
{
    int caller_errno = errno;
    const void *key = wg_sema_of(wg);
    struct wg_bucket *bucket = wg_lot_lock(key);
    struct wg_waiter **queue = wg_lot_find(bucket, key);
    if (*queue == NULL) {
        end_round(wg, bucket, queue);
        s = wg_word_destroy(wg_word_of(wg));
    }
    wg_lot_unlock(bucket);
    restore_errno(caller_errno);
    return s;
}

int wg_destroy(wg_t *wg)
{
    touch(wg);
    uint64_t s = wg_word_destroy(wg_word_of(wg));
    if (wg_word_round_over(s))
        s = destroy_with_waiters(wg, s);
    if (wg_word_idle(s)) {
        wg_happens_after(wg);
        return 0;
    }
    return wg_word_destroyed(s) ? used_after_destroy(wg, "wg_destroy") : EBUSY;
}

const char *wg_version(void)
{
    return WG_VERSION_STRING;
}
