/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The last touch of a group by each thread comes before the end of a wait by another, which
 * overwrites it.
 *
 * The thread that overwrites has not been parked, nor has it taken a lock: it comes when
 * the group is idle, so nothing but the word orders what others did with the group, and the
 * tasks' work, before what it does next.  If they are not ordered, ThreadSanitizer says so,
 * whatever happened first; for the last test, the threads have to meet in the right moment
 * as well.  tests/unit/test_lifetime.c has the waits that do sleep.
 *
 * What is written plainly is static or on the heap: Clang 14 tells ThreadSanitizer nothing
 * of an access to a part of a variable on the stack.
 */
#include "common.h"

#include <errno.h>
#include <string.h>

#define GROUPS (400 / SLOWER)

/* Relaxed, and not by a call of the library: that might finish a close, under the lock. */
static void until_idle(const wg_t *wg)
{
    while (!wg_word_idle(__atomic_load_n(wg_word_of(wg), __ATOMIC_RELAXED)))
        sched_yield();
}

/* Each way to learn that it is idle, which it is. */
static int by_clockwait(wg_t *wg)
{
    const struct timespec past = {0, 0};
    return wg_clockwait(wg, CLOCK_MONOTONIC, &past);
}

static int see_idle(wg_t *wg, unsigned way)
{
    static int (*const ways[])(wg_t *) = {wg_wait, wg_trywait, by_clockwait, wg_destroy};
    return ways[way % COUNT(ways)](wg);
}

static void overwrite(wg_t *wg)
{
    volatile uint32_t *state =
        wg->state; /* or compilers drop what is written before free() */
    for (size_t i = 0; i < COUNT(wg->state); i++)
        state[i] = UINT32_MAX;
    free(wg);
}

static wg_t *new_group(int counter)
{
    wg_t *wg = (wg_t *)malloc(sizeof *wg);
    wg_init(wg);
    wg_add(wg, counter);
    return wg;
}

/* A task that leaves something, as a thread of its own. */
struct task {
    wg_t *wg;
    int work;
};

static void *run_task(void *argument)
{
    struct task *task = (struct task *)argument;
    task->work = 1;
    wg_done(task->wg);
    return NULL;
}

/* The task closes the round of a waiter that is parked.  Up to three rounds one after the
 * other, and nobody knows whether the waiters of the earlier ones have got away yet. */
static void test_after_a_close(void **state)
{
    (void)state;
    enum { MOST = 3 };
    static struct task tasks[MOST];
    for (unsigned i = 0; i < GROUPS; i++) {
        wg_t *wg = new_group(0);
        pthread_t waiters[MOST], threads[MOST];
        unsigned rounds = 1 + i % MOST;
        int wrong = 0;
        for (unsigned round = 0; round < rounds; round++) {
            wg_add(wg, 1);
            waiters[round] = start(wait_for, wg);
            until_parked(wg, 1);
            tasks[round] = (struct task){wg, 0};
            threads[round] = start(run_task, &tasks[round]);
            until_idle(wg);
            wrong += see_idle(wg, round + 1 < rounds ? 0 : i / MOST) != 0;
            wrong += tasks[round].work != 1;
        }
        overwrite(wg);
        for (unsigned round = 0; round < rounds; round++) {
            join(waiters[round]);
            join(threads[round]);
        }
        assert_int_equal(wrong, 0);
    }
}

/* A parked waiter gives up, by its deadline or cancelled, around the moment of the last
 * task's wg_done(), which gets no further than its addition.  If the wait succeeds, it
 * sees the work. */
struct brief {
    wg_t *wg;
    int work;
    bool is_over; /* atomic */
};

static void *wait_a_moment(void *argument)
{
    struct brief *brief = (struct brief *)argument;
    struct timespec deadline = from_now(CLOCK_MONOTONIC, 100000);
    int error = wg_clockwait(brief->wg, CLOCK_MONOTONIC, &deadline);
    if (error == 0 && brief->work != 1)
        error = -1;
    __atomic_store_n(&brief->is_over, true, __ATOMIC_RELAXED);
    return (void *)(intptr_t)error;
}

