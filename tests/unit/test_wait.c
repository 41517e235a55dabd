/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Waiting: who is released and when, signals, cancellation. */
#include "common.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static void test_idle_returns_at_once(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    for (int i = 0; i < 3; i++)
        assert_int_equal(wg_wait(&wg), 0);
    static const wg_t zero = WG_INITIALIZER;
    assert_memory_equal(&wg, &zero, sizeof wg);
}

struct shared {
    wg_t *wg;
    int *returned;
};

static void *count_and_wait(void *argument)
{
    struct shared *shared = (struct shared *)argument;
    int result = wg_wait(shared->wg);
    __atomic_fetch_add(shared->returned, 1, __ATOMIC_RELAXED);
    return (void *)(intptr_t)result;
}

static void release_many(int waiters)
{
    wg_t wg = WG_INITIALIZER;
    int returned = 0;
    struct shared shared = {&wg, &returned};
    pthread_t *threads = (pthread_t *)calloc((size_t)waiters, sizeof *threads);
    assert_non_null(threads);

    wg_add(&wg, 2);
    for (int i = 0; i < waiters; i++)
        threads[i] = start(count_and_wait, &shared);
    until_parked(&wg, (uint32_t)waiters);
    wg_done(&wg);
    assert_int_equal(waiters_of(&wg), waiters);
    assert_int_equal(__atomic_load_n(&returned, __ATOMIC_RELAXED), 0);

    wg_done(&wg);
    for (int i = 0; i < waiters; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_null(result);
    }
    assert_int_equal(returned, waiters);
    assert_int_equal(wg_destroy(&wg), 0);
    free(threads);
}

static void test_many_waiters(void **state)
{
    (void)state;
    static const int numbers[] = {1, 2, 7, 8, 9, 16, 17, 64, 73, 500};
    for (size_t i = 0; i < COUNT(numbers); i++)
        release_many(numbers[i]);
}

static void test_negative_delta_releases(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 7);
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    wg_add(&wg, -7);
    join(waiter);
}

static void test_adding_0_releases_nobody(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    assert_int_equal(wg_add(&wg, 0), 0);
    assert_int_equal(waiters_of(&wg), 1);
    wg_done(&wg);
    join(waiter);
}

/* Tasks may start tasks while the counter is above 0; the wait is for all of them. */
static void test_count_grows_while_waiting(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    wg_add(&wg, 2);
    wg_done(&wg);
    wg_done(&wg);
    assert_int_equal(waiters_of(&wg), 1);
    wg_done(&wg);
    join(waiter);
}

/* A round that nobody waited for leaves nothing that could release the next one early. */
struct slow_task {
    wg_t *wg;
    int finished;
};

static void *slow_done(void *argument)
{
    struct slow_task *task = (struct slow_task *)argument;
    until_parked(task->wg, 1);
    task->finished = 1;
    wg_done(task->wg);
    return NULL;
}

static void test_no_leftover_token(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    for (int round = 0; round < 200; round++) {
        struct slow_task task = {&wg, 0};
        wg_add(&wg, 1);
        wg_done(&wg);
        wg_add(&wg, 1);
        pthread_t thread = start(slow_done, &task);
        wg_wait(&wg);
        assert_int_equal(task.finished, 1);
        join(thread);
    }
}

/* A counter of 0 with a waiter still registered: somebody's close is on its way.  Whoever
 * waits now finishes it, so that the group may be freed when this wait has returned. */
static void test_wait_finishes_a_close(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    pthread_t parked = start_and_park_unended(&wg);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(wg_word_load(wg_word_of(&wg)), 0);
    join(parked);
}

/* Signals. */

/* Until it has been handled, at least once; ThreadSanitizer may put a signal
 * off for long. */
static void interrupt(pthread_t thread)
{
    unsigned long before = handled;
    do {
        pthread_kill(thread, SIGUSR1);
        sched_yield();
    } while (handled == before);
}

static void interrupt_waiters(int flags)
{
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    action.sa_flags = flags;
    sigaction(SIGUSR1, &action, &before);
    wg_t wg = WG_INITIALIZER;
    pthread_t waiters[4];
    wg_add(&wg, 1);
    for (size_t i = 0; i < COUNT(waiters); i++)
        waiters[i] = start(wait_for, &wg);
    until_parked(&wg, COUNT(waiters));
    for (int n = 1; n <= 100; n++) {
        for (size_t i = 0; i < COUNT(waiters); i++)
            interrupt(waiters[i]);
        assert_int_equal(waiters_of(&wg), COUNT(waiters));
    }
    wg_done(&wg);
    for (size_t i = 0; i < COUNT(waiters); i++) {
        void *result;
        assert_int_equal(pthread_join(waiters[i], &result), 0);
        assert_null(result);
    }
    assert_int_equal(wg_destroy(&wg), 0);
    sigaction(SIGUSR1, &before, NULL);
}

