/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * word.h - the 64-bit atomic word of a group: where it is, how it is packed, its atomics
 *
 * WHERE.  A group is 12 bytes at a multiple of 4.  Two of its three elements form an 8-byte
 * aligned 64-bit word.  These are the word, and the third is the semaphore.  The run-time
 * address decides which two, as in Go 1.11 to 1.17:
 *
 *     address mod 8    state[0]   state[1]   state[2]
 *         0            word       word       sema
 *         4            sema       word       word
 *
 * The word is only ever accessed as one 64-bit object, never as two halves: mixed-size
 * atomics have no defined meaning, and the halves swap on big-endian machines.
 *
 * HOW.  Each part of the word with its invariant:
 *
 *     bits 63..32  counter  signed; 0..INT32_MAX, outside of it only between a misuse and
 *                           its undo.  Changed by one fetch-add for each wg_add() or
 *                           wg_done().
 *     bits 31..1   waiters  the number of waiters queued in the parking lot for this group.
 *                           Changed only under the lock of the group's bucket.  Whenever
 *                           that is free, waiters == entries queued.
 *     bit 0        closed   set by wg_close(), for good.
 *
 * A group is idle when no task and no waiter is left: the word is 0, or only closed.
 * Closed is the lowest bit, so one comparison tells whether the group is idle, and one
 * whether a round is to be ended, for open and closed groups alike.  A destroyed group has
 * the whole lower half set.  No number of threads reaches that, and no wg_add() changes it.
 */
#ifndef WG_WORD_H
#define WG_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "waitgroup.h"

_Static_assert(sizeof(wg_t) == 12, "a group is 12 bytes");
_Static_assert(_Alignof(wg_t) == 4, "a group is aligned to 4");

/* The caller declared uint32_t[3], hence may_alias.  The selection below makes sure of
 * aligned(8).  The type says so too, because some compilers otherwise call a library
 * function. */
typedef uint64_t __attribute__((may_alias, aligned(8))) wg_word;

#define WG_CLOSED ((uint64_t)1)
#define WG_ONE_WAITER ((uint64_t)2)
#define WG_LOWER_HALF ((uint64_t)UINT32_MAX)

/* The counter of a destroyed group is far below 0.  So it stays below 0 while several
 * additions are in flight, unless these add 2^30 or more in all. */
#define WG_DESTROYED (((uint64_t)0xC0000000 << 32) | WG_LOWER_HALF)

static inline wg_word *wg_word_of(const wg_t *wg)
{
    return (wg_word *)(((uintptr_t)wg + 4) & ~(uintptr_t)7);
}

/* Waiters sleep on the address of the semaphore, as in Go.  Its value, which Go counts in,
 * is not used. */
static inline uint32_t *wg_sema_of(wg_t *wg)
{
    return &wg->state[(uintptr_t)wg % 8 == 0 ? 2 : 0];
}

static inline int32_t wg_word_counter(uint64_t s)
{
    return (int32_t)(s >> 32);
}

/* What to add to the word to add delta to the counter.  Its negation undoes it, INT_MIN
 * too. */
static inline uint64_t wg_word_tasks(int32_t delta)
{
    return (uint64_t)(uint32_t)delta << 32;
}

static inline uint32_t wg_word_waiters(uint64_t s)
{
    return (uint32_t)s >> 1;
}

static inline bool wg_word_destroyed(uint64_t s)
{
    return (s & WG_LOWER_HALF) == WG_LOWER_HALF;
}

/* A destroyed group is closed, too. */
static inline bool wg_word_closed(uint64_t s)
{
    return (s & WG_CLOSED) != 0;
}

static inline bool wg_word_idle(uint64_t s)
{
    return s <= WG_CLOSED;
}

/* Is a round to be ended: is the counter 0, and are waiters left?  Not so for a destroyed
 * group whose counter is 0 for the moment, because of an addition that is about to be
 * undone. */
static inline bool wg_word_round_over(uint64_t s)
{
    return s - WG_ONE_WAITER < WG_LOWER_HALF - WG_ONE_WAITER;
}

/*
 * May the addition that led from old to now be a misuse?  From a counter in 0..INT32_MAX, a
 * 32-bit sum that leaves this range is negative.  If the old counter was outside already,
 * the group is destroyed, or another thread's misuse is in flight, and the sum may have
 * wrapped.
 */
static inline bool wg_word_suspect(uint64_t old, uint64_t now)
{
    return (int64_t)(old | now) < 0;
}

/*
 * The counter that adding delta to old leads to, not wrapped to 32 bits.  If the old
 * counter is outside of 0..INT32_MAX, another thread's misuse is in flight.  Then the old
 * counter is taken to be above or below the range, whichever is nearer.  That is a guess.
 * It is right unless the misuse was by more than 2^30; then a correct call may be taken for
 * the misuse.
 */
static inline int64_t wg_word_sum(uint64_t old, int32_t delta)
{
    const int64_t below = INT64_C(1) << 30;
    const int64_t counter = (int64_t)((uint32_t)(old >> 32) + (uint32_t)below) - below;
    return counter + delta;
}

