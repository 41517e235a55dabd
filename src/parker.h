/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * parker.h - the operating system's part: a thread sleeps until another one posts
 *
 * A parker is posted at most once.  The thread that posts does not touch it afterwards, so the
 * one that has been woken may let it go out of scope.
 */
#ifndef WG_PARKER_H
#define WG_PARKER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <time.h>

struct wg_parker {
    sem_t semaphore;
#ifndef HAVE_SEM_CLOCKWAIT
    /* sem_timedwait() follows the wall clock.  Where there is no sem_clockwait(), deadlines on
     * CLOCK_MONOTONIC are waited for on a condition variable instead. */
    bool on_condition;
    bool posted; /* mutex */
    pthread_mutex_t mutex;
    pthread_cond_t condition;
#endif
};

/* clock is that of the deadline, if there is one. */
void wg_parker_init(struct wg_parker *parker, clockid_t clock);
void wg_parker_destroy(struct wg_parker *parker);

/* What happens before the post happens before the return of the wait. */
void wg_parker_post(struct wg_parker *parker);

/* Sleep until the post, or until the deadline on clock if it is not null: 0 or ETIMEDOUT.
 * Signals do not end it.  A cancellation point; a wait that is cancelled takes no post. */
int wg_parker_wait(struct wg_parker *parker, clockid_t clock,
                   const struct timespec *deadline);

#endif /* WG_PARKER_H */
