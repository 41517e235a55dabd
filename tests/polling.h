/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * polling.h - waiting on a semaphore in short steps, for ThreadSanitizer
 *
 * A thread that is cancelled inside ThreadSanitizer's sem_wait() never leaves it as far as
 * ThreadSanitizer knows: it ignores the locks that the thread takes in its cleanup handlers, and
 * reports races that are none.  And it does not know sem_clockwait() at all.  So its own test
 * build includes this before each source file: a cancellation is acted on between two short
 * waits, and not in them.
 */
#ifndef TESTS_POLLING_H
#define TESTS_POLLING_H

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

static inline bool polling_is_over(clockid_t clock, const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec > deadline->tv_sec ||
           (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

static inline int polling_sem_clockwait(sem_t *sem, clockid_t clock,
                                        const struct timespec *deadline)
{
    int result, cancel_state;
    do {
        struct timespec soon;
        pthread_testcancel();
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 1000000;
        soon.tv_sec += soon.tv_nsec / 1000000000;
        soon.tv_nsec %= 1000000000;
        result = sem_timedwait(sem, &soon);
        pthread_setcancelstate(cancel_state, &cancel_state);
    } while (result != 0 && errno == ETIMEDOUT &&
             (deadline == NULL || !polling_is_over(clock, deadline)));
    return result;
}

#define sem_clockwait polling_sem_clockwait
#define sem_wait(sem) polling_sem_clockwait(sem, CLOCK_REALTIME, NULL)

#endif /* TESTS_POLLING_H */
