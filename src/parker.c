/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* parker.c - sleeping on a semaphore, or on a condition variable */
#include <config.h>

#include "parker.h"

#include <errno.h>

#include "annotate.h"

/*
 * Semaphores.
 */
#ifdef WG_PARK_ON_SEMAPHORES

static int sleep_on_semaphore(sem_t *semaphore, clockid_t clock,
                              const struct timespec *deadline)
{
    (void)clock;
    while ((deadline == NULL ? sem_wait(semaphore) :
#    ifdef HAVE_SEM_CLOCKWAIT
                             sem_clockwait(semaphore, clock, deadline)
#    else
                             sem_timedwait(semaphore, deadline)
#    endif
                ) != 0)
        if (errno != EINTR)
            return errno;
    wg_post_taken(semaphore);
    return 0;
}

#endif

/*
 * Condition variables.
 */
#ifndef HAVE_SEM_CLOCKWAIT

static void init_condition(struct wg_condition *condition, clockid_t clock)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
#    ifndef HAVE_PTHREAD_COND_TIMEDWAIT_RELATIVE_NP
    pthread_condattr_setclock(&attributes, clock);
#    endif
    (void)clock;
    pthread_cond_init(&condition->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&condition->mutex, NULL);
    condition->posted = false;
}

static void destroy_condition(struct wg_condition *condition)
{
    pthread_cond_destroy(&condition->changed);
    pthread_mutex_destroy(&condition->mutex);
}

/* The signal comes before the unlock: when the lock is free, the condition may be gone. */
static void post_condition(struct wg_condition *condition)
{
    pthread_mutex_lock(&condition->mutex);
    condition->posted = true;
    pthread_cond_signal(&condition->changed);
    pthread_mutex_unlock(&condition->mutex);
}

static void unlock(void *mutex)
{
    pthread_mutex_unlock(mutex);
}

/* pthread_cond_timedwait() with a deadline on the clock that the condition was made for. */
static int sleep_until(struct wg_condition *condition, clockid_t clock,
                       const struct timespec *deadline)
{
#    ifdef HAVE_PTHREAD_COND_TIMEDWAIT_RELATIVE_NP
    /* The conditions of macOS and winpthreads know only the wall clock and durations.
     * winpthreads counts milliseconds in 32 bits, which are 49 days.  So far from the
     * deadline this sleeps an hour at a time, and the caller goes on. */
    const struct timespec hour = {3600, 0};
    struct timespec left;
    clock_gettime(clock, &left);
    left.tv_sec = deadline->tv_sec - left.tv_sec;
    left.tv_nsec = deadline->tv_nsec - left.tv_nsec;
    if (left.tv_nsec < 0) {
        left.tv_sec--;
        left.tv_nsec += 1000000000;
    }
    if (left.tv_sec >= hour.tv_sec) {
        pthread_cond_timedwait_relative_np(&condition->changed, &condition->mutex, &hour);
        return 0;
    }
    if (clock != CLOCK_REALTIME)
        return left.tv_sec < 0 ? ETIMEDOUT
                               : pthread_cond_timedwait_relative_np(
                                     &condition->changed, &condition->mutex, &left);
#    endif
    (void)clock;
    return pthread_cond_timedwait(&condition->changed, &condition->mutex, deadline);
}

static int sleep_on_condition(struct wg_condition *condition, clockid_t clock,
                              const struct timespec *deadline)
{
    int error = 0;
    pthread_mutex_lock(&condition->mutex);
    pthread_cleanup_push(unlock, &condition->mutex);
    /* In winpthreads a wait ends with another error if the thread is cancelled while it has
     * cancellation disabled; and a later wait, in which it is enabled, does not look for a
     * cancellation that has come before. */
    while (!condition->posted && error != ETIMEDOUT) {
        pthread_testcancel();
        error = deadline == NULL ? pthread_cond_wait(&condition->changed, &condition->mutex)
                                 : sleep_until(condition, clock, deadline);
    }
    if (condition->posted)
        error = 0;
    pthread_cleanup_pop(1);
    return error;
}

#endif

/*
 * Which of the two a parker is.
 */
#if defined(HAVE_SEM_CLOCKWAIT)
#    define CHOOSE(parker, clock) ((void)(clock))
#    define EITHER(parker, semaphore, condition) semaphore
#elif defined(WG_PARK_ON_SEMAPHORES)
/* Without sem_clockwait(), semaphores know only the wall clock. */
#    define CHOOSE(parker, clock) ((parker)->on_condition = (clock) != CLOCK_REALTIME)
#    define EITHER(parker, semaphore, condition)                                           \
        do {                                                                               \
            if ((parker)->on_condition)                                                    \
                condition;                                                                 \
            else                                                                           \
                semaphore;                                                                 \
        } while (0)
#else
#    define CHOOSE(parker, clock) ((void)0)
#    define EITHER(parker, semaphore, condition) condition
#endif

void wg_parker_init(struct wg_parker *parker, clockid_t clock)
{
    CHOOSE(parker, clock);
    EITHER(parker, sem_init(&parker->semaphore, 0, 0),
           init_condition(&parker->condition, clock));
}

void wg_parker_destroy(struct wg_parker *parker)
{
    EITHER(parker, sem_destroy(&parker->semaphore), destroy_condition(&parker->condition));
}

void wg_parker_post(struct wg_parker *parker)
{
    EITHER(parker, sem_post(&parker->semaphore), post_condition(&parker->condition));
}

int wg_parker_wait(struct wg_parker *parker, clockid_t clock,
                   const struct timespec *deadline)
{
    /* A deadline before the clock began has passed, but not every C library can handle
     * it. */
    static const struct timespec beginning = {0, 0};
    if (deadline != NULL && deadline->tv_sec < 0)
        deadline = &beginning;
    EITHER(parker, return sleep_on_semaphore(&parker->semaphore, clock, deadline),
           return sleep_on_condition(&parker->condition, clock, deadline));
}
