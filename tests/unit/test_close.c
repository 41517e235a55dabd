/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A group that can be closed, and the last one out: wg_close, wg_tryadd, wg_done_last. */
#include "common.h"

#include <errno.h>
#include <string.h>

/* A test of one group, for each place of the word in it. */
static void at_each_place(void (*test)(wg_t *wg))
{
    union home home;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(wg_init(&home.groups[i]), 0);
        misuses = 0;
        test(&home.groups[i]);
    }
    assert_true((uintptr_t)&home.groups[0] % 8 != (uintptr_t)&home.groups[1] % 8);
}

static uint64_t word_of(const wg_t *wg)
{
    return wg_word_load(wg_word_of(wg));
}

/* After a misuse whose handler has returned. */
static void assert_reported(int result, int expected, const wg_t *wg, const char *call,
                            const char *reason)
{
    char line[128];
    snprintf(line, sizeof line, "waitgroup: %s(%p): %s", call, (const void *)wg, reason);
    assert_int_equal(result, expected);
    assert_int_equal(misuses, 1);
    assert_ptr_equal(misused, wg);
    assert_string_equal(misuse_line, line);
    misuses = 0;
}

/* As thread bodies. */
static void *try_to_add(void *wg)
{
    return (void *)(intptr_t)wg_tryadd((wg_t *)wg, 1);
}

static void *finish_and_tell(void *wg)
{
    return (void *)(intptr_t)wg_done_last((wg_t *)wg);
}

static int result_of(pthread_t thread)
{
    void *result;
    assert_int_equal(pthread_join(thread, &result), 0);
    intptr_t returned = (intptr_t)result;
    return (int)returned;
}

/*
 * What each call returns, and what it leaves.
 */

static void tryadd(wg_t *wg)
{
    errno = E2BIG;
    assert_int_equal(wg_tryadd(wg, 1), 0);
    assert_int_equal(wg_tryadd(wg, 4), 0);
    assert_int_equal(counter_of(wg), 5);
    assert_int_equal(wg_add(wg, -5), 0);
    assert_int_equal(wg_tryadd(wg, INT32_MAX), 0);
    assert_int_equal(wg_count(wg), INT32_MAX);
    assert_int_equal(wg_add(wg, -INT32_MAX), 0);
    assert_int_equal(wg_wait(wg), 0);
    assert_int_equal(word_of(wg), 0);
    assert_int_equal(errno, E2BIG);
}

static void test_tryadd(void **state)
{
    (void)state;
    at_each_place(tryadd);
}

/* That is no misuse, whatever the group. */
static void tryadd_of_nothing(wg_t *wg)
{
    static const int deltas[] = {0, -1, -2, -INT32_MAX, INT32_MIN};
    for (int turn = 0; turn < 3; turn++) {
        const wg_t before = *wg;
        for (size_t i = 0; i < COUNT(deltas); i++)
            assert_int_equal(wg_tryadd(wg, deltas[i]), EINVAL);
        assert_memory_equal(wg, &before, sizeof *wg);
        if (turn == 0)
            wg_add(wg, 3);
        else
            wg_close(wg);
    }
    assert_int_equal(misuses, 0);
}

static void test_tryadd_of_nothing(void **state)
{
    (void)state;
    at_each_place(tryadd_of_nothing);
}

static void tryadd_of_too_many(wg_t *wg)
{
    static const struct {
        int counter, delta;
        const char *reason;
    } cases[] = {
        {INT32_MAX, 1, "counter overflow (2147483648): not initialized?"},
        {1, INT32_MAX, "counter overflow (2147483648): not initialized?"},
        {INT32_MAX, INT32_MAX, "counter overflow (4294967294): not initialized?"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        wg_add(wg, cases[i].counter);
        pthread_t waiter = start(wait_for, wg);
        until_parked(wg, 1);
        const uint64_t before = word_of(wg);
        assert_reported(wg_tryadd(wg, cases[i].delta), EOVERFLOW, wg, "wg_tryadd",
                        cases[i].reason);
        assert_int_equal(word_of(wg), before);
        wg_add(wg, -cases[i].counter);
        join(waiter);
    }
    /* That it is closed comes first. */
    wg_add(wg, INT32_MAX);
    wg_close(wg);
    assert_int_equal(wg_tryadd(wg, 1), ECANCELED);
    assert_int_equal(misuses, 0);
}

static void test_tryadd_of_too_many(void **state)
{
    (void)state;
    at_each_place(tryadd_of_too_many);
}

/* Another thread's misuse in flight, which the word is given by hand, is no reason to
 * report this one; nor does it get lost when that is undone. */
static void tryadd_beside_a_misuse(wg_t *wg)
{
    static const struct {
        int counter, in_flight, delta, result;
    } cases[] = {
        {0, -1, 1, 0},
        {0, -7, 2, 0},
        {1, -3, INT32_MAX, 0},
        {INT32_MAX, 1, 1, EOVERFLOW},
        {INT32_MAX, 5, INT32_MAX, EOVERFLOW},
    };
    wg_word *word = wg_word_of(wg);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t counter = cases[i].counter;
        wg_init(wg);
        wg_word_add(word, wg_word_tasks(cases[i].counter));
        wg_word_add(word, wg_word_tasks(cases[i].in_flight));
        assert_int_equal(wg_tryadd(wg, cases[i].delta), cases[i].result);
        wg_word_add(word, -wg_word_tasks(cases[i].in_flight));
        counter += cases[i].result == 0 ? cases[i].delta : 0;
        assert_int_equal(word_of(wg), (uint64_t)counter << 32);
    }
}