static void test_after_giving_up(void **state)
{
    (void)state;
    static struct brief brief;
    for (unsigned i = 0; i < GROUPS; i++) {
        wg_t *wg = new_group(1);
        brief = (struct brief){.wg = wg};
        bool last = i % 4 < 2; /* give up last, if nothing comes in between */
        bool cancelled = i % 2 == 0;
        if (i % 3 == 0)
            wg_close(wg);
        pthread_t waiter;
        if (cancelled) {
            waiter = start(wait_for, wg);
            until_parked(wg, 1);
            if (!last)
                pthread_cancel(waiter);
        } else {
            waiter = start(wait_a_moment, &brief);
            while (!__atomic_load_n(&brief.is_over, __ATOMIC_RELAXED) &&
                   (!last || waiters_of(wg) == 0))
                sched_yield();
        }
        brief.work = 1;
        wg_word_add(wg_word_of(wg), wg_word_tasks(-1));
        if (cancelled && last)
            pthread_cancel(waiter);
        until_idle(wg);
        int error = see_idle(wg, i / 4);
        overwrite(wg);

        void *result;
        assert_int_equal(pthread_join(waiter, &result), 0);
        assert_int_equal(error, 0);
        if (cancelled)
            assert_ptr_equal(result, PTHREAD_CANCELED);
        else if (last)
            assert_true((intptr_t)result == 0 || (intptr_t)result == ETIMEDOUT);
        else
            assert_int_equal((intptr_t)result, ETIMEDOUT);
    }
}

/* Nobody waits: the one who is told that it was the last, or that the group is closed and
 * empty, overwrites it.  What the others did before they called is in order with that, and
 * so is the close. */
struct leaver {
    wg_t *wg;
    int *work, *all_work;
    int tasks;
    bool closes;
};

static void *leave(void *argument)
{
    struct leaver *leaver = (struct leaver *)argument;
    *leaver->work = 1;
    int result = leaver->closes ? wg_close(leaver->wg) : wg_done_last(leaver->wg);
    intptr_t told = result == WG_DRAINED || (result == WG_LAST && leaver->tasks == 3);
    if (told) {
        int done = 0;
        for (int i = 0; i < 3; i++)
            done += leaver->all_work[i];
        overwrite(leaver->wg);
        return (void *)(done == 3 ? told : -1);
    }
    return (void *)(intptr_t)(result == 0 || result == WG_LAST ? 0 : -1);
}

static void test_the_last_one_out(void **state)
{
    (void)state;
    static int work[3];
    static struct leaver leavers[COUNT(work)];
    static pthread_t threads[COUNT(work)];
    for (unsigned i = 0; i < 2 * GROUPS; i++) {
        int tasks = 2 + (int)(i % 2), told = 0;
        wg_t *wg = new_group(tasks);
        memset(work, 0, sizeof work);
        for (size_t n = 0; n < COUNT(work); n++) {
            leavers[n] =
                (struct leaver){wg, &work[n], work, tasks, tasks == 2 && n == i / 2 % 3};
            threads[n] = start(leave, &leavers[n]);
        }
        for (size_t n = 0; n < COUNT(work); n++) {
            void *result;
            assert_int_equal(pthread_join(threads[n], &result), 0);
            assert_true(result != (void *)-1);
            told += result != NULL;
        }
        assert_int_equal(told, 1);
    }
}

/* A refused call has seen what came before the close, be it made by another thread than the
 * one that it knows from. */
struct refused {
    wg_t wg;
    int before; /* plain */
};

static void *prepare_and_close(void *argument)
{
    struct refused *refused = (struct refused *)argument;
    refused->before = 1;
    wg_close(&refused->wg);
    return NULL;
}

static void run_nothing(void *argument)
{
    (void)argument;
}

