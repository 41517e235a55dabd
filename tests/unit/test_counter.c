/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* The counter: additions, their limits, and what happens beyond them. */
#include "common.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <wchar.h>

static int catch_misuse(void **state)
{
    (void)state;
    misuses = 0;
    misused = NULL;
    wg_set_misuse_handler(note_misuse);
    return 0;
}

static int default_misuse(void **state)
{
    (void)state;
    wg_set_misuse_handler(NULL);
    return 0;
}

static void test_additions(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    assert_int_equal(wg_add(&wg, 5), 0);
    assert_int_equal(wg_add(&wg, 0), 0);
    assert_int_equal(counter_of(&wg), 5);
    assert_int_equal(wg_add(&wg, -3), 0);
    assert_int_equal(counter_of(&wg), 2);
    assert_int_equal(wg_done(&wg), 0);
    assert_int_equal(wg_done(&wg), 0);
    assert_int_equal(counter_of(&wg), 0);
    assert_int_equal(wg_add(&wg, 0), 0);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(misuses, 0);
}

static void test_done_as_callback(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    int (*callback)(wg_t *) = wg_done;
    assert_int_equal(wg_add(&wg, 1), 0);
    assert_int_equal(callback(&wg), 0);
    assert_int_equal(wg_wait(&wg), 0);
}

static void test_up_to_the_limits(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    assert_int_equal(wg_add(&wg, INT32_MAX), 0);
    assert_int_equal(counter_of(&wg), INT32_MAX);
    assert_int_equal(wg_add(&wg, -INT32_MAX), 0);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(wg_add(&wg, INT32_MAX - 1), 0);
    assert_int_equal(wg_add(&wg, 1), 0);
    assert_int_equal(wg_done(&wg), 0);
    assert_int_equal(wg_add(&wg, 1 - INT32_MAX), 0);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(misuses, 0);
}

static void test_beyond_the_limits(void **state)
{
    (void)state;
    static const struct {
        int counter, delta, error;
        const char *reason;
    } cases[] = {
        {0, -1, EINVAL, "negative counter (-1): more done than added"},
        {0, -2, EINVAL, "negative counter (-2): more done than added"},
        {5, -6, EINVAL, "negative counter (-1): more done than added"},
        {0, -INT32_MAX, EINVAL, "negative counter (-2147483647): more done than added"},
        {0, INT32_MIN, EINVAL, "negative counter (-2147483648): more done than added"},
        {1, INT32_MIN, EINVAL, "negative counter (-2147483647): more done than added"},
        {INT32_MAX, INT32_MIN, EINVAL, "negative counter (-1): more done than added"},
        {INT32_MAX, 1, EOVERFLOW, "counter overflow (2147483648): not initialized?"},
        {1, INT32_MAX, EOVERFLOW, "counter overflow (2147483648): not initialized?"},
        {INT32_MAX, INT32_MAX, EOVERFLOW,
         "counter overflow (4294967294): not initialized?"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        wg_t wg = WG_INITIALIZER;
        assert_int_equal(wg_add(&wg, cases[i].counter), 0);
        wg_t before = wg;
        misuses = 0;

        assert_int_equal(wg_add(&wg, cases[i].delta), cases[i].error);

        char line[128];
        snprintf(line, sizeof line, "waitgroup: wg_add(%p): %s", (void *)&wg,
                 cases[i].reason);
        assert_int_equal(misuses, 1);
        assert_ptr_equal(misused, &wg);
        assert_string_equal(misuse_line, line);
        assert_memory_equal(&wg, &before, sizeof wg);
    }
}

static void test_one_done_too_many(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    char line[128];
    assert_int_equal(wg_done(&wg), EINVAL);
    snprintf(line, sizeof line,
             "waitgroup: wg_done(%p): negative counter (-1): more done than added",
             (void *)&wg);
    assert_string_equal(misuse_line, line);
    assert_int_equal(wg_wait(&wg), 0);
}

static void test_misuse_leaves_parked_waiters(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 2);
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    assert_int_equal(wg_add(&wg, -3), EINVAL);
    assert_int_equal(wg_add(&wg, INT32_MAX), EOVERFLOW);
    assert_int_equal(counter_of(&wg), 2);
    assert_int_equal(waiters_of(&wg), 1);
    wg_add(&wg, -2);
    join(waiter);
}

