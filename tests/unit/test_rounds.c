/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Rounds: what Go tests its WaitGroup with, and what this one promises beyond.
 *
 * The scenarios named "Go" are those of sync/waitgroup_test.go.
 */
#include "common.h"

#include <string.h>

/* Go: 16 workers report to one group and wait for a second one; nobody comes past
 * the second before it is released, and nobody is left.  Eight times over the same
 * two groups. */
enum { WORKERS = 16 };

static wg_t arrived = WG_INITIALIZER, released = WG_INITIALIZER;
static int exited;

static void *report_and_wait(void *argument)
{
    (void)argument;
    wg_done(&arrived);
    wg_wait(&released);
    __atomic_fetch_add(&exited, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void test_go_two_groups(void **state)
{
    (void)state;
    for (int round = 0; round < 8; round++) {
        pthread_t threads[WORKERS];
        exited = 0;
        wg_add(&arrived, WORKERS);
        wg_add(&released, WORKERS);
        for (size_t i = 0; i < WORKERS; i++)
            threads[i] = start(report_and_wait, NULL);
        wg_wait(&arrived);
        for (int i = 0; i < WORKERS; i++) {
            assert_int_equal(__atomic_load_n(&exited, __ATOMIC_RELAXED), 0);
            wg_done(&released);
        }
        for (size_t i = 0; i < WORKERS; i++)
            join(threads[i]);
        assert_int_equal(exited, WORKERS);
    }
}

/* Go: a thousand rounds of two workers, whose writes are seen by the one that waits. */
struct write {
    wg_t *wg;
    int *number;
};

static void *write_and_done(void *argument)
{
    struct write *write = (struct write *)argument;
    *write->number = 1;
    wg_done(write->wg);
    return NULL;
}

static void test_go_writes_are_visible(void **state)
{
    (void)state;
    for (int round = 0; round < 1000 / SLOWER; round++) {
        wg_t wg = WG_INITIALIZER;
        int numbers[2] = {0, 0};
        struct write writes[2] = {{&wg, &numbers[0]}, {&wg, &numbers[1]}};
        pthread_t threads[2];
        for (int i = 0; i < 2; i++) {
            wg_add(&wg, 1);
            threads[i] = start(write_and_done, &writes[i]);
        }
        wg_wait(&wg);
        assert_int_equal(numbers[0] + numbers[1], 2);
        for (int i = 0; i < 2; i++)
            join(threads[i]);
    }
}

/* Go: a group behind a single byte. */
static void test_go_alignment(void **state)
{
    (void)state;
    struct {
        char byte;
        wg_t wg;
    } x;
    memset(&x, 0, sizeof x);
    int number = 0;
    struct write write = {&x.wg, &number};
    wg_add(&x.wg, 1);
    pthread_t thread = start(write_and_done, &write);
    wg_wait(&x.wg);
    assert_int_equal(number, 1);
    join(thread);
}

/*
 * A team of threads that work in rounds, without being started anew for each.  The rounds
 * are opened by one thread, which waits for each; other threads wait for the same rounds.
 */
struct team {
    wg_t *work; /* counts a round's tasks: the subject of the test */
    int round;  /* the round that is open; set to release the workers into it */
    int rounds;
    int numbers[4]; /* what each worker writes in its round, without any other protection */
};

struct worker {
    struct team *team;
    int index;
};

static void *work_in_rounds(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    struct team *team = worker->team;
    for (int round = 1; round <= team->rounds; round++) {
        while (__atomic_load_n(&team->round, __ATOMIC_ACQUIRE) < round)
            sched_yield();
        team->numbers[worker->index] = round;
        wg_done(team->work);
    }
    return NULL;
}

/* A second waiter: whatever round it meets, it returns, and sees that no later
 * one is over. */
static void *wait_along(void *argument)
{
    struct team *team = (struct team *)argument;
    while (__atomic_load_n(&team->round, __ATOMIC_ACQUIRE) < team->rounds)
        if (wg_wait(team->work) != 0)
            return (void *)1;
    return NULL;
}

static void run_rounds(int rounds, size_t others)
{
    wg_t work = WG_INITIALIZER;
    struct team team = {.work = &work, .rounds = rounds};
    struct worker workers[4];
    pthread_t threads[4], waiters[8];
    for (int i = 0; i < 4; i++) {
        workers[i] = (struct worker){&team, i};
        threads[i] = start(work_in_rounds, &workers[i]);
    }
    for (size_t i = 0; i < others; i++)
        waiters[i] = start(wait_along, &team);
    int wrong = 0;
    for (int round = 1; round <= rounds; round++) {
        wg_add(&work, 4);
        __atomic_store_n(&team.round, round, __ATOMIC_RELEASE);
        wg_wait(&work);
        for (int i = 0; i < 4; i++)
            wrong += team.numbers[i] != round;
    }
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    for (size_t i = 0; i < others; i++) {
        void *result;
        assert_int_equal(pthread_join(waiters[i], &result), 0);
        assert_null(result);
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(wg_destroy(&work), 0);
}

static void test_reuse(void **state)
{
    (void)state;
    run_rounds(5000 / SLOWER, 0);
}

/* The next round is opened at once, while other waiters of the last one may still be on
 * their way out; none of them is kept, and no round ends early. */
static void test_reuse_with_stragglers(void **state)
{
    (void)state;
    run_rounds(1000 / SLOWER, 1);
    run_rounds(500 / SLOWER, 8);
}

/* Go's "single use": a group for each round, all waited for by many. */
static void test_single_use_with_many_waiters(void **state)
{
    (void)state;
    for (int round = 0; round < 200 / SLOWER; round++) {
        wg_t wg = WG_INITIALIZER;
        pthread_t waiters[8];
        int number = 0;
        struct write write = {&wg, &number};
        wg_add(&wg, 1);
        for (size_t i = 0; i < COUNT(waiters); i++)
            waiters[i] = start(wait_for, &wg);
        pthread_t thread = start(write_and_done, &write);
        wg_wait(&wg);
        assert_int_equal(number, 1);
        join(thread);
        for (size_t i = 0; i < COUNT(waiters); i++)
            join(waiters[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_go_two_groups),
        cmocka_unit_test(test_go_writes_are_visible),
        cmocka_unit_test(test_go_alignment),
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_reuse_with_stragglers),
        cmocka_unit_test(test_single_use_with_many_waiters),
    };
    return RUN_TESTS(tests);
}
