/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Waiting awake: for how long, and whether at all.  The clock is the test's. */
#include "common.h"

#include <errno.h>
#include <limits.h>

BEGIN_C
#include "../../src/spin.h"
END_C

/* This program is linked with the library's sources, in all of which clock_gettime() is
 * renamed to this.  Each look at the clock takes time, by which the pauses between two of
 * them may be as long as one likes; and something may happen at one of them. */
#undef clock_gettime
BEGIN_C
int given_clock_gettime(clockid_t clock, struct timespec *now);
END_C

static int64_t time_of[2];   /* monotonic, and the wall clock's */
static int64_t a_look_takes; /* on both */
static int64_t longest;      /* since the spin's beginning, on the monotonic clock */
static int looks, event_at;  /* at which look */
static void (*event)(void);

/* So long at most. */
#define SPIN_NS 12000

static wg_t group;

static int64_t *given(clockid_t clock)
{
    return &time_of[clock == CLOCK_REALTIME];
}

int given_clock_gettime(clockid_t clock, struct timespec *now)
{
    for (size_t i = 0; i < COUNT(time_of); i++)
        time_of[i] += a_look_takes;
    longest += a_look_takes;
    if (++looks == event_at)
        event();
    *now = moment(*given(clock));
    return 0;
}

/* A group with a task, a time of day, and all credit. */
static void begin(void)
{
    wg_init(&group);
    wg_add(&group, 1);
    time_of[0] = 1000 * SECOND;
    time_of[1] = 1700000000 * SECOND;
    a_look_takes = 1000;
    longest = 0;
    looks = event_at = 0;
    wg_spin_credit = 16;
}

static bool spin(clockid_t clock, const struct timespec *deadline)
{
    return wg_spin(wg_word_of(&group), clock, deadline);
}

static bool spin_until(clockid_t clock, int64_t from_now)
{
    const struct timespec deadline = moment(*given(clock) + from_now);
    return spin(clock, &deadline);
}

static void finish_task(void)
{
    wg_done(&group);
}

static void add_waiter(void)
{
    __atomic_fetch_add(wg_word_of(&group), WG_ONE_WAITER, __ATOMIC_RELAXED);
}

static void finish_beside_waiter(void)
{
    add_waiter();
    finish_task();
}

static void set_wall_clock_back(void)
{
    time_of[1] -= 3600 * SECOND;
}

/* Bounded by time, whatever a pause takes. */
static void test_ends_by_the_clock(void **state)
{
    (void)state;
    static const int64_t takes[] = {1, 10, 100, 1000, 11999, 12000, 1000000, 3 * SECOND};
    for (size_t i = 0; i < COUNT(takes); i++) {
        begin();
        a_look_takes = takes[i];
        assert_false(spin(CLOCK_REALTIME, NULL));
        /* Two looks at least: the first one says when it began. */
        assert_true(longest <= SPIN_NS + 2 * takes[i]);
        assert_true(longest >= SPIN_NS);
    }
}

static void test_task_ends_meanwhile(void **state)
{
    (void)state;
    for (int at = 1; at <= 10; at++) {
        begin();
        event_at = at;
        event = finish_task;
        assert_true(spin(CLOCK_REALTIME, NULL));
        assert_true(looks >= at && looks <= at + 1);
    }
}

/* The whole word has to be 0, not the counter alone: rule 4. */
static void test_waiters_are_left(void **state)
{
    (void)state;
    begin();
    add_waiter();
    finish_task();
    assert_false(spin(CLOCK_REALTIME, NULL));
    assert_int_equal(looks, 0);
    begin();
    event_at = 3;
    event = finish_beside_waiter;
    assert_false(spin(CLOCK_REALTIME, NULL));
}

static void test_nobody_spins_beside_a_sleeper(void **state)
{
    (void)state;
    begin();
    add_waiter();
    assert_false(spin(CLOCK_REALTIME, NULL));
    assert_int_equal(looks, 0);
    assert_int_equal(wg_spin_credit, 16);
    /* Nor from the moment at which there is one. */
    begin();
    event_at = 3;
    event = add_waiter;
    assert_false(spin(CLOCK_REALTIME, NULL));
    assert_int_equal(looks, 3);
}

static void test_not_beyond_the_deadline(void **state)
{
    (void)state;
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    for (size_t i = 0; i < COUNT(clocks); i++) {
        for (int64_t ahead = 100; ahead < 8000; ahead += 500) {
            begin();
            a_look_takes = 100;
            assert_false(spin_until(clocks[i], ahead));
            /* A look at each of the two clocks. */
            assert_true(longest <= ahead + 2 * a_look_takes);
        }
        for (int64_t ago = 0; ago <= 2 * SECOND; ago += SECOND / 2) {
            begin();
            assert_false(spin_until(clocks[i], -ago));
            assert_int_equal(looks, 1);
            assert_int_equal(wg_spin_credit, 16);
        }
        /* It is over when it has come, though the clock stands still. */
        begin();
        a_look_takes = 0;
        assert_false(spin_until(clocks[i], 0));
        assert_int_equal(looks, 1);
    }
}

