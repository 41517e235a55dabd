/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* clock.h - moments on a clock */
#ifndef WG_CLOCK_H
#define WG_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static inline bool wg_is_past(clockid_t clock, const struct timespec *moment)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec != moment->tv_sec ? now.tv_sec > moment->tv_sec
                                        : now.tv_nsec >= moment->tv_nsec;
}

static inline bool wg_is_time(const struct timespec *time)
{
    return time->tv_nsec >= 0 && time->tv_nsec < 1000000000;
}

/* The moment on CLOCK_MONOTONIC at which duration will be over, or the clock's last moment
 * if that comes first.  A duration whose nanoseconds are out of range gives a moment with
 * the same nanoseconds. */
static inline struct timespec wg_from_now(struct timespec duration)
{
    const time_t last = (time_t)(UINT64_MAX >> (65 - 8 * sizeof(time_t)));
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!wg_is_time(&duration) || duration.tv_sec >= last - now.tv_sec - 1)
        return (struct timespec){last, duration.tv_nsec};
    now.tv_sec += duration.tv_sec;
    now.tv_nsec += duration.tv_nsec;
    if (now.tv_nsec >= 1000000000) {
        now.tv_nsec -= 1000000000;
        now.tv_sec++;
    }
    return now;
}

#endif /* WG_CLOCK_H */