static void test_tryadd_beside_a_misuse(void **state)
{
    (void)state;
    at_each_place(tryadd_beside_a_misuse);
}

static void close_empty(wg_t *wg)
{
    errno = E2BIG;
    assert_int_equal(wg_close(wg), WG_DRAINED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_tryadd(wg, 1), ECANCELED);
    assert_int_equal(wg_wait(wg), 0);
    assert_int_equal(wg_count(wg), 0);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(misuses, 0);
}

static void test_close_empty(void **state)
{
    (void)state;
    at_each_place(close_empty);
}

static void close_with_tasks(wg_t *wg)
{
    wg_add(wg, 3);
    errno = E2BIG;
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_tryadd(wg, 1), ECANCELED);
    assert_int_equal(wg_count(wg), 3);
    assert_int_equal(wg_trywait(wg), EBUSY);
    assert_int_equal(wg_done_last(wg), 0);
    assert_int_equal(wg_done(wg), 0);
    assert_int_equal(wg_done_last(wg), WG_DRAINED);
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_wait(wg), 0);
    assert_int_equal(wg_tryadd(wg, 1), ECANCELED);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(misuses, 0);
}

static void test_close_with_tasks(void **state)
{
    (void)state;
    at_each_place(close_with_tasks);
}

/* It releases nobody, and keeps nobody. */
static void close_with_waiters(wg_t *wg)
{
    pthread_t waiters[20];
    wg_add(wg, 1);
    for (size_t i = 0; i < COUNT(waiters); i++) {
        waiters[i] = start(wait_for, wg);
        if (i == COUNT(waiters) / 2) {
            until_parked(wg, (uint32_t)i + 1);
            assert_int_equal(wg_close(wg), 0);
        }
    }
    until_parked(wg, COUNT(waiters));
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(waiters_of(wg), COUNT(waiters));
    assert_int_equal(wg_done_last(wg), WG_DRAINED);
    for (size_t i = 0; i < COUNT(waiters); i++)
        assert_int_equal(result_of(waiters[i]), 0);
    assert_int_equal(word_of(wg), WG_CLOSED);
}

static void test_close_with_waiters(void **state)
{
    (void)state;
    at_each_place(close_with_waiters);
}

/* Somebody's round is not over yet: the counter is 0, and that is what counts. */
static void close_at_the_end_of_a_round(wg_t *wg)
{
    pthread_t parked = start_and_park_unended(wg);
    assert_int_equal(wg_close(wg), WG_DRAINED);
    assert_int_equal(waiters_of(wg), 1);
    assert_int_equal(wg_wait(wg), 0);
    assert_int_equal(result_of(parked), 0);
    assert_int_equal(word_of(wg), WG_CLOSED);
}

static void test_close_at_the_end_of_a_round(void **state)
{
    (void)state;
    at_each_place(close_at_the_end_of_a_round);
}

static void done_last(wg_t *wg)
{
    int (*callback)(wg_t *) = wg_done_last;
    errno = E2BIG;
    for (int round = 0; round < 3; round++) {
        wg_add(wg, 3);
        assert_int_equal(callback(wg), 0);
        assert_int_equal(wg_done_last(wg), 0);
        assert_int_equal(wg_done_last(wg), WG_LAST);
        assert_int_equal(word_of(wg), 0);
    }
    wg_add(wg, 2);
    assert_int_equal(wg_done_last(wg), 0);
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_done_last(wg), WG_DRAINED);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(misuses, 0);
}

static void test_done_last(void **state)
{
    (void)state;
    at_each_place(done_last);
}

/* It releases those who wait, as wg_done does. */
static void done_last_releases(wg_t *wg)
{
    for (int round = 0; round < 2; round++) {
        pthread_t waiters[3];
        wg_add(wg, 1);
        for (size_t i = 0; i < COUNT(waiters); i++)
            waiters[i] = start(wait_for, wg);
        until_parked(wg, COUNT(waiters));
        if (round == 1)
            assert_int_equal(wg_close(wg), 0);
        assert_int_equal(wg_done_last(wg), round == 0 ? WG_LAST : WG_DRAINED);
        for (size_t i = 0; i < COUNT(waiters); i++)
            assert_int_equal(result_of(waiters[i]), 0);
    }
}

static void test_done_last_releases(void **state)
{
    (void)state;
    at_each_place(done_last_releases);
}

