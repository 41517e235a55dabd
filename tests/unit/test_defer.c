/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* wg_defer_done: by each way out of a scope. */
#include "common.h"

static int leave_by_return(wg_t *wg)
{
    wg_defer_done(wg);
    return wg_count(wg);
}

static int deferred(wg_t *wg)
{
    int before = wg_count(wg), seen = 0;
    {
        wg_defer_done(wg);
        seen += wg_count(wg) == before;
    }
    seen += wg_count(wg) == before - 1;
    for (;;) {
        wg_defer_done(wg);
        break;
    }
    seen += wg_count(wg) == before - 2;
    for (int i = 0; i < 2; i++) {
        wg_defer_done(wg);
        continue; /* NOLINT(readability-redundant-control-flow): a way out of the scope */
    }
    seen += wg_count(wg) == before - 4;
    {
        wg_defer_done(wg);
        goto outside;
    }
outside:
    seen += wg_count(wg) == before - 5;
    {
        /* Two in one scope, even on one line. */
        wg_defer_done(wg);
        wg_defer_done(wg); /* clang-format off */
    }
    /* clang-format on */
    seen += wg_count(wg) == before - 7;
    seen += leave_by_return(wg) == before - 7;
    seen += wg_count(wg) == before - 8;
    return seen;
}

static void test_each_way_out(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 10);
    assert_int_equal(deferred(&wg), 8);
    assert_int_equal(wg_count(&wg), 2);
    wg_add(&wg, -2);
}

/* The expression is evaluated once, where the declaration stands. */
static void test_evaluates_at_once(void **state)
{
    (void)state;
    wg_t groups[2] = {WG_INITIALIZER, WG_INITIALIZER}, *wg = groups;
    wg_add(&groups[0], 1);
    {
        wg_defer_done(wg++);
        assert_ptr_equal(wg, &groups[1]);
    }
    assert_ptr_equal(wg, &groups[1]);
    assert_int_equal(wg_destroy(&groups[0]), 0);
    assert_int_equal(wg_destroy(&groups[1]), 0);
}

#ifdef __GLIBC__ /* musl ends a thread without unwinding its stack */
static void *exit_in_a_scope(void *wg)
{
    wg_defer_done((wg_t *)wg);
    pthread_exit(NULL);
}

static void *be_cancelled_in_a_scope(void *wg)
{
    wg_defer_done((wg_t *)wg);
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return NULL;
}

/* This program is compiled with -fexceptions, which C needs for this. */
static void test_the_thread_ends(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 2);
    join(start(exit_in_a_scope, &wg));
    assert_int_equal(wg_count(&wg), 1);
    join(start(be_cancelled_in_a_scope, &wg));
    assert_int_equal(wg_trywait(&wg), 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_way_out),
        cmocka_unit_test(test_evaluates_at_once),
#ifdef __GLIBC__
        cmocka_unit_test(test_the_thread_ends),
#endif
    };
    return RUN_TESTS(tests);
}