/*
 * Another thread's misuse in flight: it has added, and not yet undone.  The word is put
 * into that state by hand; innocent calls succeed, guilty ones are reported, and when the
 * undo comes the counter is what the innocent ones made it.
 */
static void test_misuse_in_flight(void **state)
{
    (void)state;
    static const struct {
        int counter, in_flight, delta, result;
    } cases[] = {
        {0, -1, 1, 0},
        {0, -1, 0, 0},
        {0, -7, 2, 0},
        {0, -1, -1, EINVAL},
        {0, -1, INT32_MIN, EINVAL},
        {INT32_MAX, 1, -1, 0},
        {INT32_MAX, 1, 0, 0},
        {INT32_MAX, 5, -2, 0},
        {INT32_MAX, 1, 1, EOVERFLOW},
        {INT32_MAX, 1, -INT32_MAX, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        wg_t wg = WG_INITIALIZER;
        wg_word *word = wg_word_of(&wg);
        wg_word_add(word, wg_word_tasks(cases[i].counter));
        wg_word_add(word, wg_word_tasks(cases[i].in_flight));
        assert_int_equal(wg_add(&wg, cases[i].delta), cases[i].result);
        wg_word_add(word, -wg_word_tasks(cases[i].in_flight));
        assert_int_equal(counter_of(&wg),
                         cases[i].counter + (cases[i].result == 0 ? cases[i].delta : 0));
    }
}

/* A misuse that is undone to a counter of 0 while a close is on its way: the undo may have
 * been in the way of that close, so it closes. */
static void test_undo_closes(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    pthread_t waiter = start_and_park_unended(&wg);
    assert_int_equal(wg_done(&wg), EINVAL);
    join(waiter);
    assert_int_equal(wg_destroy(&wg), 0);
}

/* Dones without an add from the one side, adds and dones in pairs from the other, and a
 * waiter.  A done may fail because of one in flight that fails too; but each unit that was
 * added is taken away once or still there, each failure is reported, and nobody is left. */
#define PAIRS 20000

static void *add_and_done(void *argument)
{
    wg_t *wg = (wg_t *)argument;
    intptr_t errors = 0;
    for (int i = 0; i < PAIRS; i++) {
        errors += wg_add(wg, 1) != 0;
        errors += wg_done(wg) != 0;
    }
    return (void *)errors;
}

static void *only_done(void *wg)
{
    intptr_t errors = 0;
    for (int i = 0; i < PAIRS; i++)
        errors += wg_done((wg_t *)wg) != 0;
    return (void *)errors;
}

static void *wait_often(void *wg)
{
    intptr_t errors = 0;
    for (int i = 0; i < PAIRS; i++)
        errors += wg_wait((wg_t *)wg) != 0;
    return (void *)errors;
}

static void test_misuse_against_everything(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    pthread_t pairs = start(add_and_done, &wg), excess = start(only_done, &wg),
              waiter = start(wait_often, &wg);
    void *pair_errors, *excess_errors, *wait_errors;
    assert_int_equal(pthread_join(pairs, &pair_errors), 0);
    assert_int_equal(pthread_join(excess, &excess_errors), 0);

    int errors = (int)((intptr_t)pair_errors + (intptr_t)excess_errors);
    assert_int_equal(misuses, errors);
    assert_true(errors >= PAIRS);
    assert_int_equal(counter_of(&wg), errors - PAIRS);
    wg_add(&wg, PAIRS - errors);
    assert_int_equal(pthread_join(waiter, &wait_errors), 0);
    assert_int_equal((intptr_t)wait_errors, 0);
    assert_int_equal(wg_destroy(&wg), 0);
}

static jmp_buf escape;

static void jump_out(const wg_t *wg, const char *what)
{
    (void)wg;
    (void)what;
    longjmp(escape, 1);
}

static void exit_thread(const wg_t *wg, const char *what)
{
    (void)what;
    pthread_exit((void *)(uintptr_t)wg);
}

static void *done_in_thread(void *wg)
{
    wg_done((wg_t *)wg);
    return NULL;
}

static void test_handlers_that_leave(void **state)
{
    (void)state;
    static wg_t wg = WG_INITIALIZER;
    wg_set_misuse_handler(jump_out);
    if (setjmp(escape) == 0) {
        wg_done(&wg);
        fail();
    }
    assert_int_equal(wg_wait(&wg), 0);

    void *result;
    wg_set_misuse_handler(exit_thread);
    assert_int_equal(pthread_join(start(done_in_thread, &wg), &result), 0);
    assert_ptr_equal(result, &wg);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(wg_destroy(&wg), 0);
}

static wg_t *of_the_handler;

static void use_group(const wg_t *wg, const char *what)
{
    (void)wg;
    (void)what;
    wg_add(of_the_handler, 1);
}

/* No lock is held: the handler may call into the library. */
static void test_handler_may_use_groups(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER, reports = WG_INITIALIZER;
    of_the_handler = &reports;
    wg_set_misuse_handler(use_group);
    assert_int_equal(wg_done(&wg), EINVAL);
    assert_int_equal(wg_destroy(&wg), 0);
    assert_int_equal(wg_wait(&wg), EINVAL);
    assert_int_equal(wg_destroy(&wg), EINVAL);
    assert_int_equal(counter_of(&reports), 3);
}

static void test_set_handler_returns_previous(void **state)
{
    (void)state;
    assert_ptr_equal(wg_set_misuse_handler(use_group), note_misuse);
    assert_ptr_equal(wg_set_misuse_handler(NULL), use_group);
    assert_null(wg_set_misuse_handler(note_misuse));
}

/* What a thread has prepared for its handler is there when the handler is called by a
 * misuse in another thread, or by one that has got it from wg_set_misuse_handler(). */
static int prepared; /* not atomic */
static int calls, calls_that_saw_it;

static void look_at_prepared(const wg_t *wg, const char *what)
{
    (void)wg;
    (void)what;
    calls++;
    calls_that_saw_it += prepared;
}

static void *prepare_and_set(void *unused)
{
    (void)unused;
    prepared = 1;
    wg_set_misuse_handler(look_at_prepared);
    return NULL;
}

static void test_handler_sees_what_was_prepared(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    for (int by_exchange = 0; by_exchange < 2; by_exchange++) {
        prepared = 0;
        wg_set_misuse_handler(note_misuse);
        pthread_t other = start(prepare_and_set, NULL);
        while (calls == by_exchange) {
            if (!by_exchange) {
                wg_done(&wg);
                continue;
            }
            wg_misuse_fn handler = wg_set_misuse_handler(note_misuse);
            if (handler == look_at_prepared)
                handler(&wg, NULL);
        }
        join(other);
    }
    assert_int_equal(calls_that_saw_it, 2);
}

/* Run misuse in a child and return how it ended and what it wrote to stderr. */
static int in_child(void (*misuse)(wg_t *), wg_t *wg, char *output, size_t size)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        misuse(wg);
        _exit(0);
    }
    close(pipes[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(pipes[0], output + length, (unsigned)(size - 1 - length))) > 0)
        length += (size_t)got;
    output[length] = '\0';
    close(pipes[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void done_too_many(wg_t *wg)
{
    wg_done(wg);
}

static void add_too_much(wg_t *wg)
{
    wg_add(wg, INT32_MAX);
    wg_add(wg, 1);
}

static void wait_after_destroy(wg_t *wg)
{
    wg_destroy(wg);
    wg_wait(wg);
}

static void *with_cancellation_pending(void *wg)
{
    pthread_cancel(pthread_self());
    wg_done((wg_t *)wg);
    return NULL;
}

/* Printing the message is a cancellation point; it does not get in the way of the abort. */
static void done_too_many_in_a_cancelled_thread(wg_t *wg)
{
    pthread_join(start(with_cancellation_pending, wg), NULL);
}

/* Nothing but wide characters can be printed to it then. */
static void done_too_many_beside_wide_output(wg_t *wg)
{
    fwide(stderr, 1);
    wg_done(wg);
}

static void test_default_aborts(void **state)
{
    (void)state;
    static const struct {
        void (*misuse)(wg_t *);
        const char *format;
    } cases[] = {
        {done_too_many,
         "waitgroup: wg_done(%p): negative counter (-1): more done than added\n"},
        {done_too_many_in_a_cancelled_thread,
         "waitgroup: wg_done(%p): negative counter (-1): more done than added\n"},
        {done_too_many_beside_wide_output,
         "waitgroup: wg_done(%p): negative counter (-1): more done than added\n"},
        {add_too_much,
         "waitgroup: wg_add(%p): counter overflow (2147483648): not initialized?\n"},
        {wait_after_destroy, "waitgroup: wg_wait(%p): used after wg_destroy\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        wg_t wg = WG_INITIALIZER;
        char output[256], address[32], expected[256];
        int status = in_child(cases[i].misuse, &wg, output, sizeof output);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);

#ifdef LAST_WORDS
        char *last_words = strstr(output, LAST_WORDS);
        if (last_words != NULL)
            *last_words = '\0';
#endif
        const char *hole = strstr(cases[i].format, "%p");
        snprintf(address, sizeof address, "%p", (void *)&wg);
        snprintf(expected, sizeof expected, "%.*s%s%s", (int)(hole - cases[i].format),
                 cases[i].format, address, hole + 2);
        assert_string_equal(output, expected);
    }
}

static void fail_a_system_call(const wg_t *wg, const char *what)
{
    note_misuse(wg, what);
    errno = ENOENT;
}

static void test_errno_is_left_alone(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_set_misuse_handler(fail_a_system_call);
    errno = E2BIG;
    wg_init(NULL);
    wg_init(&wg);
    wg_add(&wg, 1);
    wg_destroy(&wg);
    wg_done(&wg);
    wg_done(&wg);
    wg_wait(&wg);
    wg_destroy(&wg);
    wg_wait(&wg);
    assert_int_equal(wg_trywait(&wg), EINVAL);
    wg_count(&wg);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(misuses, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_additions, catch_misuse, default_misuse),
        cmocka_unit_test(test_done_as_callback),
        cmocka_unit_test_setup_teardown(test_up_to_the_limits, catch_misuse,
                                        default_misuse),
        cmocka_unit_test_setup_teardown(test_beyond_the_limits, catch_misuse,
                                        default_misuse),
        cmocka_unit_test_setup_teardown(test_one_done_too_many, catch_misuse,
                                        default_misuse),
        cmocka_unit_test_setup_teardown(test_misuse_leaves_parked_waiters, catch_misuse,
                                        default_misuse),
        cmocka_unit_test_setup_teardown(test_misuse_in_flight, catch_misuse,
                                        default_misuse),
        cmocka_unit_test_setup_teardown(test_undo_closes, catch_misuse, default_misuse),
        cmocka_unit_test_setup_teardown(test_misuse_against_everything, catch_misuse,
                                        default_misuse),
        cmocka_unit_test_teardown(test_handlers_that_leave, default_misuse),
        cmocka_unit_test_teardown(test_handler_may_use_groups, default_misuse),
        cmocka_unit_test_setup_teardown(test_set_handler_returns_previous, catch_misuse,
                                        default_misuse),
        cmocka_unit_test_teardown(test_handler_sees_what_was_prepared, default_misuse),
        NEEDS_FORK(test_default_aborts),
        cmocka_unit_test_setup_teardown(test_errno_is_left_alone, catch_misuse,
                                        default_misuse),
    };
    return RUN_TESTS(tests);
}
