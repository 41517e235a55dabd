/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* parker.c - sleeping on POSIX semaphores, and for want of sem_clockwait on a condition */
#include "parker.h"

#include <errno.h>

#ifdef HAVE_SEM_CLOCKWAIT

void wg_parker_init(struct wg_parker *parker, clockid_t clock)
{
    (void)clock;
    sem_init(&parker->semaphore, 0, 0);
}

void wg_parker_destroy(struct wg_parker *parker)
{
    sem_destroy(&parker->semaphore);
}

void wg_parker_post(struct wg_parker *parker)
{
    sem_post(&parker->semaphore);
}

int wg_parker_wait(struct wg_parker *parker, clockid_t clock,
                   const struct timespec *deadline)
{
    sem_t *semaphore = &parker->semaphore;
    while ((deadline == NULL ? sem_wait(semaphore)
                             : sem_clockwait(semaphore, clock, deadline)) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

#else

void wg_parker_init(struct wg_parker *parker, clockid_t clock)
{
    parker->on_condition = clock == CLOCK_MONOTONIC;
    if (!parker->on_condition) {
        sem_init(&parker->semaphore, 0, 0);
        return;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&parker->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&parker->mutex, NULL);
    parker->posted = false;
}

void wg_parker_destroy(struct wg_parker *parker)
{
    if (!parker->on_condition) {
        sem_destroy(&parker->semaphore);
        return;
    }
    pthread_cond_destroy(&parker->condition);
    pthread_mutex_destroy(&parker->mutex);
}

void wg_parker_post(struct wg_parker *parker)
{
    if (!parker->on_condition) {
        sem_post(&parker->semaphore);
        return;
    }
    /* The signal before the unlock: when the lock is free, the parker may be gone. */
    pthread_mutex_lock(&parker->mutex);
    parker->posted = true;
    pthread_cond_signal(&parker->condition);
    pthread_mutex_unlock(&parker->mutex);
}

static void unlock(void *mutex)
{
    pthread_mutex_unlock(mutex);
}

static int wait_on_condition(struct wg_parker *parker, const struct timespec *deadline)
{
    int error = 0;
    pthread_mutex_lock(&parker->mutex);
    pthread_cleanup_push(unlock, &parker->mutex);
    while (!parker->posted && error == 0)
        error = deadline == NULL
                    ? pthread_cond_wait(&parker->condition, &parker->mutex)
                    : pthread_cond_timedwait(&parker->condition, &parker->mutex, deadline);
    if (parker->posted)
        error = 0;
    pthread_cleanup_pop(1);
    return error;
}

int wg_parker_wait(struct wg_parker *parker, clockid_t clock,
                   const struct timespec *deadline)
{
    (void)clock;
    if (parker->on_condition)
        return wait_on_condition(parker, deadline);
    sem_t *semaphore = &parker->semaphore;
    while ((deadline == NULL ? sem_wait(semaphore) : sem_timedwait(semaphore, deadline)) !=
           0)
        if (errno != EINTR)
            return errno;
    return 0;
}

#endif