/*
 * The atomics.  After wg_word_init() the word is changed by read-modify-writes only.  So
 * each fetch-add heads a release sequence that no later change interrupts: a thread that
 * acquires from the word synchronizes with every task that has finished by then.
 */

/* Relaxed: no other thread uses the group yet, and what makes it known to them orders
 * this. */
static inline void wg_word_init(wg_word *word)
{
    __atomic_store_n(word, 0, __ATOMIC_RELAXED);
}

/* Release: the task's work, and this call's last touch of the group, are visible to the
 * thread that acquires the word later (wg_word_load, wg_word_end_round, wg_word_destroy).
 * Not acquire: the caller learns nothing of the counter.  If it goes on to the parking lot,
 * it has seen a waiter, and it gets the bucket's lock after that waiter.  Had it got the
 * lock before, this addition would happen before the waiter's registration, and could not
 * have seen it.  So the lock orders the rest. */
static inline uint64_t wg_word_add(wg_word *word, uint64_t tasks)
{
    return __atomic_fetch_add(word, tasks, __ATOMIC_RELEASE);
}

/* The same, and acquire: if the counter is 0, the caller has to see what the other tasks
 * have done (wg_word_add, wg_word_tryadd), and that the group is closed (wg_word_close);
 * and it may free the group, as after wg_word_load.  A load afterwards would not do: the
 * group may be gone. */
static inline uint64_t wg_word_add_and_see(wg_word *word, uint64_t tasks)
{
    return __atomic_fetch_add(word, tasks, __ATOMIC_ACQ_REL);
}

/* Adds tasks to s, which is not closed; false if the word is no longer s.  Release: as
 * wg_word_add. */
static inline bool wg_word_tryadd(wg_word *word, uint64_t s, uint64_t tasks)
{
    return __atomic_compare_exchange_n(word, &s, s + tasks, false, __ATOMIC_RELEASE,
                                       __ATOMIC_RELAXED);
}

/* Closed from now on; returns what the word was.  Release: the closing thread's work, to
 * the thread that finds the group closed (wg_word_load before a wg_word_tryadd,
 * wg_word_add_and_see).  Acquire: if the counter was 0, as wg_word_load. */
static inline uint64_t wg_word_close(wg_word *word)
{
    return __atomic_fetch_or(word, WG_CLOSED, __ATOMIC_ACQ_REL);
}

/* Acquire: a wait that returns on this value has to see the tasks' work (wg_word_add).  It
 * may free the group, so the last touches of the others have to lie before (wg_word_add,
 * wg_word_end_round, wg_word_unregister).  Where the end of a round follows, that acquires
 * anyway.  And an addition that is refused has to see what came before the close
 * (wg_word_close). */
static inline uint64_t wg_word_load(const wg_word *word)
{
#ifdef __GCC_HAVE_SYNC_COMPARE_AND_SWAP_8
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
#else
    /* On armel, libatomic's load can take the halves from two different values, and return
     * a 0 that was never there.  Its read-modify-writes cannot. */
    return __atomic_fetch_add((wg_word *)(uintptr_t)word, 0, __ATOMIC_ACQUIRE);
#endif
}

/* One waiter more; false if the word is no longer s.  The bucket's lock is held.  Relaxed:
 * the waiter publishes nothing here.  Its entry, and this touch of the group, go through
 * the bucket's lock to the thread that will take the entry. */
static inline bool wg_word_register(wg_word *word, uint64_t s)
{
    return __atomic_compare_exchange_n(word, &s, s + WG_ONE_WAITER, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}

/* One waiter less; returns the word after that.  The bucket's lock is held, and the
 * waiter's own entry was queued until now.  Acquire: if the counter is 0, the wait succeeds
 * after all, as in wg_word_load.  Release: if the word is idle, another thread may read
 * that next (wg_word_load) and free the group. */
static inline uint64_t wg_word_unregister(wg_word *word)
{
    return __atomic_sub_fetch(word, WG_ONE_WAITER, __ATOMIC_ACQ_REL);
}

/* The end of a round: from s, a counter of 0 with waiters, to idle; false if the word is no
 * longer s.  The bucket's lock is held.  An entry of the group is queued, or the caller is
 * in a wait or in wg_destroy().  Acquire: the tasks' work (wg_word_add) is passed on to the
 * waiters that this thread releases.  The load that found s is not enough: the counter may
 * have risen and fallen back to 0 since.  Release: a thread that reads this (wg_word_load)
 * may free the group at once. */
static inline bool wg_word_end_round(wg_word *word, uint64_t s)
{
    return __atomic_compare_exchange_n(word, &s, s & WG_CLOSED, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

/* From idle to destroyed; returns what the word was: idle if it is destroyed by this
 * call. */
static inline uint64_t wg_word_destroy(wg_word *word)
{
    uint64_t s;
    do {
        s = wg_word_load(word);
        /* Acquire: its partners are those of wg_word_load (wg_word_add and the others),
         * since the caller may free the group, and what its tasks used.  The load is not
         * enough: the counter may have risen and fallen since.  If the exchange fails,
         * nothing is concluded: the group may only have been closed. */
    } while (wg_word_idle(s) &&
             !__atomic_compare_exchange_n(word, &s, WG_DESTROYED, false, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    return s;
}

#endif /* WG_WORD_H */