static void test_refusal_sees_the_close(void **state)
{
    (void)state;
    static struct refused refused;
    for (unsigned i = 0; i < GROUPS; i++) {
        refused.before = 0;
        wg_init(&refused.wg);
        wg_add(&refused.wg, (int)(i % 2));
        pthread_t thread = start(prepare_and_close, &refused);
        if (i % 4 < 2) {
            while (wg_tryadd(&refused.wg, 1) == 0)
                wg_done(&refused.wg);
        } else {
            while (wg_go(&refused.wg, run_nothing, NULL) == 0)
                sched_yield();
        }
        assert_int_equal(refused.before, 1);
        join(thread);
        wg_add(&refused.wg, -(int)(i % 2));
        assert_int_equal(wg_wait(&refused.wg), 0);
    }
}

/* Tasks that are threads of the library, which are still in it when the wait is over. */
static void run_task_of_go(void *argument)
{
    int *work = (int *)argument;
    *work = 1;
}

static void test_after_go(void **state)
{
    (void)state;
    static int work[3];
    for (unsigned i = 0; i < GROUPS; i++) {
        wg_t *wg = new_group(0);
        int wrong = 0;
        memset(work, 0, sizeof work);
        for (size_t task = 0; task < COUNT(work); task++)
            wrong += wg_go(wg, run_task_of_go, &work[task]) != 0;
        if (i % 2 == 0)
            until_idle(wg);
        wrong += (i % 2 == 0 ? see_idle(wg, i / 2) : wg_wait(wg)) != 0;
        overwrite(wg);
        assert_int_equal(wrong, 0);
        assert_int_equal(work[0] + work[1] + work[2], 3);
    }
}

/* The counter rises and falls back while the round is about to be closed.  What the
 * drifter did is seen by the parked waiter, if the waiter was parked while the drifter's
 * task counted. */
struct risen {
    wg_t wg;
    bool is_open; /* atomic */
    struct {
        bool counts; /* atomic */
        int work;
    } drifts[4];
};

static void until_open(const struct risen *risen)
{
    while (!__atomic_load_n(&risen->is_open, __ATOMIC_RELAXED))
        sched_yield();
}

static void *finish_last(void *argument)
{
    struct risen *risen = (struct risen *)argument;
    until_open(risen);
    wg_done(&risen->wg);
    return NULL;
}

static void *drift(void *argument)
{
    struct risen *risen = (struct risen *)argument;
    until_open(risen);
    for (size_t i = 0; i < COUNT(risen->drifts); i++) {
        wg_add(&risen->wg, 1);
        bool counts = waiters_of(&risen->wg) == 1;
        risen->drifts[i].work = 1;
        __atomic_store_n(&risen->drifts[i].counts, counts, __ATOMIC_RELAXED);
        wg_done(&risen->wg);
    }
    return NULL;
}

static void *wait_and_look(void *argument)
{
    struct risen *risen = (struct risen *)argument;
    intptr_t unseen = wg_wait(&risen->wg) != 0;
    for (size_t i = 0; i < COUNT(risen->drifts); i++)
        if (__atomic_load_n(&risen->drifts[i].counts, __ATOMIC_RELAXED))
            unseen += risen->drifts[i].work != 1;
    return (void *)unseen;
}

static void test_work_while_closing(void **state)
{
    (void)state;
    for (int i = 0; i < 10 * GROUPS; i++) {
        struct risen risen = {.is_open = false};
        void *unseen;
        wg_add(&risen.wg, 1);
        pthread_t waiter = start(wait_and_look, &risen);
        until_parked(&risen.wg, 1);
        pthread_t last = start(finish_last, &risen), drifter = start(drift, &risen);
        __atomic_store_n(&risen.is_open, true, __ATOMIC_RELAXED);
        assert_int_equal(pthread_join(waiter, &unseen), 0);
        join(last);
        join(drifter);
        assert_null(unseen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_after_a_close),
        cmocka_unit_test(test_after_giving_up),
        cmocka_unit_test(test_the_last_one_out),
        cmocka_unit_test(test_refusal_sees_the_close),
        cmocka_unit_test(test_after_go),
        cmocka_unit_test(test_work_while_closing),
    };
    return RUN_TESTS(tests);
}
