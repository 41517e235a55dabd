/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * watched.h - functions of the system that are watched, and gates at which
 * threads are stopped
 *
 * The builds of the programs with tests/unit/watched.c include this before each source
 * file.  The macros come after the declarations: with a time_t of 64 bits on a 32-bit
 * system, glibc declares some of these functions as other names for others, and that must
 * not be said of what is in their place.
 */
#ifndef TESTS_WATCHED_H
#define TESTS_WATCHED_H

#include <config.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

int watched_sem_init(sem_t *sem, int shared, unsigned value);
int watched_sem_destroy(sem_t *sem);
int watched_sem_post(sem_t *sem);
int watched_sem_timedwait(sem_t *sem, const struct timespec *deadline);
int watched_sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *deadline);
int watched_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes);
int watched_pthread_cond_destroy(pthread_cond_t *cond);
int watched_pthread_cond_signal(pthread_cond_t *cond);
int watched_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                   const struct timespec *deadline);
int watched_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock);
int watched_pthread_mutex_lock(pthread_mutex_t *mutex);
int watched_pthread_mutex_unlock(pthread_mutex_t *mutex);
int watched_pthread_atfork(void (*prepare)(void), void (*parent)(void),
                           void (*child)(void));

/* A thread is stopped when it comes to such a point, after it has gone through so many,
 * until it is let go. */
enum point { BEFORE_LOCK, BEFORE_ANY_LOCK, AFTER_ANY_LOCK, BEFORE_POST };

struct gate {
    enum point point;
    int passes;
    int stage; /* atomic: 1 when the thread has been stopped, 2 when it shall go on */
};

extern __thread struct gate *gate_of_thread;

bool is_stopped(const struct gate *gate);
void let_go(struct gate *gate);

/* The lock that BEFORE_LOCK is about, and that is taken from one post to the next: a struct
 * wg_bucket begins with it. */
extern const void *bucket_watched;

/* Posts: of this thread, and of all; the most of one that does not end a round; and the
 * most of one from one lock to the next. */
extern __thread int posts;
extern __thread bool ends_round;
extern int all_posts, most_of_helper, most_at_once;

/* Semaphores and conditions that were made or destroyed by a thread that held a lock. */
extern int made_under_lock;

/* Those that this thread posts are gone at once, as if they had been waiting for
 * nothing else. */
extern __thread bool posted_are_gone;

/* What the calling thread has last asked the system for, and how often the system is to let
 * it go before: because of a signal, or, on a condition, for no reason. */
extern __thread struct sleep {
    clockid_t clock;
    struct timespec deadline;
    int interruptions;
} sleep_of;

/* The clock of a condition is an attribute.  A thread waits on one at a time. */
extern __thread clockid_t clock_of_condition;

#ifdef __cplusplus
}
#endif

#define sem_init watched_sem_init
#define sem_destroy watched_sem_destroy
#define sem_post watched_sem_post
#define sem_timedwait watched_sem_timedwait
#define sem_clockwait watched_sem_clockwait
#define pthread_cond_init watched_pthread_cond_init
#define pthread_cond_destroy watched_pthread_cond_destroy
#define pthread_cond_signal watched_pthread_cond_signal
#define pthread_cond_timedwait watched_pthread_cond_timedwait
#define pthread_condattr_setclock watched_pthread_condattr_setclock
#define pthread_mutex_lock watched_pthread_mutex_lock
#define pthread_mutex_unlock watched_pthread_mutex_unlock
#ifdef HAVE_FORK
#    define pthread_atfork watched_pthread_atfork
#endif

#endif /* TESTS_WATCHED_H */
