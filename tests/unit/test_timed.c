/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Waits that do not wait, or not for ever: wg_trywait, wg_timedwait, wg_clockwait,
 * wg_reltimedwait, wg_count. */
#include "common.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

/* The timed waits, as one: by wg_timedwait, by wg_clockwait on both clocks, and by
 * wg_reltimedwait, which takes a duration for the time. */
struct way {
    int (*wait)(wg_t *wg, clockid_t clock, const struct timespec *time);
    clockid_t clock;
    bool takes_duration;
};

static int by_timedwait(wg_t *wg, clockid_t clock, const struct timespec *deadline)
{
    (void)clock;
    return wg_timedwait(wg, deadline);
}

static int by_reltimedwait(wg_t *wg, clockid_t clock, const struct timespec *duration)
{
    (void)clock;
    return wg_reltimedwait(wg, duration);
}

static const struct way ways[] = {
    {by_timedwait, CLOCK_REALTIME, false},
    {wg_clockwait, CLOCK_REALTIME, false},
    {wg_clockwait, CLOCK_MONOTONIC, false},
    {by_reltimedwait, CLOCK_MONOTONIC, true},
};

/* What a wait is given that is to be over at this moment at the earliest: a duration counts
 * from the call, which comes later than this. */
static struct timespec time_of(const struct way *way, int64_t now, int64_t ahead)
{
    return moment(way->takes_duration ? ahead : now + ahead);
}

/* All that a time_t can hold. */
static const time_t last_time = sizeof(time_t) == 8 ? (time_t)INT64_MAX : (time_t)INT32_MAX;
static const time_t first_time = -last_time - 1;

/* A wait in a thread of its own. */
struct timed_wait {
    wg_t *wg;
    const struct way *way;
    struct timespec time;
    int64_t deadline; /* not before */
    int result;
    int64_t ended;
};

static void *wait_timed(void *argument)
{
    struct timed_wait *wait = (struct timed_wait *)argument;
    wait->result = wait->way->wait(wait->wg, wait->way->clock, &wait->time);
    wait->ended = now_on(wait->way->clock);
    return NULL;
}

static pthread_t start_timed(struct timed_wait *wait, wg_t *wg, const struct way *way,
                             int64_t ahead)
{
    int64_t now = now_on(way->clock);
    *wait = (struct timed_wait){.wg = wg, .way = way, .result = -1};
    wait->time = time_of(way, now, ahead);
    wait->deadline = now + ahead;
    return start(wait_timed, wait);
}

static void test_trywait(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    assert_int_equal(wg_trywait(&wg), 0);
    wg_add(&wg, 2);
    wg_t before = wg;
    assert_int_equal(wg_trywait(&wg), EBUSY);
    wg_done(&wg);
    assert_int_equal(wg_trywait(&wg), EBUSY);
    wg_add(&wg, 1);
    assert_memory_equal(&wg, &before, sizeof wg);
    wg_add(&wg, -2);
    assert_int_equal(wg_trywait(&wg), 0);
}

/* It promises what a wait promises: a close that is on its way is finished first. */
static void test_trywait_finishes_a_close(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    pthread_t parked = start_and_park_unended(&wg);
    assert_int_equal(wg_trywait(&wg), 0);
    assert_int_equal(wg_word_load(wg_word_of(&wg)), 0);
    join(parked);
}

static int plain;

static void *write_and_done(void *wg)
{
    plain = 1;
    wg_done((wg_t *)wg);
    return NULL;
}

static void test_trywait_sees_the_work(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        wg_t wg = WG_INITIALIZER;
        plain = 0;
        wg_add(&wg, 1);
        pthread_t task = start(write_and_done, &wg);
        while (wg_trywait(&wg) == EBUSY)
            sched_yield();
        assert_int_equal(plain, 1);
        join(task);
    }
}