/* The misuse is undone, and is not the last one. */
static void one_done_last_too_many(wg_t *wg)
{
    for (int turn = 0; turn < 2; turn++) {
        const wg_t before = *wg;
        assert_reported(wg_done_last(wg), EINVAL, wg, "wg_done_last",
                        "negative counter (-1): more done than added");
        assert_memory_equal(wg, &before, sizeof *wg);
        assert_reported(wg_add(wg, -2), EINVAL, wg, "wg_add",
                        "negative counter (-2): more done than added");
        assert_memory_equal(wg, &before, sizeof *wg);
        wg_close(wg);
    }
    assert_int_equal(wg_wait(wg), 0);
    assert_int_equal(wg_tryadd(wg, 1), ECANCELED);

    /* With another thread's excess in flight, this one may be taken for it; the end is
     * still to come. */
    wg_add(wg, 1);
    wg_word_add(wg_word_of(wg), wg_word_tasks(-1));
    assert_reported(wg_done_last(wg), EINVAL, wg, "wg_done_last",
                    "negative counter (-1): more done than added");
    wg_word_add(wg_word_of(wg), wg_word_tasks(1));
    assert_int_equal(wg_done_last(wg), WG_DRAINED);
}

static void test_one_done_last_too_many(void **state)
{
    (void)state;
    at_each_place(one_done_last_too_many);
}

/* A task may start others after the close; there is one end. */
static void holders_add(wg_t *wg)
{
    wg_add(wg, 1);
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_add(wg, 2), 0);
    assert_int_equal(wg_add(wg, 0), 0);
    assert_int_equal(wg_tryadd(wg, 1), ECANCELED);
    assert_int_equal(wg_count(wg), 3);
    assert_int_equal(wg_done_last(wg), 0);
    assert_int_equal(wg_add(wg, 1), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(wg_done_last(wg), 0);
    assert_int_equal(wg_done_last(wg), WG_DRAINED);
    assert_int_equal(misuses, 0);
}

static void test_holders_add(void **state)
{
    (void)state;
    at_each_place(holders_add);
}

/* What else brings the counter to 0 tells nobody, and later closes do not either. */
static void others_tell_nobody(wg_t *wg)
{
    wg_add(wg, 2);
    assert_int_equal(wg_done_last(wg), 0);
    assert_int_equal(wg_done(wg), 0);
    wg_add(wg, 2);
    assert_int_equal(wg_add(wg, -2), 0);
    wg_add(wg, 1);
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_done(wg), 0);
    assert_int_equal(wg_close(wg), 0);
    assert_int_equal(wg_wait(wg), 0);
}

static void test_others_tell_nobody(void **state)
{
    (void)state;
    at_each_place(others_tell_nobody);
}

static void count_does_not_show_it(wg_t *wg)
{
    static const int counters[] = {0, 1, 2, 1000, INT32_MAX - 1, INT32_MAX};
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < COUNT(counters); i++) {
            wg_add(wg, counters[i]);
            assert_int_equal(wg_count(wg), counters[i]);
            wg_add(wg, -counters[i]);
        }
        wg_add(wg, 1);
        pthread_t waiter = start(wait_for, wg);
        until_parked(wg, 1);
        assert_int_equal(wg_count(wg), 1);
        wg_close(wg);
        assert_int_equal(wg_count(wg), 1);
        assert_int_equal(wg_done(wg), 0);
        assert_int_equal(result_of(waiter), 0);
    }
}

static void test_count_does_not_show_it(void **state)
{
    (void)state;
    at_each_place(count_does_not_show_it);
}

/* Waits return on a closed group as on an open one. */
static void waits(wg_t *wg)
{
    const struct timespec past = {0, 0};
    for (int tasks = 1; tasks >= 0; tasks--) {
        const int busy = tasks == 0 ? 0 : EBUSY, timed_out = tasks == 0 ? 0 : ETIMEDOUT;
        wg_init(wg);
        wg_add(wg, tasks);
        wg_close(wg);
        const wg_t before = *wg;
        for (int i = 0; i < 2; i++) {
            assert_int_equal(wg_trywait(wg), busy);
            assert_int_equal(wg_timedwait(wg, &past), timed_out);
            assert_int_equal(wg_clockwait(wg, CLOCK_MONOTONIC, &past), timed_out);
            assert_int_equal(wg_reltimedwait(wg, &past), timed_out);
        }
        assert_memory_equal(wg, &before, sizeof *wg);
    }
    assert_int_equal(wg_wait(wg), 0);
    assert_int_equal(word_of(wg), WG_CLOSED);
}

static void test_waits(void **state)
{
    (void)state;
    at_each_place(waits);
}

static void destroy_and_init(wg_t *wg)
{
    wg_add(wg, 1);
    wg_close(wg);
    const wg_t before = *wg;
    assert_int_equal(wg_destroy(wg), EBUSY);
    assert_memory_equal(wg, &before, sizeof *wg);
    pthread_t waiter = start(wait_for, wg);
    until_parked(wg, 1);
    assert_int_equal(wg_destroy(wg), EBUSY);
    wg_done(wg);
    join(waiter);
    assert_int_equal(wg_destroy(wg), 0);
    assert_int_equal(word_of(wg), WG_DESTROYED);

    /* Busy as well: a waiter whose round is about to be ended. */
    wg_init(wg);
    waiter = start_and_park_unended(wg);
    assert_int_equal(wg_close(wg), WG_DRAINED);
    assert_int_equal(wg_destroy(wg), EBUSY);
    assert_int_equal(waiters_of(wg), 1);
    assert_int_equal(wg_wait(wg), 0);
    join(waiter);
    assert_int_equal(wg_destroy(wg), 0);

    /* A new one is open: one that was closed, and one that was destroyed as well. */
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(wg_init(wg), 0);
        assert_int_equal(wg_tryadd(wg, 1), 0);
        assert_int_equal(wg_done_last(wg), WG_LAST);
        assert_int_equal(wg_close(wg), WG_DRAINED);
    }
    assert_int_equal(misuses, 0);
}

