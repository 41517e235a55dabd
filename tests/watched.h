/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * watched.h - functions of the system that are watched, for test_lot
 *
 * Its build includes this before each source file.  The macros come after the declarations: with
 * a time_t of 64 bits on a 32-bit system, glibc declares some of these functions as other names
 * for others, and that must not be said of what is in their place.
 */
#ifndef TESTS_WATCHED_H
#define TESTS_WATCHED_H

#include <config.h>

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

int watched_sem_post(sem_t *sem);
int watched_sem_timedwait(sem_t *sem, const struct timespec *deadline);
int watched_sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *deadline);
int watched_pthread_cond_signal(pthread_cond_t *cond);
int watched_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                   const struct timespec *deadline);
int watched_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock);
int watched_pthread_mutex_unlock(pthread_mutex_t *mutex);

#ifdef __cplusplus
}
#endif

#define sem_post watched_sem_post
#define sem_timedwait watched_sem_timedwait
#define sem_clockwait watched_sem_clockwait
#define pthread_cond_signal watched_pthread_cond_signal
#define pthread_cond_timedwait watched_pthread_cond_timedwait
#define pthread_condattr_setclock watched_pthread_condattr_setclock
#define pthread_mutex_unlock watched_pthread_mutex_unlock

#endif /* TESTS_WATCHED_H */
