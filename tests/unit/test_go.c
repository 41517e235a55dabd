/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Tasks in threads of their own. */
#include "common.h"

#include <errno.h>
#include <signal.h>

/* This program is linked with the library's sources, in all of which pthread_create(),
 * pthread_attr_init(), pthread_getattr_default_np() and malloc() are renamed to these, so
 * that they can be made to fail. */
#undef malloc
#undef pthread_attr_init
#undef pthread_create
#undef pthread_getattr_default_np
BEGIN_C
void *malloc(size_t size);
int pthread_attr_init(pthread_attr_t *attributes);
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *argument);
void *limited_malloc(size_t size);
int limited_pthread_attr_init(pthread_attr_t *attributes);
int limited_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*run)(void *), void *argument);
#ifdef HAVE_PTHREAD_GETATTR_DEFAULT_NP
int pthread_getattr_default_np(pthread_attr_t *attributes);
int limited_pthread_getattr_default_np(pthread_attr_t *attributes);
#endif
END_C

static int create_fails_with, malloc_fails_with, attributes_fail_with;
static int all_detached = 1, created;
static size_t guard_size; /* of the thread that was created last */

void *limited_malloc(size_t size)
{
    if (malloc_fails_with != 0) {
        errno = malloc_fails_with;
        return NULL;
    }
    return malloc(size);
}

int limited_pthread_attr_init(pthread_attr_t *attributes)
{
    return attributes_fail_with != 0 ? attributes_fail_with : pthread_attr_init(attributes);
}

#ifdef HAVE_PTHREAD_GETATTR_DEFAULT_NP
int limited_pthread_getattr_default_np(pthread_attr_t *attributes)
{
    return attributes_fail_with != 0 ? attributes_fail_with
                                     : pthread_getattr_default_np(attributes);
}
#endif

int limited_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*run)(void *), void *argument)
{
    int state;
    __atomic_fetch_add(&created, 1, __ATOMIC_RELAXED);
    if (create_fails_with != 0)
        return create_fails_with;
    pthread_attr_getdetachstate(attributes, &state);
    __atomic_fetch_and(&all_detached, state == PTHREAD_CREATE_DETACHED, __ATOMIC_RELAXED);
    size_t guard = 0;
    pthread_attr_getguardsize(attributes, &guard);
    __atomic_store_n(&guard_size, guard, __ATOMIC_RELAXED);
    return pthread_create(thread, attributes, run, argument);
}

/* Each is written by one task, without any other protection. */
static int results[64];

static void write_result(void *result)
{
    *(int *)result += 1;
}

static void test_tasks_run(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    all_detached = 1;
    for (int round = 1; round <= 20; round++) {
        for (size_t i = 0; i < COUNT(results); i++)
            assert_int_equal(wg_go(&wg, write_result, &results[i]), 0);
        assert_int_equal(wg_wait(&wg), 0);
        for (size_t i = 0; i < COUNT(results); i++)
            assert_int_equal(results[i], round);
    }
    assert_int_equal(all_detached, 1);
    assert_int_equal(wg_destroy(&wg), 0);
}

static void look_at_the_signal_mask(void *mask)
{
    pthread_sigmask(SIG_SETMASK, NULL, (sigset_t *)mask);
}

static void test_tasks_have_the_signal_mask(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    sigset_t mask, before, seen;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask, &before);
    assert_int_equal(wg_go(&wg, look_at_the_signal_mask, &seen), 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(sigismember(&seen, SIGUSR2), 1);
    assert_int_equal(sigismember(&seen, SIGUSR1), 0);
}

/* The task counts from before its start until after its end. */
static void take_turns(void *turn)
{
    __atomic_store_n((int *)turn, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n((int *)turn, __ATOMIC_ACQUIRE) != 2)
        sched_yield();
}

static void test_task_counts_while_it_runs(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    int turn = 0;
    assert_int_equal(wg_go(&wg, take_turns, &turn), 0);
    assert_int_equal(wg_trywait(&wg), EBUSY);
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 1)
        sched_yield();
    assert_int_equal(wg_count(&wg), 1);
    assert_int_equal(wg_trywait(&wg), EBUSY);
    __atomic_store_n(&turn, 2, __ATOMIC_RELEASE);
    assert_int_equal(wg_wait(&wg), 0);
}

