/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * durations.h - the wait of macOS, whose conditions know the wall clock and durations only
 *
 * A build that includes this before each source file, and that configure is told has this
 * function, is what it would be there.
 */
#ifndef TESTS_DURATIONS_H
#define TESTS_DURATIONS_H

#include <config.h>

#include <pthread.h>
#include <stdint.h>
#include <time.h>

static inline int pthread_cond_timedwait_relative_np(pthread_cond_t *condition,
                                                     pthread_mutex_t *mutex,
                                                     const struct timespec *duration)
{
    const time_t last = (time_t)(UINT64_MAX >> (65 - 8 * sizeof(time_t)));
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    if (duration->tv_sec >= last - deadline.tv_sec - 1)
        deadline = (struct timespec){last, 0};
    else
        deadline.tv_sec += duration->tv_sec;
    deadline.tv_nsec += duration->tv_nsec;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(condition, mutex, &deadline);
}

#endif /* TESTS_DURATIONS_H */