static void test_destroy_and_init(void **state)
{
    (void)state;
    at_each_place(destroy_and_init);
}

static void use_after_destroy(wg_t *wg)
{
    static const char reason[] = "used after wg_destroy";
    const struct timespec time = {0, 0};
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(wg_destroy(wg), 0);
        const wg_t destroyed = *wg;
        assert_reported(wg_close(wg), EINVAL, wg, "wg_close", reason);
        assert_reported(wg_tryadd(wg, 1), EINVAL, wg, "wg_tryadd", reason);
        assert_reported(wg_tryadd(wg, INT32_MAX), EINVAL, wg, "wg_tryadd", reason);
        assert_reported(wg_done_last(wg), EINVAL, wg, "wg_done_last", reason);
        assert_reported(wg_reltimedwait(wg, &time), EINVAL, wg, "wg_reltimedwait", reason);
        assert_memory_equal(wg, &destroyed, sizeof *wg);

        /* By another thread's use in flight the counter may seem to be any other. */
        wg_word *word = wg_word_of(wg);
        const uint64_t in_flight[] = {-(WG_DESTROYED & ~WG_LOWER_HALF), wg_word_tasks(-1),
                                      wg_word_tasks(1)};
        for (size_t i = 0; i < COUNT(in_flight); i++) {
            wg_word_add(word, in_flight[i]);
            assert_reported(wg_close(wg), EINVAL, wg, "wg_close", reason);
            assert_reported(wg_tryadd(wg, 1), EINVAL, wg, "wg_tryadd", reason);
            assert_reported(wg_done_last(wg), EINVAL, wg, "wg_done_last", reason);
            wg_word_add(word, -in_flight[i]);
            assert_int_equal(word_of(wg), WG_DESTROYED);
        }
        /* Once more, with one that was closed. */
        wg_init(wg);
        wg_close(wg);
    }
}

static void test_use_after_destroy(void **state)
{
    (void)state;
    at_each_place(use_after_destroy);
}

/* A refusal is a look: it succeeds where nothing can be written.  So do a wait,
 * and a count. */