/* The group is gone as soon as the wait has returned. */
static void test_group_on_the_stack(void **state)
{
    (void)state;
    for (int round = 0; round < 2000 / SLOWER; round++) {
        int result = 0;
        wg_t wg = WG_INITIALIZER;
        assert_int_equal(wg_go(&wg, write_result, &result), 0);
        assert_int_equal(wg_wait(&wg), 0);
        assert_int_equal(result, 1);
        assert_int_equal(wg_destroy(&wg), 0);
    }
}

static void exit_the_thread(void *result)
{
    *(int *)result = 1;
    pthread_exit(NULL);
}

static void cancel_the_thread(void *result)
{
    *(int *)result = 1;
    if (pthread_cancel(pthread_self()) != 0)
        return; /* winpthreads has no cancellation for detached threads */
    pthread_testcancel();
    *(int *)result = 2;
}

/* Cancelled with a cancellation pending in wg_done: it does its work all the same. */
static void leave_a_cancellation_pending(void *result)
{
    *(int *)result = 1;
    pthread_cancel(pthread_self());
}

static void assert_is_done(void (*task)(void *))
{
    wg_t wg = WG_INITIALIZER;
    int result = 0;
    assert_int_equal(wg_go(&wg, task, &result), 0);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(result, 1);
}

static void test_however_it_ends(void **state)
{
    (void)state;
    assert_is_done(cancel_the_thread);
    assert_is_done(leave_a_cancellation_pending);
}

static void test_ends_by_exit(void **state)
{
    (void)state;
    assert_is_done(exit_the_thread);
}

/* POSIX has pthread_exit() run what has been pushed. */
static void note_handler(void *was_run)
{
    *(bool *)was_run = true;
}

static void *push_and_exit(void *was_run)
{
    pthread_cleanup_push(note_handler, was_run);
    if (!*(bool *)was_run) /* it is not yet: for analysers, to whom the rest is useless */
        pthread_exit(NULL);
    pthread_cleanup_pop(0);
    return NULL;
}

static bool exit_runs_handlers(void)
{
    bool was_run = false;
    pthread_join(start(push_and_exit, &was_run), NULL);
    return was_run;
}

/* A task that starts tasks of the same group, down to a depth. */
struct tree {
    wg_t *wg;
    int depth;
    int nodes;
    int failures;
};

static void grow(void *argument)
{
    struct tree *tree = (struct tree *)argument;
    int depth = __atomic_fetch_sub(&tree->depth, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&tree->nodes, 1, __ATOMIC_RELAXED);
    for (int child = 0; child < 2 && depth > 0; child++)
        if (wg_go(tree->wg, grow, tree) != 0)
            __atomic_fetch_add(&tree->failures, 1, __ATOMIC_RELAXED);
}

static void test_tasks_start_tasks(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    struct tree tree = {.wg = &wg, .depth = 100};
    assert_int_equal(wg_go(&wg, grow, &tree), 0);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(tree.failures, 0);
    assert_int_equal(tree.nodes, 201);
}

/* With *failure set to error, wg_go() says that there is no thread, and has no effect. */
static void assert_nothing_starts(int *failure, int error)
{
    wg_t wg = WG_INITIALIZER;
    int result = 0;
    errno = E2BIG;
    *failure = error;
    assert_int_equal(wg_go(&wg, write_result, &result), EAGAIN);
    *failure = 0;
    assert_int_equal(errno, E2BIG);
    assert_int_equal(wg_trywait(&wg), 0);

    wg_add(&wg, 2);
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    *failure = error;
    assert_int_equal(wg_go(&wg, write_result, &result), EAGAIN);
    *failure = 0;
    assert_int_equal(counter_of(&wg), 2);
    assert_int_equal(waiters_of(&wg), 1);
    wg_add(&wg, -2);
    join(waiter);
    assert_int_equal(result, 0);
    assert_int_equal(wg_destroy(&wg), 0);
}

static void test_no_thread(void **state)
{
    (void)state;
    assert_nothing_starts(&create_fails_with, EAGAIN);
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_nothing_starts(&malloc_fails_with, ENOMEM);
}

static void test_no_attributes(void **state)
{
    (void)state;
    assert_nothing_starts(&attributes_fail_with, ENOMEM);
}

