/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * polling.h - waiting on a semaphore in short steps, for ThreadSanitizer
 *
 * A thread that is cancelled inside ThreadSanitizer's sem_wait() never leaves it as far as
 * ThreadSanitizer knows: it ignores the locks that the thread takes in its cleanup
 * handlers, and reports races that are none.  And in sem_clockwait(), which it does not
 * know, it lets no signal handler run.  So its own test build includes this before each
 * source file: a cancellation is acted on between two short waits, and not in them.
 */
#ifndef TESTS_POLLING_H
#define TESTS_POLLING_H

#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <time.h>

/* A millisecond, or as much less as is left until the deadline. */
static inline long polling_step(clockid_t clock, const struct timespec *deadline)
{
    const long step = 1000000;
    if (deadline == NULL)
        return step;
    struct timespec now;
    clock_gettime(clock, &now);
    if (deadline->tv_sec < now.tv_sec)
        return 0;
    time_t seconds = deadline->tv_sec - now.tv_sec;
    long nanoseconds = deadline->tv_nsec - now.tv_nsec;
    if ((seconds == 0 && nanoseconds <= 0) || (seconds == 1 && nanoseconds <= -1000000000))
        return 0;
    if (seconds > 1)
        return step;
    nanoseconds += (long)seconds * 1000000000;
    return nanoseconds < step ? nanoseconds : step;
}

static inline int polling_sem_clockwait(sem_t *sem, clockid_t clock,
                                        const struct timespec *deadline)
{
    int result, cancel_state;
    do {
        long step = polling_step(clock, deadline);
        struct timespec soon;
        pthread_testcancel();
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += step;
        soon.tv_sec += soon.tv_nsec / 1000000000;
        soon.tv_nsec %= 1000000000;
        result = sem_timedwait(sem, &soon);
        pthread_setcancelstate(cancel_state, &cancel_state);
    } while (result != 0 && errno == ETIMEDOUT && polling_step(clock, deadline) != 0);
    return result;
}

#undef sem_clockwait
#define sem_clockwait polling_sem_clockwait
#define sem_wait(sem) polling_sem_clockwait(sem, CLOCK_REALTIME, NULL)

#endif /* TESTS_POLLING_H */
