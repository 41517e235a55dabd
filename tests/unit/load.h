/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * load.h - what puts load on groups: chance, time, aiming at a moment, signals,
 * crowded buckets
 *
 * For programs with a copy of the library.  What is chosen at random depends on the seed
 * that is printed: WG_SEED=number in the environment chooses it again.  What the scheduler
 * makes of it is another matter.
 */
#ifndef TESTS_LOAD_H
#define TESTS_LOAD_H

#include "common.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

BEGIN_C
#include "../../src/lot.h"
#include "../../src/spin.h"
END_C

/* The member of a struct, in which i386 would align an int64_t to 4. */
typedef int64_t __attribute__((aligned(8))) atomic_int64;

/*
 * Chance, time, and aiming at a moment.
 */

static uint64_t seed;

static inline uint64_t draw(uint64_t *random, uint64_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (*random >> 16) % below;
}

static inline uint64_t sow(uint64_t number)
{
    uint64_t random = (seed + number) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    for (int i = 0; i < 8; i++)
        draw(&random, 2);
    return random;
}

static inline void pause_for(uint64_t ns)
{
    struct timespec pause = moment((int64_t)ns);
    nanosleep(&pause, NULL);
}

/* Between two looks at what other threads are to change.  Not sched_yield(): where many
 * threads have something to do, it lets all of them have their time first. */
static inline void rest(void)
{
    pause_for(20000);
}

static inline void work_for(uint64_t ns)
{
    const int64_t end = now_on(CLOCK_MONOTONIC) + (int64_t)ns;
    while (now_on(CLOCK_MONOTONIC) < end)
        continue;
}

/* What a task takes its time with: computing, or something for which it leaves the
 * processor to others.  Where processors are busy, waits for the first kind end while they
 * still spin. */
static inline void take_time(uint64_t *random, uint64_t most_ns)
{
    (draw(random, 3) == 0 ? work_for : pause_for)(draw(random, most_ns));
}

/* After how long waits have to give up, so that one half of them do.  All of it is relaxed:
 * a guess need not be exact. */
struct aim {
    atomic_int64 center;
};

static inline int64_t aim_center(const struct aim *aim)
{
    return __atomic_load_n(&aim->center, __ATOMIC_RELAXED);
}

static inline int64_t aim_at(const struct aim *aim, uint64_t *random)
{
    int64_t center = aim_center(aim);
    /* One half of the shots is close together, the other covers what comes
     * before and after. */
    int64_t spread = draw(random, 2) == 0 ? center / 16 : center / 2;
    return center - spread + (int64_t)draw(random, 2 * (uint64_t)spread + 1);
}

static inline void aim_learn(struct aim *aim, bool was_too_soon)
{
    int64_t center = aim_center(aim);
    center += was_too_soon ? center / 32 : -(center / 32);
    if (center < 2000)
        center = 2000;
    if (center > 100000000)
        center = 100000000;
    __atomic_store_n(&aim->center, center, __ATOMIC_RELAXED);
}

/*
 * Signals.  One handler restarts what it interrupts, the other does not.
 */

static inline void install_handlers(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    sigaction(SIGUSR1, &action, NULL);
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR2, &action, NULL);
    handled = 0;
}

/*
 * Groups, and their queues.
 */

/* Whenever the lock of a bucket is free, the word of a group shows as many waiters as are
 * in the queue.  They make a ring; whoever is in it can count the others. */
static inline bool word_and_queue_agree(wg_t *wg)
{
    const void *key = wg_sema_of(wg);
    struct wg_waiter self;
    uint32_t queued = 0;
    struct wg_bucket *bucket = wg_lot_lock(key);
    uint32_t shown = waiters_of(wg);
    wg_lot_enqueue(bucket, key, &self);
    for (const struct wg_waiter *other = self.next; other != &self; other = other->next)
        queued++;
    bool is_left = wg_lot_leave(bucket, &self);
    wg_lot_unlock(bucket);
    return is_left && shown == queued;
}

static inline bool is_queued(wg_t *wg)
{
    const void *key = wg_sema_of(wg);
    struct wg_bucket *bucket = wg_lot_lock(key);
    bool queued = *wg_lot_find(bucket, key) != NULL;
    wg_lot_unlock(bucket);
    return queued;
}

static inline struct wg_bucket *bucket_of(wg_t *wg)
{
    struct wg_bucket *bucket = wg_lot_lock(wg_sema_of(wg));
    wg_lot_unlock(bucket);
    return bucket;
}

/* Until so many are queued and have let go of the lock: now they sleep, or are about to. */
static inline void until_queued(wg_t *wg, uint32_t waiters)
{
    until_parked(wg, waiters);
    bucket_of(wg);
}

/* Where groups may be.  The addresses are 12 bytes apart, so both layouts occur. */
static wg_t places[1 << 14];

/* Groups that share so many buckets, four at most: the first ones found in the first of
 * them.  One alone gets the first place.  False if there are not so many. */
static inline bool choose_groups(wg_t *groups[], size_t number, size_t buckets)
{
    const struct wg_bucket *known[4];
    size_t so_far = 0, found = 0;
    for (size_t i = 0; i < COUNT(places) && found < number; i++) {
        const struct wg_bucket *bucket = bucket_of(&places[i]);
        size_t b = 0;
        while (b < so_far && known[b] != bucket)
            b++;
        if (b == so_far && so_far < buckets)
            known[so_far++] = bucket;
        if (b < so_far) {
            groups[found++] = &places[i];
            wg_init(&places[i]);
        }
    }
    return found == number;
}

/*
 * To begin with.
 */

/* From now on no wait spins.  They park, which is what all this is about; and on a machine
 * that has much else to do, spinning takes so long that few waits would get any further. */
static inline void spin_no_more(void)
{
    __atomic_store_n(&wg_spin_credit, INT_MIN, __ATOMIC_RELAXED);
}

/* Print the seed; draw one if none is given. */
static inline void prepare_load(void)
{
    const char *chosen = getenv("WG_SEED");
    seed = chosen != NULL ? strtoull(chosen, NULL, 0)
                          : (uint64_t)now_on(CLOCK_REALTIME) ^ (uint64_t)getpid() << 40;
    printf("# WG_SEED=%" PRIu64 "\n", seed);
#ifdef __linux__
    /* Deadlines that hit the release, rather than come within 50 microseconds of it. */
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
#endif
}

#endif /* TESTS_LOAD_H */