static void test_refusal_writes_nothing(void **state)
{
    (void)state;
    const struct timespec past = {0, 0};
    wg_t *groups = (wg_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(groups, MAP_FAILED);
    for (int i = 0; i < 4; i++) {
        wg_add(&groups[i], i / 2);
        wg_close(&groups[i]);
    }
#ifdef __GCC_HAVE_SYNC_COMPARE_AND_SWAP_8 /* elsewhere, libatomic looks by an exchange */
    assert_int_equal(mprotect(groups, 4096, PROT_READ), 0);
#endif
    for (int i = 0; i < 4; i++) {
        const wg_t before = groups[i];
        assert_int_equal(wg_tryadd(&groups[i], 1), ECANCELED);
        assert_int_equal(wg_tryadd(&groups[i], INT32_MAX), ECANCELED);
        assert_int_equal(wg_tryadd(&groups[i], 0), EINVAL);
        assert_int_equal(wg_count(&groups[i]), i / 2);
        assert_int_equal(wg_trywait(&groups[i]), i / 2 == 0 ? 0 : EBUSY);
        if (i / 2 == 0) {
            assert_int_equal(wg_wait(&groups[i]), 0);
            assert_int_equal(wg_reltimedwait(&groups[i], &past), 0);
        }
        assert_memory_equal(&groups[i], &before, sizeof before);
    }
    munmap(groups, 4096);
}

/* However a round ends: the group stays closed, and nobody is left. */

static void end_by_done(wg_t *wg)
{
    assert_int_equal(wg_done(wg), 0);
}

static void end_by_add(wg_t *wg)
{
    assert_int_equal(wg_add(wg, 2), 0);
    assert_int_equal(wg_add(wg, -3), 0);
}

static void end_by_done_last(wg_t *wg)
{
    assert_int_equal(wg_done_last(wg), WG_DRAINED);
}

static void lower(wg_t *wg)
{
    wg_word_add(wg_word_of(wg), wg_word_tasks(-1));
}

static void end_by_wait(wg_t *wg)
{
    lower(wg);
    assert_int_equal(wg_wait(wg), 0);
}

static void end_by_trywait(wg_t *wg)
{
    lower(wg);
    assert_int_equal(wg_trywait(wg), 0);
}

static void end_by_reltimedwait(wg_t *wg)
{
    const struct timespec past = {0, 0};
    lower(wg);
    assert_int_equal(wg_reltimedwait(wg, &past), 0);
}

static void end_by_undoing(wg_t *wg)
{
    lower(wg);
    assert_reported(wg_done_last(wg), EINVAL, wg, "wg_done_last",
                    "negative counter (-1): more done than added");
}

static void (*const ends[])(wg_t *) = {
    end_by_done,    end_by_add,          end_by_done_last, end_by_wait,
    end_by_trywait, end_by_reltimedwait, end_by_undoing,
};

static void rounds_end(wg_t *wg)
{
    for (size_t i = 0; i < COUNT(ends); i++) {
        pthread_t waiters[3];
        wg_init(wg);
        wg_add(wg, 1);
        for (size_t n = 0; n < COUNT(waiters); n++)
            waiters[n] = start(wait_for, wg);
        until_parked(wg, COUNT(waiters));
        assert_int_equal(wg_close(wg), 0);
        ends[i](wg);
        for (size_t n = 0; n < COUNT(waiters); n++)
            assert_int_equal(result_of(waiters[n]), 0);
        assert_int_equal(word_of(wg), WG_CLOSED);
        assert_int_equal(wg_tryadd(wg, 1), ECANCELED);
        assert_int_equal(wg_close(wg), 0);
    }
}

static void test_rounds_end(void **state)
{
    (void)state;
    at_each_place(rounds_end);
}

/* Waits that are given up on a closed group: with tasks, and with a counter of 0, which is
 * what the wait is about.  It is the only one, or one of two. */
static void give_up(wg_t *wg, bool other, bool over, bool cancels)
{
    pthread_t waiters[2];
    const uint32_t parked = other ? 2 : 1;
    wg_init(wg);
    wg_add(wg, 1);
    for (uint32_t i = 0; i < parked; i++) {
        waiters[i] = start(wait_for, wg);
        until_parked(wg, i + 1);
    }
    assert_int_equal(wg_close(wg), 0);
    if (over)
        lower(wg);
    if (cancels) {
        void *result;
        assert_int_equal(pthread_cancel(waiters[0]), 0);
        assert_int_equal(pthread_join(waiters[0], &result), 0);
        assert_ptr_equal(result, PTHREAD_CANCELED);
    }
    if (!over) {
        assert_int_equal(word_of(wg), (UINT64_C(1) << 32 | WG_CLOSED) +
                                          (parked - cancels) * WG_ONE_WAITER);
        assert_int_equal(wg_done_last(wg), WG_DRAINED);
    } else if (!cancels) {
        assert_int_equal(wg_wait(wg), 0);
    }
    for (uint32_t i = cancels; i < parked; i++)
        assert_int_equal(result_of(waiters[i]), 0);
    assert_int_equal(word_of(wg), WG_CLOSED);
    assert_int_equal(wg_destroy(wg), 0);
}

static void give_up_in_each_way(wg_t *wg)
{
    for (unsigned i = 0; i < 8; i++)
        give_up(wg, (i & 1) != 0, (i & 2) != 0, (i & 4) != 0);
}

static void test_cancelled_waits(void **state)
{
    (void)state;
    at_each_place(give_up_in_each_way);
}

/* By its deadline: the counter becomes 0 before, while, or after it gives up. */
static void *wait_a_moment(void *wg)
{
    const struct timespec a_moment = {0, 100000};
    return (void *)(intptr_t)wg_reltimedwait((wg_t *)wg, &a_moment);
}

static void give_up_by_deadline(wg_t *wg)
{
    for (int round = 0; round < 1000 / SLOWER; round++) {
        wg_init(wg);
        wg_add(wg, 1);
        pthread_t waiter = start(wait_a_moment, wg);
        pthread_t other = start(wait_for, wg);
        if (round % 2 == 0)
            until_parked(wg, 1);
        assert_int_equal(wg_close(wg), 0);
        if (round % 3 == 0)
            until_parked(wg, 1); /* the other, if nobody else */
        lower(wg);
        int result = result_of(waiter);
        assert_true(result == 0 || result == ETIMEDOUT);
        assert_int_equal(wg_wait(wg), 0);
        join(other);
        assert_int_equal(word_of(wg), WG_CLOSED);
    }
}

static void test_deadlines(void **state)
{
    (void)state;
    at_each_place(give_up_by_deadline);
}

/*
 * Races.  A team of threads that do something to one group after the other, each time all
 * at once.  The test's own thread is one of them.
 */

enum { TEAM = 4 };

struct team {
    int size;
    int (*call[TEAM])(wg_t *wg);
    pthread_t threads[TEAM]; /* but for the first */
    wg_t *wg;                /* of this round */
    int round;               /* atomic: the one that is open; released by who opens it */
    int at_work;             /* atomic: who is not ready with it yet */
    int results[TEAM];       /* of this round */
    bool is_over;            /* atomic */
};

struct member {
    struct team *team;
    int number;
};

/* Awake for a moment, so that all begin together where there are processors for them. */
static void until(const int *value, int wanted)
{
    for (int i = 0; __atomic_load_n(value, __ATOMIC_ACQUIRE) != wanted; i++)
        if (i > 2000)
            sched_yield();
}

/* The calls are made in some order within a fraction of a microsecond, and all
 * change places from one round to the next: on a busy machine, a thread may always
 * be the first. */
static void make_call(struct team *team, int number, int round)
{
    unsigned random = (unsigned)(round * TEAM + number) * 2654435761U;
    for (volatile unsigned i = random >> 26; i > 0; i--)
        continue;
    int place = (number + round) % team->size;
    team->results[place] = team->call[place](team->wg);
    __atomic_fetch_sub(&team->at_work, 1, __ATOMIC_RELEASE);
}

static void *take_part(void *argument)
{
    struct member self = *(struct member *)argument;
    free(argument);
    for (int round = 1;; round++) {
        until(&self.team->round, round);
        if (__atomic_load_n(&self.team->is_over, __ATOMIC_RELAXED))
            return NULL;
        make_call(self.team, self.number, round);
    }
}

static void assemble(struct team *team)
{
    for (int i = 1; i < team->size; i++) {
        struct member *member = (struct member *)malloc(sizeof *member);
        assert_non_null(member);
        *member = (struct member){team, i};
        team->threads[i] = start(take_part, member);
    }
}

static void race(struct team *team, wg_t *wg)
{
    team->wg = wg;
    __atomic_store_n(&team->at_work, team->size, __ATOMIC_RELAXED);
    make_call(team, 0, __atomic_add_fetch(&team->round, 1, __ATOMIC_RELEASE));
    until(&team->at_work, 0);
}

static void dissolve(struct team *team)
{
    __atomic_store_n(&team->is_over, true, __ATOMIC_RELAXED);
    __atomic_fetch_add(&team->round, 1, __ATOMIC_RELEASE);
    for (int i = 1; i < team->size; i++)
        join(team->threads[i]);
}

static int how_many(const struct team *team, int result)
{
    int number = 0;
    for (int i = 0; i < team->size; i++)
        number += team->results[i] == result;
    return number;
}

#define RACES ((WITH_TSAN ? 3000 : 10000) / SLOWER)

/* So many, or as many as there is time for. */
static bool goes_on(int round, int rounds)
{
    static int64_t begin;
    if (round == 0)
        begin = now_on(CLOCK_MONOTONIC);
    return round < rounds && (round < 100 || now_on(CLOCK_MONOTONIC) - begin < 4 * SECOND);
}

/* The last one of each round has seen what all have done; then the group is the
 * next round's. */
static int payloads[TEAM], next_payload, unseen;

static int leave_something(wg_t *wg)
{
    int mine = __atomic_fetch_add(&next_payload, 1, __ATOMIC_RELAXED);
    payloads[mine] = 1;
    int result = wg_done_last(wg);
    if (result != 0) {
        for (int i = 0; i < TEAM; i++) {
            unseen += payloads[i] != 1;
            payloads[i] = 0;
        }
        next_payload = 0;
        wg_add(wg, TEAM);
    }
    return result;
}

static void last_of_each_round(wg_t *wg)
{
    struct team team = {
        .size = TEAM,
        .call = {leave_something, leave_something, leave_something, leave_something}};
    int wrong = 0;
    unseen = 0;
    wg_add(wg, TEAM);
    assemble(&team);
    for (int round = 0; goes_on(round, RACES); round++) {
        race(&team, wg);
        wrong += how_many(&team, WG_LAST) != 1 || how_many(&team, 0) != TEAM - 1;
    }
    dissolve(&team);
    assert_int_equal(wrong, 0);
    assert_int_equal(unseen, 0);
    wg_add(wg, -TEAM);
}

static void test_last_of_each_round(void **state)
{
    (void)state;
    at_each_place(last_of_each_round);
}

/* One call says that it is over, be it the close or the end of a task. */
static void drained_once(wg_t *wg)
{
    struct team team = {.size = TEAM,
                        .call = {wg_close, wg_done_last, wg_done_last, wg_close}};
    int wrong = 0, by_close = 0;
    assemble(&team);
    for (int round = 0; goes_on(round, RACES); round++) {
        wg_init(wg);
        wg_add(wg, 2);
        race(&team, wg);
        /* A close that was later has met an end of the round that was none of
         * the group's. */
        wrong += how_many(&team, WG_DRAINED) != 1;
        wrong += how_many(&team, 0) + how_many(&team, WG_LAST) != TEAM - 1;
        by_close += how_many(&team, WG_LAST);
        wrong += word_of(wg) != WG_CLOSED;
    }
    dissolve(&team);
    print_message("# drained by a close %d times\n", by_close);
    assert_int_equal(wrong, 0);
}

static void test_drained_once(void **state)
{
    (void)state;
    at_each_place(drained_once);
}

/* Whoever is told so unmaps the group, while the others may be anywhere; a touch
 * is a SIGSEGV. */
static int unmap_if_drained(wg_t *wg, int result)
{
    if (result == WG_DRAINED) {
        memset(wg, 0xff, sizeof *wg);
        munmap((void *)((uintptr_t)wg & ~(uintptr_t)4095), 4096);
    }
    return result;
}

static int close_and_unmap(wg_t *wg)
{
    return unmap_if_drained(wg, wg_close(wg));
}

static int finish_and_unmap(wg_t *wg)
{
    return unmap_if_drained(wg, wg_done_last(wg));
}

static int finish_and_unmap_as_the_last(wg_t *wg)
{
    int result = wg_done_last(wg);
    unmap_if_drained(wg, result == WG_LAST ? WG_DRAINED : result);
    return result;
}

static void unmap_rounds(int size, int (*first)(wg_t *), int (*other)(wg_t *), int end)
{
    struct team team = {.size = size, .call = {first, other, other, other}};
    int wrong = 0;
    assemble(&team);
    for (int round = 0; goes_on(round, RACES / 4); round++) {
        wg_t *wg = (wg_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(wg, MAP_FAILED);
        wg += round % 2;
        wg_add(wg, size - (end == WG_DRAINED));
        race(&team, wg);
        wrong += how_many(&team, end) != 1;
    }
    dissolve(&team);
    assert_int_equal(wrong, 0);
}

static void test_who_is_told_unmaps(void **state)
{
    (void)state;
    for (int size = 2; size <= TEAM; size += 2) {
        unmap_rounds(size, close_and_unmap, finish_and_unmap, WG_DRAINED);
        unmap_rounds(size, finish_and_unmap_as_the_last, finish_and_unmap_as_the_last,
                     WG_LAST);
    }
}

/* A count of references that can be closed: what they refer to is there while one is held,
 * and one of all ends it.  The group is where it is. */
static int *referred_to;
static int found_wrong, ended;

static void end_it(void)
{
    *referred_to = 0;
    ended++; /* plain: there is one */
}

static int refer(wg_t *wg)
{
    for (int i = 0; wg_tryadd(wg, 1) == 0; i++) {
        if (*referred_to != 1)
            __atomic_fetch_add(&found_wrong, 1, __ATOMIC_RELAXED);
        int result = wg_done_last(wg);
        if (result == WG_DRAINED)
            end_it();
        else if (result != 0 && result != WG_LAST)
            __atomic_fetch_add(&found_wrong, 1, __ATOMIC_RELAXED);
        if (i % 64 == 63)
            sched_yield();
    }
    return 0;
}

static int close_and_end(wg_t *wg)
{
    if (wg_close(wg) == WG_DRAINED)
        end_it();
    return 0;
}

static void references(wg_t *wg)
{
    struct team team = {.size = TEAM, .call = {refer, close_and_end, refer, refer}};
    int wrong = 0, value;
    referred_to = &value;
    found_wrong = 0;
    assemble(&team);
    for (int round = 0; goes_on(round, RACES / 4); round++) {
        wg_init(wg);
        value = 1;
        ended = 0;
        race(&team, wg);
        wrong += ended != 1 || value != 0 || word_of(wg) != WG_CLOSED;
    }
    dissolve(&team);
    assert_int_equal(wrong, 0);
    assert_int_equal(found_wrong, 0);
}

static void test_references(void **state)
{
    (void)state;
    at_each_place(references);
}

/* After a close and a wait, nobody is in, and nobody will come, however often
 * it is tried. */
static int inside;      /* plain: the group alone orders it */
static bool is_drained; /* atomic */

static int hammer(wg_t *wg)
{
    int wrong = 0, refused = 0;
    while (refused < 200) {
        bool late = __atomic_load_n(&is_drained, __ATOMIC_RELAXED);
        int error = wg_tryadd(wg, 1);
        if (error == 0) {
            wrong += late || *(volatile int *)&inside != 1;
            wg_done(wg);
        } else {
            wrong += error != ECANCELED;
            refused++;
        }
    }
    return wrong;
}

static int close_and_wait(wg_t *wg)
{
    int closed = wg_close(wg);
    int wrong = closed != 0 && closed != WG_DRAINED;
    wrong += wg_wait(wg) != 0;
    __atomic_store_n(&is_drained, true, __ATOMIC_RELAXED);
    inside = 0;
    for (int i = 0; i < 100; i++)
        wrong += word_of(wg) != WG_CLOSED;
    return wrong + (wg_wait(wg) != 0);
}

static void nobody_will_come(wg_t *wg)
{
    struct team team = {.size = TEAM, .call = {hammer, close_and_wait, hammer, hammer}};
    int wrong = 0;
    assemble(&team);
    for (int round = 0; goes_on(round, RACES / 20); round++) {
        wg_init(wg);
        inside = 1;
        __atomic_store_n(&is_drained, false, __ATOMIC_RELAXED);
        race(&team, wg);
        wrong += how_many(&team, 0) != TEAM || word_of(wg) != WG_CLOSED;
    }
    dissolve(&team);
    assert_int_equal(wrong, 0);
}

static void test_nobody_will_come(void **state)
{
    (void)state;
    at_each_place(nobody_will_come);
}

/* A close comes while the round ends: if the one who ends it has to try again, it does. */
static void close_while_a_round_ends(wg_t *wg)
{
    struct team team = {.size = 3, .call = {wg_close, wg_done_last, wg_close}};
    int wrong = 0;
    assemble(&team);
    for (int round = 0; goes_on(round, RACES / 4); round++) {
        wg_init(wg);
        wg_add(wg, 1);
        pthread_t waiter = start(wait_for, wg);
        until_parked(wg, 1);
        race(&team, wg);
        wrong += how_many(&team, WG_DRAINED) != 1;
        wrong += result_of(waiter) != 0;
        wrong += word_of(wg) != WG_CLOSED;
    }
    dissolve(&team);
    assert_int_equal(wrong, 0);
}

static void test_close_while_a_round_ends(void **state)
{
    (void)state;
    at_each_place(close_while_a_round_ends);
}

/* A destroy of a group that is idle meets a close: one is first, and both get
 * what is theirs. */
static void close_against_destroy(wg_t *wg)
{
    struct team team = {.size = 2, .call = {wg_close, wg_destroy}};
    int wrong = 0;
    assemble(&team);
    for (int round = 0; goes_on(round, RACES); round++) {
        wg_init(wg);
        misuses = 0;
        race(&team, wg);
        wrong += how_many(&team, 0) != 1;
        wrong += how_many(&team, WG_DRAINED) + how_many(&team, EINVAL) != 1;
        wrong += how_many(&team, EINVAL) != misuses;
        wrong += word_of(wg) != WG_DESTROYED;
    }
    dissolve(&team);
    assert_int_equal(wrong, 0);
}

static void test_close_against_destroy(void **state)
{
    (void)state;
    at_each_place(close_against_destroy);
}

/* A waiter that gives up leaves the end to the last task: the two agree on who it is. */
static int wait_or_leave(wg_t *wg)
{
    const struct timespec a_moment = {0, 2000};
    int error = wg_reltimedwait(wg, &a_moment);
    return error == ETIMEDOUT ? wg_close(wg) == WG_DRAINED : error == 0;
}

static int end_of_a_task(wg_t *wg)
{
    static unsigned turn;
    for (volatile unsigned i = turn++ % 64 * 32; i > 0; i--)
        continue;
    return wg_done_last(wg) == WG_DRAINED;
}

static void waiter_leaves_the_end(wg_t *wg)
{
    struct team team = {.size = 2, .call = {wait_or_leave, end_of_a_task}};
    int wrong = 0;
    assemble(&team);
    for (int round = 0; goes_on(round, RACES / 2); round++) {
        wg_init(wg);
        wg_add(wg, 1);
        race(&team, wg);
        wrong += how_many(&team, 1) != 1;
    }
    dissolve(&team);
    assert_int_equal(wrong, 0);
}

static void test_waiter_leaves_the_end(void **state)
{
    (void)state;
    at_each_place(waiter_leaves_the_end);
}

/* Two that try, and a close between them: each is counted, or refused. */
static void each_is_counted_or_refused(wg_t *wg)
{
    for (int round = 0; round < 2000 / SLOWER; round++) {
        wg_init(wg);
        pthread_t first = start(try_to_add, wg), second = start(try_to_add, wg);
        int closed = wg_close(wg);
        int counted = 0;
        const int results[] = {result_of(first), result_of(second)};
        for (size_t i = 0; i < COUNT(results); i++) {
            counted += results[i] == 0;
            assert_true(results[i] == 0 || results[i] == ECANCELED);
        }
        assert_int_equal(closed, counted == 0 ? WG_DRAINED : 0);
        assert_int_equal(wg_count(wg), counted);
        for (int i = 1; i <= counted; i++)
            assert_int_equal(result_of(start(finish_and_tell, wg)),
                             i == counted ? WG_DRAINED : 0);
    }
}

static void test_each_is_counted_or_refused(void **state)
{
    (void)state;
    at_each_place(each_is_counted_or_refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tryadd),
        cmocka_unit_test(test_tryadd_of_nothing),
        cmocka_unit_test(test_tryadd_of_too_many),
        cmocka_unit_test(test_tryadd_beside_a_misuse),
        cmocka_unit_test(test_close_empty),
        cmocka_unit_test(test_close_with_tasks),
        cmocka_unit_test(test_close_with_waiters),
        cmocka_unit_test(test_close_at_the_end_of_a_round),
        cmocka_unit_test(test_done_last),
        cmocka_unit_test(test_done_last_releases),
        cmocka_unit_test(test_one_done_last_too_many),
        cmocka_unit_test(test_holders_add),
        cmocka_unit_test(test_others_tell_nobody),
        cmocka_unit_test(test_count_does_not_show_it),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_destroy_and_init),
        cmocka_unit_test(test_use_after_destroy),
        cmocka_unit_test(test_refusal_writes_nothing),
        cmocka_unit_test(test_rounds_end),
        cmocka_unit_test(test_cancelled_waits),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_last_of_each_round),
        cmocka_unit_test(test_drained_once),
        cmocka_unit_test(test_who_is_told_unmaps),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_nobody_will_come),
        cmocka_unit_test(test_close_while_a_round_ends),
        cmocka_unit_test(test_close_against_destroy),
        cmocka_unit_test(test_waiter_leaves_the_end),
        cmocka_unit_test(test_each_is_counted_or_refused),
    };
    wg_set_misuse_handler(note_misuse);
    return RUN_TESTS(tests);
}