/* What the program has chosen for all threads is so for those of tasks, too. */
static void test_default_attributes(void **state)
{
    (void)state;
#ifdef HAVE_PTHREAD_GETATTR_DEFAULT_NP
    wg_t wg = WG_INITIALIZER;
    int result = 0;
    pthread_attr_t before, chosen;
    size_t wanted;
    assert_int_equal(pthread_getattr_default_np(&before), 0);
    assert_int_equal(pthread_getattr_default_np(&chosen), 0);
    assert_int_equal(pthread_attr_getguardsize(&before, &wanted), 0);
    wanted += 3 * (size_t)sysconf(_SC_PAGESIZE);
    assert_int_equal(pthread_attr_setguardsize(&chosen, wanted), 0);
    assert_int_equal(pthread_setattr_default_np(&chosen), 0);
    assert_int_equal(wg_go(&wg, write_result, &result), 0);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(pthread_setattr_default_np(&before), 0);
    assert_int_equal(guard_size, wanted);
    assert_int_equal(result, 1);
    pthread_attr_destroy(&chosen);
    pthread_attr_destroy(&before);
#endif
}

static void test_too_many(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    int result = 0;
    misuses = 0;
    wg_add(&wg, INT32_MAX);
    assert_int_equal(wg_go(&wg, write_result, &result), EOVERFLOW);
    assert_int_equal(misuses, 1);
    wg_add(&wg, -INT32_MAX);
    assert_int_equal(wg_destroy(&wg), 0);
    assert_int_equal(wg_go(&wg, write_result, &result), EINVAL);
    assert_int_equal(misuses, 2);
    assert_int_equal(result, 0);
}

/* No thread is made, and the tasks that run are counted as before. */
static void test_closed(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    int result = 0, turn = 0;
    misuses = 0;
    assert_int_equal(wg_go(&wg, take_turns, &turn), 0);
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 1)
        sched_yield();
    assert_int_equal(wg_close(&wg), 0);
    created = 0;
    malloc_fails_with = ENOMEM;
    errno = E2BIG;
    assert_int_equal(wg_go(&wg, write_result, &result), ECANCELED);
    assert_int_equal(errno, E2BIG);
    malloc_fails_with = 0;
    assert_int_equal(wg_go(&wg, write_result, &result), ECANCELED);
    assert_int_equal(wg_count(&wg), 1);
    __atomic_store_n(&turn, 2, __ATOMIC_RELEASE);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(wg_go(&wg, write_result, &result), ECANCELED);
    assert_int_equal(wg_count(&wg), 0);
    assert_int_equal(created, 0);
    assert_int_equal(result, 0);
    assert_int_equal(misuses, 0);
}

/* Tasks that start tasks until the group is closed: all that have been started are waited
 * for, and each that has not has been told so. */
struct offspring {
    wg_t wg;
    int begun, refused; /* atomic */
};

static void start_next(void *argument)
{
    struct offspring *offspring = (struct offspring *)argument;
    __atomic_fetch_add(&offspring->begun, 1, __ATOMIC_RELAXED);
    if (wg_go(&offspring->wg, start_next, offspring) == ECANCELED)
        __atomic_fetch_add(&offspring->refused, 1, __ATOMIC_RELAXED);
}

static void test_close_ends_it(void **state)
{
    (void)state;
    for (int round = 0; round < 100 / SLOWER + 1; round++) {
        struct offspring offspring = {.begun = 0};
        for (int i = 0; i < 3; i++)
            assert_int_equal(wg_go(&offspring.wg, start_next, &offspring), 0);
        while (__atomic_load_n(&offspring.begun, __ATOMIC_RELAXED) < 10)
            sched_yield();
        assert_int_equal(wg_close(&offspring.wg), 0);
        assert_int_equal(wg_wait(&offspring.wg), 0);
        int begun = offspring.begun;
        assert_int_equal(offspring.refused, 3);
        assert_int_equal(wg_go(&offspring.wg, start_next, &offspring), ECANCELED);
        assert_int_equal(offspring.begun, begun);
    }
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tasks_run),
        NEEDS_SIGNALS(test_tasks_have_the_signal_mask),
        cmocka_unit_test(test_task_counts_while_it_runs),
        cmocka_unit_test(test_group_on_the_stack),
        cmocka_unit_test(test_however_it_ends),
        cmocka_unit_test(test_tasks_start_tasks),
        cmocka_unit_test(test_no_thread),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_attributes),
#ifdef HAVE_PTHREAD_GETATTR_DEFAULT_NP
        cmocka_unit_test(test_default_attributes),
#else
        SKIPPED(test_default_attributes, "all threads have the same attributes"),
#endif
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_close_ends_it),
        cmocka_unit_test(test_ends_by_exit),
    };
    if (!exit_runs_handlers())
        tests[COUNT(tests) - 1] = (struct CMUnitTest)SKIPPED(
            test_ends_by_exit, "pthread_exit() runs no cleanup handlers");
    wg_set_misuse_handler(note_misuse);
    return RUN_TESTS(tests);
}
