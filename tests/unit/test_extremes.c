/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Every extreme of a struct timespec, as a deadline on either clock and as a duration. */
#include "common.h"

#include <errno.h>
#include <limits.h>

static const time_t last = (time_t)(UINT64_MAX >> (65 - 8 * sizeof(time_t)));
static const time_t first = -last - 1;

static const time_t past[] = {
    first, first + 1, first / 2, -(time_t)INT32_MAX - 1, -(time_t)INT32_MAX, -1, 0,
};
static const time_t future[] = {INT32_MAX, last / 2, last - 1, last};
static const long nanoseconds[] = {0, 1, 999999999};
static const long no_nanoseconds[] = {LONG_MIN, LONG_MIN + 1, -1, 1000000000, LONG_MAX};

/* The timed waits, as one. */
struct way {
    const char *name;
    int (*wait)(wg_t *wg, const struct timespec *time);
};

static int on_realtime(wg_t *wg, const struct timespec *time)
{
    return wg_clockwait(wg, CLOCK_REALTIME, time);
}

static int on_monotonic(wg_t *wg, const struct timespec *time)
{
    return wg_clockwait(wg, CLOCK_MONOTONIC, time);
}

static const struct way ways[] = {
    {"wg_timedwait", wg_timedwait},
    {"wg_clockwait on CLOCK_REALTIME", on_realtime},
    {"wg_clockwait on CLOCK_MONOTONIC", on_monotonic},
    {"wg_reltimedwait", wg_reltimedwait},
};

static void returns(const struct way *way, wg_t *wg, struct timespec time, int expected)
{
    int result = way->wait(wg, &time);
    if (result != expected)
        print_error("%s, %lld s and %ld ns: %d\n", way->name, (long long)time.tv_sec,
                    time.tv_nsec, result);
    assert_int_equal(result, expected);
    assert_int_equal(waiters_of(wg), 0);
}

/* By a wait that would have to block.  The first that finds a deadline past after it has
 * waited awake goes another way than those that follow, so each is asked twice. */
static void test_past(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    for (size_t way = 0; way < COUNT(ways); way++)
        for (size_t s = 0; s < COUNT(past); s++)
            for (size_t ns = 0; ns < COUNT(nanoseconds); ns++)
                for (int turn = 0; turn < 2; turn++)
                    returns(&ways[way], &wg, (struct timespec){past[s], nanoseconds[ns]},
                            ETIMEDOUT);
    wg_done(&wg);
}

static void test_no_time(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    for (size_t way = 0; way < COUNT(ways); way++)
        for (size_t ns = 0; ns < COUNT(no_nanoseconds); ns++) {
            for (size_t s = 0; s < COUNT(past); s++)
                returns(&ways[way], &wg, (struct timespec){past[s], no_nanoseconds[ns]},
                        EINVAL);
            for (size_t s = 0; s < COUNT(future); s++)
                returns(&ways[way], &wg, (struct timespec){future[s], no_nanoseconds[ns]},
                        EINVAL);
        }
    wg_done(&wg);
}

struct waiter {
    wg_t *wg;
    const struct way *way;
    struct timespec time;
    int result;
};

static void *wait_so_long(void *argument)
{
    struct waiter *waiter = (struct waiter *)argument;
    waiter->result = waiter->way->wait(waiter->wg, &waiter->time);
    return NULL;
}

/* They sleep, all at once, until the counter is 0.  INT32_MAX is the year 2038. */
static void test_future(void **state)
{
    (void)state;
    static struct waiter waiters[COUNT(ways) * COUNT(future) * COUNT(nanoseconds)];
    pthread_t threads[COUNT(waiters)];
    wg_t wg = WG_INITIALIZER;
    size_t count = 0;
    wg_add(&wg, 1);
    for (size_t way = 0; way < COUNT(ways); way++)
        for (size_t s = 0; s < COUNT(future); s++)
            for (size_t ns = 0; ns < COUNT(nanoseconds); ns++, count++) {
                waiters[count] =
                    (struct waiter){&wg, &ways[way], {future[s], nanoseconds[ns]}, -1};
                threads[count] = start(wait_so_long, &waiters[count]);
                until_parked(&wg, (uint32_t)count + 1);
            }
    wg_done(&wg);
    for (size_t i = 0; i < count; i++) {
        join(threads[i]);
        assert_int_equal(waiters[i].result, 0);
    }
}

/* If there is nothing to wait for, none of it is looked at. */
static void test_idle(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    for (size_t way = 0; way < COUNT(ways); way++) {
        returns(&ways[way], &wg, (struct timespec){first, LONG_MIN}, 0);
        returns(&ways[way], &wg, (struct timespec){last, LONG_MAX}, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_past),
        cmocka_unit_test(test_no_time),
        cmocka_unit_test(test_future),
        cmocka_unit_test(test_idle),
    };
    return RUN_TESTS(tests);
}