/* A deadline on the wall clock that goes into the distance: the spin ends all the same. */
static void test_wall_clock_is_set_back(void **state)
{
    (void)state;
    begin();
    event_at = 3;
    event = set_wall_clock_back;
    assert_false(spin_until(CLOCK_REALTIME, SECOND));
    assert_true(longest <= SPIN_NS + 4 * a_look_takes);
}

/* In the last nanoseconds of a second. */
static void test_second_ends(void **state)
{
    (void)state;
    begin();
    time_of[0] = 1000 * SECOND - 5000;
    assert_false(spin(CLOCK_REALTIME, NULL));
    assert_true(longest >= SPIN_NS && longest <= SPIN_NS + 2 * a_look_takes);
}

/* No deadline is too far away, or too long ago, or no time at all: a sanitizer
 * would object. */
static void test_extreme_deadlines(void **state)
{
    (void)state;
    const time_t most = sizeof(time_t) == 8 ? (time_t)INT64_MAX : (time_t)INT32_MAX;
    const time_t seconds[] = {-most - 1, -1, 0, 1, most - 1, most};
    static const long nanoseconds[] = {LONG_MIN, -1, 0, 999999999, 1000000000, LONG_MAX};
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    for (size_t s = 0; s < COUNT(seconds); s++) {
        for (size_t n = 0; n < COUNT(nanoseconds); n++) {
            for (size_t c = 0; c < COUNT(clocks); c++) {
                begin();
                const struct timespec deadline = {seconds[s], nanoseconds[n]};
                assert_false(spin(clocks[c], &deadline));
                assert_true(longest <= SPIN_NS + 4 * a_look_takes);
                assert_int_equal(looks == 1, seconds[s] < 1000);
            }
        }
    }
}

/* Did it look at all? */
static bool is_tried(bool task_ends)
{
    wg_init(&group);
    wg_add(&group, 1);
    looks = 0;
    event_at = task_ends ? 2 : 0;
    event = finish_task;
    bool is_over = spin(CLOCK_REALTIME, NULL);
    bool tried = looks != 0;
    assert_int_equal(is_over, tried && task_ends);
    return tried;
}

/* Failures use it up; then many waits go without, and one tries again. */
static void test_credit_is_used_up(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i <= 16; i++)
        assert_true(is_tried(false));
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < 64; i++)
            assert_false(is_tried(i % 2 == 0));
        assert_true(is_tried(false));
    }
}

/* One success is worth one failure, up to a limit. */
static void test_credit_is_restored(void **state)
{
    (void)state;
    begin();
    wg_spin_credit = 0;
    for (int i = 1; i <= 5; i++) {
        assert_true(is_tried(true));
        assert_int_equal(wg_spin_credit, i);
    }
    for (int i = 0; i <= 5; i++)
        assert_true(is_tried(false));
    assert_false(is_tried(true));
    begin();
    for (int i = 0; i < 100; i++)
        assert_true(is_tried(true));
    for (int i = 0; i <= 16; i++)
        assert_true(is_tried(false));
    assert_false(is_tried(true));
}

/* A wait does what the spin says: it does not sleep if that has seen the end. */
static void test_wait_spins(void **state)
{
    (void)state;
    begin();
    event_at = 2;
    event = finish_task;
    assert_int_equal(wg_wait(&group), 0);
    assert_int_equal(looks, 2);
    assert_int_equal(wg_wait(&group), 0);
    assert_int_equal(looks, 2);
}

/* A duration is from the call on, on the monotonic clock.  With none, or with less, nobody
 * looks at the group for long.  (The test's clock is behind the system's, so that is no
 * time to sleep.) */
static void test_durations(void **state)
{
    (void)state;
    const struct timespec none[] = {{0, 0}, {-1, 0}, {-1, 999999999}};
    for (size_t i = 0; i < COUNT(none); i++) {
        begin();
        a_look_takes = 0;
        time_of[0] = SECOND;
        assert_int_equal(wg_reltimedwait(&group, &none[i]), ETIMEDOUT);
        assert_int_equal(wg_spin_credit, 16);
    }
    const struct timespec duration = {0, 5000};
    begin();
    a_look_takes = 100;
    time_of[0] = SECOND - 2000;
    assert_int_equal(wg_reltimedwait(&group, &duration), ETIMEDOUT);
    assert_true(longest >= 5000 && longest <= 5000 + 8 * a_look_takes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_by_the_clock),
        cmocka_unit_test(test_task_ends_meanwhile),
        cmocka_unit_test(test_waiters_are_left),
        cmocka_unit_test(test_nobody_spins_beside_a_sleeper),
        cmocka_unit_test(test_not_beyond_the_deadline),
        cmocka_unit_test(test_wall_clock_is_set_back),
        cmocka_unit_test(test_second_ends),
        cmocka_unit_test(test_extreme_deadlines),
        cmocka_unit_test(test_credit_is_used_up),
        cmocka_unit_test(test_credit_is_restored),
        cmocka_unit_test(test_wait_spins),
        cmocka_unit_test(test_durations),
    };
    return RUN_TESTS(tests);
}
