/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * parker.h - the operating system's part: a thread sleeps until another one posts
 *
 * It sleeps on a POSIX semaphore.  Where configure has found that these do not work within
 * a process, as on macOS, it sleeps on a condition variable.  Where there is no
 * sem_clockwait(), it also does so until a deadline on a clock that semaphores do not know.
 *
 * A parker is posted at most once.  The thread that posts does not touch it afterwards, so
 * the one that has been woken may let it go out of scope.
 */
#ifndef WG_PARKER_H
#define WG_PARKER_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "internal.h"

#ifdef WG_PARK_ON_SEMAPHORES
#    include <semaphore.h>
#endif

/* Both members exist only where semaphores do not suit all deadlines. */
struct wg_parker {
#ifdef WG_PARK_ON_SEMAPHORES
    sem_t semaphore;
#endif
#ifndef HAVE_SEM_CLOCKWAIT
    struct wg_condition {
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        bool posted; /* mutex */
    } condition;
#    ifdef WG_PARK_ON_SEMAPHORES
    bool on_condition; /* constant */
#    endif
#endif
};

/* clock is that of the deadline, if there is one. */
WG_INTERNAL void wg_parker_init(struct wg_parker *parker, clockid_t clock);
WG_INTERNAL void wg_parker_destroy(struct wg_parker *parker);

/* What happens before the post happens before the return of the wait. */
WG_INTERNAL void wg_parker_post(struct wg_parker *parker);

/* Sleep until the post, or until the deadline on clock if it is not null: 0 or ETIMEDOUT.
 * Signals do not end it.  A cancellation point; a wait that is cancelled takes no post. */
WG_INTERNAL int wg_parker_wait(struct wg_parker *parker, clockid_t clock,
                               const struct timespec *deadline);

#endif /* WG_PARKER_H */