static void test_idle_does_not_look_at_the_time(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    struct timespec *unreadable = (struct timespec *)mmap(
        NULL, sizeof(struct timespec), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(unreadable, MAP_FAILED);
    for (size_t i = 0; i < COUNT(ways); i++) {
        assert_int_equal(ways[i].wait(&wg, ways[i].clock, unreadable), 0);

        /* Nor does it if the counter is 0 and a close is on its way. */
        pthread_t parked = start_and_park_unended(&wg);
        assert_int_equal(ways[i].wait(&wg, ways[i].clock, unreadable), 0);
        join(parked);
    }
    munmap(unreadable, sizeof(struct timespec));
}

static void test_invalid_arguments(void **state)
{
    (void)state;
    static const long invalid[] = {-1, 1000000000, 1000000001, LONG_MIN, LONG_MAX};
    const time_t seconds[] = {first_time, -1, 0, 1, last_time};
    wg_t wg = WG_INITIALIZER, idle = WG_INITIALIZER;
    struct timespec time = {.tv_sec = 0, .tv_nsec = 0};
    assert_int_equal(wg_clockwait(&wg, CLOCK_PROCESS_CPUTIME_ID, &time), EINVAL);
    wg_add(&wg, 1);
    wg_t before = wg;
    assert_int_equal(wg_clockwait(&wg, CLOCK_THREAD_CPUTIME_ID, &time), EINVAL);
    assert_int_equal(wg_clockwait(&wg, (clockid_t)12345, &time), EINVAL);
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (size_t n = 0; n < COUNT(invalid) * COUNT(seconds); n++) {
            time.tv_sec = seconds[n % COUNT(seconds)];
            time.tv_nsec = invalid[n / COUNT(seconds)];
            assert_int_equal(ways[i].wait(&wg, ways[i].clock, &time), EINVAL);
            /* Only if the wait would have to block. */
            assert_int_equal(ways[i].wait(&idle, ways[i].clock, &time), 0);
        }
    }
    assert_memory_equal(&wg, &before, sizeof wg);
}

/* The past, down to times before the epoch, and the near future: never early, no
 * trace left. */
static void test_time_out(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    wg_t before = wg;
    for (size_t i = 0; i < COUNT(ways); i++) {
        const struct timespec past[] = {
            {0, 0}, {-1, 0}, {-1, 999999999}, {first_time, 0}, {first_time, 999999999}};
        for (size_t n = 0; n < COUNT(past); n++)
            assert_int_equal(ways[i].wait(&wg, ways[i].clock, &past[n]), ETIMEDOUT);
        for (int64_t ahead = 1; ahead < SECOND / 20; ahead *= 4) {
            int64_t now = now_on(ways[i].clock), deadline = now + ahead;
            struct timespec time = time_of(&ways[i], now, ahead);
            errno = E2BIG;
            assert_int_equal(ways[i].wait(&wg, ways[i].clock, &time), ETIMEDOUT);
            assert_int_equal(errno, E2BIG);
            assert_true(now_on(ways[i].clock) >= deadline);
        }
        assert_memory_equal(&wg, &before, sizeof wg);
    }
    wg_done(&wg);
    assert_int_equal(wg_wait(&wg), 0);
}

static void test_released_before_the_deadline(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        wg_t wg = WG_INITIALIZER;
        struct timed_wait wait;
        wg_add(&wg, 1);
        pthread_t waiter = start_timed(&wait, &wg, &ways[i], 3600 * SECOND);
        until_parked(&wg, 1);
        wg_done(&wg);
        join(waiter);
        assert_int_equal(wait.result, 0);
        assert_int_equal(wg_destroy(&wg), 0);
    }
}

/* The last deadline of a time_t of 32 bits, and some that only one of 64 bits has: as 32
 * bits they would be over. */
static void *done_when_parked(void *argument)
{
    wg_t *wg = (wg_t *)argument;
    while (waiters_of(wg) == 0) {
        if (counter_of(wg) == 0)
            return NULL;
        sched_yield();
    }
    wg_done(wg);
    return NULL;
}

static void assert_waits_until_done(const struct way *way, struct timespec time)
{
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    pthread_t task = start(done_when_parked, &wg);
    int result = way->wait(&wg, way->clock, &time);
    if (result != 0)
        wg_done(&wg);
    join(task);
    assert_int_equal(result, 0);
}