static void test_signals_change_nothing(void **state)
{
    (void)state;
    interrupt_waiters(0);
    interrupt_waiters(SA_RESTART);
}

static void *wait_and_return_errno(void *wg)
{
    errno = E2BIG;
    wg_wait((wg_t *)wg);
    return (void *)(intptr_t)errno;
}

static void test_interrupted_wait_leaves_errno(void **state)
{
    (void)state;
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    sigaction(SIGUSR1, &action, &before);
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    pthread_t waiter = start(wait_and_return_errno, &wg);
    until_parked(&wg, 1);
    interrupt(waiter);
    wg_done(&wg);
    void *result;
    pthread_join(waiter, &result);
    assert_int_equal((intptr_t)result, E2BIG);
    sigaction(SIGUSR1, &before, NULL);
}

/* Cancellation. */

static void assert_cancelled(pthread_t thread)
{
    void *result;
    assert_int_equal(pthread_cancel(thread), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED);
}

static void test_cancelled_waiter_leaves_no_trace(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    wg_t before = wg;
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    assert_cancelled(waiter);
    assert_memory_equal(&wg, &before, sizeof wg);
    wg_done(&wg);
    assert_int_equal(wg_wait(&wg), 0);
}

/* In each order of three: the first, the middle, the last of the queue leaves. */
static void test_cancelled_among_others(void **state)
{
    (void)state;
    for (int leaver = 0; leaver < 3; leaver++) {
        wg_t wg = WG_INITIALIZER;
        pthread_t waiters[3];
        wg_add(&wg, 1);
        for (uint32_t i = 0; i < 3; i++) {
            waiters[i] = start(wait_for, &wg);
            until_parked(&wg, i + 1);
        }
        assert_cancelled(waiters[leaver]);
        assert_int_equal(waiters_of(&wg), 2);
        wg_done(&wg);
        for (int i = 0; i < 3; i++)
            if (i != leaver)
                join(waiters[i]);
        assert_int_equal(wg_destroy(&wg), 0);
    }
}

static void do_nothing(void *argument)
{
    (void)argument;
}

static void *wait_with_cancellation_pending(void *argument)
{
    wg_t *wg = (wg_t *)argument;
    const struct timespec past = {0, 0};
    int old;
    intptr_t failed = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    pthread_cancel(pthread_self());
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
    /* None of these acts on it... */
    failed += wg_add(wg, 2) != 0;
    failed += wg_done(wg) != 0;
    failed += wg_destroy(wg) != EBUSY;
    failed += wg_trywait(wg) != EBUSY;
    failed += wg_count(wg) != 1;
    failed += wg_go(wg, do_nothing, NULL) != 0;
    while (wg_count(wg) != 1)
        sched_yield();
    failed += wg_done(wg) != 0;
    failed += wg_wait(wg) != 0;
    failed += wg_trywait(wg) != 0;
    failed += wg_tryadd(wg, 1) != 0;
    failed += wg_done_last(wg) != WG_LAST;
    failed += wg_reltimedwait(wg, &past) != 0;
    failed += wg_close(wg) != WG_DRAINED;
    failed += wg_tryadd(wg, 1) != ECANCELED;
    failed += wg_go(wg, do_nothing, NULL) != ECANCELED;
    wg_add(wg, failed == 0 ? 1 : 2);
    /* ...but this one does, for it would have to block. */
    wg_wait(wg);
    return NULL;
}

