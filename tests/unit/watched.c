/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* watched.c - what the library calls in place of the functions that are watched */
#include "watched.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/lot.h"

#undef sem_init
#undef sem_destroy
#undef sem_post
#undef sem_timedwait
#undef sem_clockwait
#undef pthread_cond_init
#undef pthread_cond_destroy
#undef pthread_cond_signal
#undef pthread_cond_timedwait
#undef pthread_condattr_setclock
#undef pthread_mutex_lock
#undef pthread_mutex_unlock
#ifdef HAVE_FORK
#    undef pthread_atfork
#endif

/*
 * Gates.
 */

__thread struct gate *gate_of_thread;
const void *bucket_watched;

bool is_stopped(const struct gate *gate)
{
    return __atomic_load_n(&gate->stage, __ATOMIC_ACQUIRE) == 1;
}

void let_go(struct gate *gate)
{
    __atomic_store_n(&gate->stage, 2, __ATOMIC_RELEASE);
}

static void come_to(enum point point)
{
    struct gate *gate = gate_of_thread;
    if (gate == NULL || gate->point != point || gate->passes-- != 0)
        return;
    __atomic_store_n(&gate->stage, 1, __ATOMIC_RELEASE);
    while (is_stopped(gate))
        sched_yield();
}

/*
 * Locks.
 */

static __thread int held;       /* by this thread */
static __thread int since_lock; /* posts */
int made_under_lock;

int watched_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    if (mutex == bucket_watched)
        come_to(BEFORE_LOCK);
    come_to(BEFORE_ANY_LOCK);
    int result = pthread_mutex_lock(mutex);
    held++;
    if (mutex == bucket_watched)
        since_lock = 0;
    come_to(AFTER_ANY_LOCK);
    return result;
}

/* The post of a condition ends with an unlock. */
static __thread void *signalled;
__thread bool posted_are_gone;

static void make_room(void *parker)
{
    struct wg_waiter *gone =
        (struct wg_waiter *)(void *)((char *)parker - offsetof(struct wg_waiter, parker));
    memset(gone, 0, offsetof(struct wg_waiter, parker));
}

int watched_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    held--;
    int result = pthread_mutex_unlock(mutex);
    if (signalled != NULL && posted_are_gone)
        make_room(signalled);
    signalled = NULL;
    return result;
}

static void note_making(void)
{
    if (held != 0)
        __atomic_fetch_add(&made_under_lock, 1, __ATOMIC_RELAXED);
}

int watched_sem_init(sem_t *sem, int shared, unsigned value)
{
    note_making();
    return sem_init(sem, shared, value);
}

int watched_sem_destroy(sem_t *sem)
{
    note_making();
    return sem_destroy(sem);
}

int watched_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes)
{
    note_making();
    return pthread_cond_init(cond, attributes);
}

int watched_pthread_cond_destroy(pthread_cond_t *cond)
{
    note_making();
    return pthread_cond_destroy(cond);
}

/*
 * Posts.
 */

__thread int posts;
__thread bool ends_round;
int all_posts, most_of_helper, most_at_once;

static void keep_most(int *record, int number)
{
    int most = __atomic_load_n(record, __ATOMIC_RELAXED);
    while (most < number &&
           !__atomic_compare_exchange_n(record, &most, number, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
        continue;
}

static void count_post(void)
{
    keep_most(&most_at_once, ++since_lock);
    posts++;
    if (!ends_round)
        keep_most(&most_of_helper, posts);
    __atomic_fetch_add(&all_posts, 1, __ATOMIC_RELAXED);
}

int watched_sem_post(sem_t *sem)
{
    come_to(BEFORE_POST);
    count_post();
    int result = sem_post(sem);
    if (posted_are_gone)
        make_room(sem);
    return result;
}

#ifndef HAVE_SEM_CLOCKWAIT
int watched_pthread_cond_signal(pthread_cond_t *cond)
{
    come_to(BEFORE_POST);
    count_post();
    signalled = (char *)cond - offsetof(struct wg_parker, condition.changed);
    return pthread_cond_signal(cond);
}
#endif

/*
 * Sleeping.
 */

__thread struct sleep sleep_of;
__thread clockid_t clock_of_condition;

static bool is_interrupted(clockid_t clock, const struct timespec *deadline)
{
    sleep_of.clock = clock;
    sleep_of.deadline = *deadline;
    return sleep_of.interruptions-- > 0;
}

int watched_sem_timedwait(sem_t *sem, const struct timespec *deadline)
{
    if (is_interrupted(CLOCK_REALTIME, deadline)) {
        errno = EINTR;
        return -1;
    }
    return sem_timedwait(sem, deadline);
}

#ifdef HAVE_SEM_CLOCKWAIT
int watched_sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *deadline)
{
    if (is_interrupted(clock, deadline)) {
        errno = EINTR;
        return -1;
    }
    return sem_clockwait(sem, clock, deadline);
}
#endif

int watched_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
    clock_of_condition = clock;
    return pthread_condattr_setclock(attributes, clock);
}

int watched_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                   const struct timespec *deadline)
{
    if (is_interrupted(clock_of_condition, deadline))
        return 0;
    return pthread_cond_timedwait(cond, mutex, deadline);
}

/*
 * Forks.
 */
#ifdef HAVE_FORK

int watched_pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    return getenv("WG_NO_ATFORK") != NULL ? ENOMEM : pthread_atfork(prepare, parent, child);
}

#endif