static void test_far_deadlines(void **state)
{
    (void)state;
    static const int64_t seconds[] = {INT32_MAX, INT64_C(1) << 31, INT64_C(1) << 33};
    for (size_t n = 0; n < (sizeof(time_t) == 4 ? 1 : COUNT(seconds)); n++)
        for (size_t i = 0; i < COUNT(ways); i++)
            assert_waits_until_done(&ways[i], (struct timespec){(time_t)seconds[n], 0});
}

/* Durations up to the longest, and around that which ends with the clock. */
static void test_long_durations(void **state)
{
    (void)state;
    const struct way *way = &ways[COUNT(ways) - 1];
    const time_t now = (time_t)(now_on(CLOCK_MONOTONIC) / SECOND);
    assert_true(way->takes_duration);
    for (time_t less = 0; less < 4; less++) {
        assert_waits_until_done(way, (struct timespec){last_time - less, 999999999});
        assert_waits_until_done(way, (struct timespec){last_time - less, 0});
        assert_waits_until_done(way, (struct timespec){last_time - now - less, 999999999});
        assert_waits_until_done(way, (struct timespec){last_time - now + less, 0});
    }
    assert_waits_until_done(way, (struct timespec){last_time / 2, 999999999});
}

/* Of three waiters one gives up, be it the first, the second or the third to have come. */
static void test_one_gives_up(void **state)
{
    (void)state;
    for (size_t leaver = 0; leaver < 3; leaver++) {
        for (size_t i = 0; i < COUNT(ways); i++) {
            wg_t wg = WG_INITIALIZER;
            pthread_t threads[3];
            struct timed_wait waits[3];
            wg_add(&wg, 1);
            for (size_t n = 0; n < 3; n++) {
                int64_t ahead = n == leaver ? SECOND / 10 : 3600 * SECOND;
                threads[n] = start_timed(&waits[n], &wg, &ways[i], ahead);
                /* In that order, unless the machine is so busy that one has
                 * left already. */
                while (waiters_of(&wg) <= n &&
                       now_on(ways[i].clock) < waits[leaver < n ? leaver : n].deadline)
                    sched_yield();
            }
            join(threads[leaver]);
            assert_int_equal(waits[leaver].result, ETIMEDOUT);
            until_parked(&wg, 2);
            assert_int_equal(counter_of(&wg), 1);
            wg_done(&wg);
            for (size_t n = 0; n < 3; n++) {
                if (n != leaver) {
                    join(threads[n]);
                    assert_int_equal(waits[n].result, 0);
                }
            }
            assert_int_equal(wg_destroy(&wg), 0);
        }
    }
}

/* The counter is 0 when the wait is given up, but whoever made it 0 has not closed yet: the
 * wait succeeds, and has closed the round for the others. */
static void test_gives_up_on_a_counter_of_0(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        /* Until it has happened that the waiter was still queued when the counter became 0;
         * on a busy machine it may have given up before. */
        bool was_queued = false;
        for (int64_t ahead = SECOND / 50; !was_queued; ahead *= 2) {
            wg_t wg = WG_INITIALIZER;
            wg_add(&wg, 1);
            pthread_t other = start(wait_for, &wg);
            until_parked(&wg, 1);
            struct timed_wait wait;
            pthread_t waiter = start_timed(&wait, &wg, &ways[i], ahead);
            while (waiters_of(&wg) != 2 && now_on(ways[i].clock) < wait.deadline)
                sched_yield();
            uint64_t old = wg_word_add(wg_word_of(&wg), wg_word_tasks(-1));
            was_queued = wg_word_waiters(old) == 2;
            join(waiter);
            if (was_queued)
                assert_int_equal(wait.result, 0);
            else
                assert_int_equal(wg_wait(&wg), 0);
            join(other);
            assert_int_equal(wg_word_load(wg_word_of(&wg)), 0);
        }
    }
}

/* The counter becomes 0 after a waiter has looked at it, and before it has registered: it
 * does not park, for nobody would wake it.  What it reads in between is the deadline; that
 * is in a page which it must not read, and the task is done where it tries. */
static struct {
    wg_t wg;
    const struct way *way;
    struct timespec *page;
    int result, returned;
} trap;

static void finish_the_task(int signal_number)
{
    (void)signal_number;
    wg_done(&trap.wg);
    mprotect(trap.page, sizeof(struct timespec), PROT_READ);
}