static void test_which_calls_are_cancellation_points(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    void *result;
    assert_int_equal(pthread_join(start(wait_with_cancellation_pending, &wg), &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED);
    assert_int_equal(counter_of(&wg), 1);
    assert_int_equal(waiters_of(&wg), 0);
}

static void *wait_uncancellably(void *argument)
{
    wg_t *groups = (wg_t *)argument;
    const struct timespec hang = {60, 0};
    int old, error;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    error = wg_wait(&groups[0]);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
    if (error == 0)
        error = wg_reltimedwait(&groups[1], &hang);
    return (void *)(intptr_t)error;
}

/* Who has it disabled and is cancelled while it waits goes on to wait; its next wait, with
 * that enabled, ends. */
static void test_disabled_cancellation_is_respected(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        wg_t groups[2] = {WG_INITIALIZER, WG_INITIALIZER};
        wg_add(&groups[0], 1);
        wg_add(&groups[1], 1);
        pthread_t waiter = start(wait_uncancellably, groups);
        until_parked(&groups[0], 1);
        pthread_cancel(waiter);
        sched_yield();
        wg_done(&groups[0]);
        void *result;
        assert_int_equal(pthread_join(waiter, &result), 0);
        assert_ptr_equal(result, PTHREAD_CANCELED);
        assert_int_equal(waiters_of(&groups[1]), 0);
    }
}

/* With winpthreads, a thread must not be cancelled that may have ended: what
 * pthread_cancel() uses of it has been freed then.  So these stay. */
static bool all_are_cancelled; /* atomic */

static void *wait_and_stay(void *wg)
{
    void *result = wait_for(wg);
    while (!__atomic_load_n(&all_are_cancelled, __ATOMIC_ACQUIRE))
        sched_yield();
    return result;
}

/* Cancelled at the moment of the release: the waiter may be cancelled or return, but the
 * others are released, and nothing is left behind.  With more waiters than are woken
 * directly, the cancelled one may be the one that has to pass the release on. */
static void test_cancelled_while_released(void **state)
{
    (void)state;
    for (int round = 0; round < 200 / SLOWER; round++) {
        wg_t wg = WG_INITIALIZER;
        pthread_t waiters[20];
        wg_add(&wg, 1);
        for (uint32_t i = 0; i < COUNT(waiters); i++)
            waiters[i] = start(i % 3 == 0 ? wait_and_stay : wait_for, &wg);
        until_parked(&wg, COUNT(waiters));
        __atomic_store_n(&all_are_cancelled, false, __ATOMIC_RELAXED);
        pthread_t task = start(finish_one, &wg);
        for (size_t i = 0; i < COUNT(waiters); i += 3)
            pthread_cancel(waiters[i]);
        __atomic_store_n(&all_are_cancelled, true, __ATOMIC_RELEASE);
        for (size_t i = 0; i < COUNT(waiters); i++) {
            void *result;
            assert_int_equal(pthread_join(waiters[i], &result), 0);
            assert_true(result == NULL || (i % 3 == 0 && result == PTHREAD_CANCELED));
        }
        join(task);
        assert_int_equal(wg_destroy(&wg), 0);
    }
}

/* A group as a count of what is in flight: adds that race with the wait. */
#define IN_FLIGHT_ROUNDS 20000

static void *in_flight(void *argument)
{
    wg_t *wg = (wg_t *)argument;
    for (int i = 0; i < IN_FLIGHT_ROUNDS; i++) {
        wg_add(wg, 1);
        wg_done(wg);
    }
    return NULL;
}

static void *drain(void *wg)
{
    for (int i = 0; i < IN_FLIGHT_ROUNDS; i++)
        if (wg_wait((wg_t *)wg) != 0)
            return (void *)1;
    return NULL;
}

static void test_racing_adds_leave_nobody_behind(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    pthread_t threads[] = {start(in_flight, &wg), start(drain, &wg), start(in_flight, &wg),
                           start(drain, &wg)};
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_null(result);
    }
    assert_int_equal(wg_word_load(wg_word_of(&wg)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_returns_at_once),
        cmocka_unit_test(test_many_waiters),
        cmocka_unit_test(test_negative_delta_releases),
        cmocka_unit_test(test_adding_0_releases_nobody),
        cmocka_unit_test(test_count_grows_while_waiting),
        cmocka_unit_test(test_no_leftover_token),
        cmocka_unit_test(test_wait_finishes_a_close),
        NEEDS_SIGNALS(test_signals_change_nothing),
        NEEDS_SIGNALS(test_interrupted_wait_leaves_errno),
        cmocka_unit_test(test_cancelled_waiter_leaves_no_trace),
        cmocka_unit_test(test_cancelled_among_others),
        cmocka_unit_test(test_which_calls_are_cancellation_points),
        cmocka_unit_test(test_disabled_cancellation_is_respected),
        cmocka_unit_test(test_cancelled_while_released),
        cmocka_unit_test(test_racing_adds_leave_nobody_behind),
    };
    return RUN_TESTS(tests);
}