static void *walk_into_the_trap(void *unused)
{
    (void)unused;
    trap.result = trap.way->wait(&trap.wg, trap.way->clock, trap.page);
    __atomic_store_n(&trap.returned, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void walk_into_the_trap_by(const struct way *way)
{
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = finish_the_task;
    trap.page =
        (struct timespec *)mmap(NULL, sizeof(struct timespec), PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(trap.page, MAP_FAILED);
    *trap.page = time_of(way, now_on(way->clock), 3600 * SECOND);
    assert_int_equal(mprotect(trap.page, sizeof(struct timespec), PROT_NONE), 0);
    sigaction(SIGSEGV, &action, &before);

    trap.way = way;
    trap.returned = 0;
    wg_add(&trap.wg, 1);
    /* Those who wait awake look at the deadline, too; after so many in vain nobody does. */
    for (int i = 0; i < 40; i++) {
        const struct timespec soon = from_now(CLOCK_REALTIME, SECOND / 100000);
        assert_int_equal(wg_timedwait(&trap.wg, &soon), ETIMEDOUT);
    }
    pthread_t waiter = start(walk_into_the_trap, NULL);
    while (__atomic_load_n(&trap.returned, __ATOMIC_ACQUIRE) == 0 &&
           waiters_of(&trap.wg) == 0)
        sched_yield();
    uint32_t parked = waiters_of(&trap.wg);
    assert_int_equal(wg_wait(&trap.wg), 0); /* and releases one that is parked */
    join(waiter);
    sigaction(SIGSEGV, &before, NULL);
    assert_int_equal(parked, 0);
    assert_int_equal(trap.result, 0);
    munmap(trap.page, sizeof(struct timespec));
}

static void test_counter_becomes_0_before_registering(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++)
        walk_into_the_trap_by(&ways[i]);
}

static void test_signals_keep_the_deadline(void **state)
{
    (void)state;
    static const int flags[] = {0, SA_RESTART};
    for (size_t f = 0; f < COUNT(flags); f++) {
        struct sigaction action, before;
        memset(&action, 0, sizeof action);
        action.sa_handler = handle;
        action.sa_flags = flags[f];
        sigaction(SIGUSR1, &action, &before);
        for (size_t i = 0; i < COUNT(ways); i++) {
            wg_t wg = WG_INITIALIZER;
            struct timed_wait wait;
            wg_add(&wg, 1);
            pthread_t waiter = start_timed(&wait, &wg, &ways[i], SECOND / 20);
            while (now_on(ways[i].clock) < wait.deadline) {
                pthread_kill(waiter, SIGUSR1);
                sched_yield();
            }
            join(waiter);
            assert_int_equal(wait.result, ETIMEDOUT);
            assert_true(wait.ended >= wait.deadline);
        }
        sigaction(SIGUSR1, &before, NULL);
    }
    assert_true(handled > 0);
}

static void test_timed_waits_are_cancelled(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        wg_t wg = WG_INITIALIZER;
        struct timed_wait wait;
        wg_add(&wg, 1);
        wg_t before = wg;
        pthread_t waiter = start_timed(&wait, &wg, &ways[i], 3600 * SECOND);
        until_parked(&wg, 1);
        void *result;
        pthread_cancel(waiter);
        pthread_join(waiter, &result);
        assert_ptr_equal(result, PTHREAD_CANCELED);
        assert_memory_equal(&wg, &before, sizeof wg);
    }
}

/* A deadline on CLOCK_MONOTONIC, or a duration, stays where it is while the wall clock
 * jumps by an hour, there and back.  That takes root and disturbs the machine, so it is run
 * only by itself, and only if WG_TEST_SET_CLOCK is in the environment. */
static void test_wall_clock_is_set(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        const int64_t hours = turn % 2 == 0 ? -1 : 1;
        const struct way *way = &ways[2 + turn / 2];
        wg_t wg = WG_INITIALIZER;
        struct timed_wait wait;
        wg_add(&wg, 1);
        pthread_t waiter = start_timed(&wait, &wg, way, SECOND);
        assert_int_equal(way->clock, CLOCK_MONOTONIC);
        until_parked(&wg, 1);
        struct timespec jump = from_now(CLOCK_REALTIME, hours * 3600 * SECOND);
        int set = clock_settime(CLOCK_REALTIME, &jump);
        join(waiter);
        jump = from_now(CLOCK_REALTIME, -hours * 3600 * SECOND);
        if (set == 0)
            clock_settime(CLOCK_REALTIME, &jump);
        assert_int_equal(set, 0);
        assert_int_equal(wait.result, ETIMEDOUT);
        assert_true(wait.ended >= wait.deadline);
        assert_true(wait.ended < wait.deadline + 600 * SECOND);
    }
}

static void test_count(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    assert_int_equal(wg_count(&wg), 0);
    wg_add(&wg, INT32_MAX);
    assert_int_equal(wg_count(&wg), INT32_MAX);
    wg_add(&wg, 3 - INT32_MAX);
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    assert_int_equal(wg_count(&wg), 3);
    wg_add(&wg, -3);
    join(waiter);
    assert_int_equal(wg_count(&wg), 0);
}

/* While another thread's misuse is in flight, it keeps to what can be. */
static void test_count_in_misuse(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_word *word = wg_word_of(&wg);
    wg_word_add(word, wg_word_tasks(-2));
    assert_int_equal(wg_count(&wg), 0);
    wg_word_add(word, wg_word_tasks(2));
    wg_word_add(word, wg_word_tasks(INT32_MAX));
    wg_word_add(word, wg_word_tasks(1));
    assert_int_equal(wg_count(&wg), INT32_MAX);
}

static void task_of_nothing(void *argument)
{
    (void)argument;
}

static void assert_reported(int result, int expected, const wg_t *wg, const char *call)
{
    char line[128];
    snprintf(line, sizeof line, "waitgroup: %s(%p): used after wg_destroy", call,
             (const void *)wg);
    assert_int_equal(result, expected);
    assert_int_equal(misuses, 1);
    assert_string_equal(misuse_line, line);
    misuses = 0;
}

static void test_use_after_destroy(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    struct timespec time = {0, 0};
    assert_int_equal(wg_destroy(&wg), 0);
    wg_t destroyed = wg;
    misuses = 0;
    assert_reported(wg_trywait(&wg), EINVAL, &wg, "wg_trywait");
    assert_reported(wg_timedwait(&wg, &time), EINVAL, &wg, "wg_timedwait");
    assert_reported(wg_clockwait(&wg, CLOCK_MONOTONIC, &time), EINVAL, &wg, "wg_clockwait");
    assert_reported(wg_reltimedwait(&wg, &time), EINVAL, &wg, "wg_reltimedwait");
    assert_reported(wg_count(&wg), 0, &wg, "wg_count");
    assert_reported(wg_go(&wg, task_of_nothing, NULL), EINVAL, &wg, "wg_go");
    assert_memory_equal(&wg, &destroyed, sizeof wg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trywait),
        cmocka_unit_test(test_trywait_finishes_a_close),
        cmocka_unit_test(test_trywait_sees_the_work),
        cmocka_unit_test(test_idle_does_not_look_at_the_time),
        cmocka_unit_test(test_invalid_arguments),
        cmocka_unit_test(test_time_out),
        cmocka_unit_test(test_released_before_the_deadline),
        cmocka_unit_test(test_far_deadlines),
        cmocka_unit_test(test_long_durations),
        cmocka_unit_test(test_one_gives_up),
        cmocka_unit_test(test_gives_up_on_a_counter_of_0),
        NEEDS_SIGNALS(test_counter_becomes_0_before_registering),
        NEEDS_SIGNALS(test_signals_keep_the_deadline),
        cmocka_unit_test(test_timed_waits_are_cancelled),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_count_in_misuse),
        cmocka_unit_test(test_use_after_destroy),
    };
    const struct CMUnitTest on_demand[] = {
        cmocka_unit_test(test_wall_clock_is_set),
    };
    wg_set_misuse_handler(note_misuse);
    return getenv("WG_TEST_SET_CLOCK") != NULL ? RUN_TESTS(on_demand) : RUN_TESTS(tests);
}
