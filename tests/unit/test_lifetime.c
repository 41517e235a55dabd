/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Lifetime: the group is gone as soon as wg_wait has returned, whatever
 * wg_done is doing. */
#include "common.h"

#include <errno.h>
#include <string.h>

/* The number of rounds: ThreadSanitizer is slower, and sees more in each. */
#define ROUNDS ((WITH_TSAN ? 100000 : 300000) / SLOWER)

/* So many, or as many as there is time for: where there is much else to do, each turn of a
 * thread can take a whole time slice of each other one. */
static bool goes_on(int round, int rounds)
{
    static int64_t begin;
    if (round == 0)
        begin = now_on(CLOCK_MONOTONIC);
    return round < rounds && (round < 100 || now_on(CLOCK_MONOTONIC) - begin < 20 * SECOND);
}

/* A thread that finishes tasks as they are handed to it, one at a time. */
struct pool {
    wg_t *task;      /* atomic: the group to report to; null: none */
    bool is_at_work; /* atomic: it has not returned from the last wg_done() yet */
    bool quit;       /* atomic */
};

static void *finish_tasks(void *argument)
{
    struct pool *pool = (struct pool *)argument;
    unsigned random = 1;
    for (;;) {
        wg_t *wg = __atomic_exchange_n(&pool->task, NULL, __ATOMIC_ACQ_REL);
        if (wg != NULL) {
            random = random * 1103515245 + 12345;
            for (volatile unsigned i = random >> 16 & 0x3ff; i > 0; i--)
                continue;
            /* Some last until somebody is parked, unless nobody comes. */
            if (random >> 28 == 0)
                for (int i = 0; i < 100 && waiters_of(wg) == 0; i++)
                    sched_yield();
            wg_done(wg);
            __atomic_store_n(&pool->is_at_work, false, __ATOMIC_RELEASE);
        } else if (__atomic_load_n(&pool->quit, __ATOMIC_RELAXED)) {
            return NULL;
        } else {
            sched_yield();
        }
    }
}

static void hand_over(struct pool *pool, wg_t *wg)
{
    while (__atomic_load_n(&pool->task, __ATOMIC_RELAXED) != NULL)
        sched_yield();
    __atomic_store_n(&pool->is_at_work, true, __ATOMIC_RELAXED);
    __atomic_store_n(&pool->task, wg, __ATOMIC_RELEASE);
}

static void until_at_rest(const struct pool *pool)
{
    while (__atomic_load_n(&pool->is_at_work, __ATOMIC_ACQUIRE))
        sched_yield();
}

/* The ways to see that the counter is 0, each until it succeeds. */
static int by_trywait(wg_t *wg)
{
    int error;
    while ((error = wg_trywait(wg)) == EBUSY)
        sched_yield();
    return error;
}

/* It parks and gives up, again and again: in the midst of that the last task is done. */
static int by_clockwait(wg_t *wg)
{
    int error;
    do {
        struct timespec now = from_now(CLOCK_MONOTONIC, 0);
        error = wg_clockwait(wg, CLOCK_MONOTONIC, &now);
    } while (error == ETIMEDOUT);
    return error;
}

static int by_destroy(wg_t *wg)
{
    int error;
    while ((error = wg_destroy(wg)) == EBUSY)
        sched_yield();
    return error;
}

static int (*const ways[])(wg_t *) = {wg_wait, by_trywait, by_clockwait, by_destroy};

/* Overwritten at once, while the threads that finish the tasks may be anywhere. */
static bool round_on_the_stack(struct pool *pools, int tasks, int (*wait)(wg_t *))
{
    union home home;
    wg_t *wg = &home.groups[tasks];
    wg_init(wg);
    wg_add(wg, tasks);
    for (int i = 0; i < tasks; i++)
        hand_over(&pools[i], wg);
    bool is_right = wait(wg) == 0;
    overwrite_home(&home);
    for (int i = 0; i < tasks; i++)
        until_at_rest(&pools[i]);
    return is_right && is_untouched(&home);
}

static void rounds_on_the_stack(int tasks)
{
    struct pool pools[2] = {{0}};
    pthread_t threads[2];
    for (int i = 0; i < tasks; i++)
        threads[i] = start(finish_tasks, &pools[i]);
    int wrong = 0;
    for (int round = 0; goes_on(round, ROUNDS / tasks); round++)
        wrong += !round_on_the_stack(pools, tasks, ways[round % (int)COUNT(ways)]);
    for (int i = 0; i < tasks; i++) {
        __atomic_store_n(&pools[i].quit, true, __ATOMIC_RELAXED);
        join(threads[i]);
    }
    assert_int_equal(wrong, 0);
}

static void test_group_on_the_stack(void **state)
{
    (void)state;
    rounds_on_the_stack(1);
    rounds_on_the_stack(2);
}

static void test_group_on_the_heap(void **state)
{
    (void)state;
    struct pool pool = {0};
    pthread_t thread = start(finish_tasks, &pool);
    for (int round = 0; goes_on(round, ROUNDS / 4); round++) {
        wg_t *wg = (wg_t *)malloc(sizeof *wg);
        assert_int_equal(wg_init(wg), 0);
        wg_add(wg, 1);
        hand_over(&pool, wg);
        wg_wait(wg);
        memset(wg, 0xff, sizeof *wg);
        free(wg);
    }
    __atomic_store_n(&pool.quit, true, __ATOMIC_RELAXED);
    join(thread);
}

/* A page that is unmapped at once: a touch is a SIGSEGV. */
static void test_group_is_unmapped(void **state)
{
    (void)state;
    struct pool pool = {0};
    pthread_t thread = start(finish_tasks, &pool);
    for (int round = 0; goes_on(round, ROUNDS / 10); round++) {
        wg_t *wg = (wg_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(wg, MAP_FAILED);
        wg_add(wg, 1);
        hand_over(&pool, wg);
        assert_int_equal(ways[round % (int)COUNT(ways)](wg), 0);
        memset(wg, 0xff, sizeof *wg);
        assert_int_equal(munmap(wg, 4096), 0);
    }
    __atomic_store_n(&pool.quit, true, __ATOMIC_RELAXED);
    join(thread);
}

/* Destroyed as soon as the wait has returned: a late touch would be a reported misuse. */
static void test_group_is_destroyed(void **state)
{
    (void)state;
    struct pool pool = {0};
    pthread_t thread = start(finish_tasks, &pool);
    int busy = 0;
    misuses = 0;
    for (int round = 0; goes_on(round, ROUNDS / 4); round++) {
        wg_t wg = WG_INITIALIZER;
        wg_add(&wg, 1);
        hand_over(&pool, &wg);
        wg_wait(&wg);
        busy += wg_destroy(&wg) != 0;
    }
    __atomic_store_n(&pool.quit, true, __ATOMIC_RELAXED);
    join(thread);
    assert_int_equal(busy, 0);
    assert_int_equal(misuses, 0);
}

/* A wg_done that has brought the counter to 0 and has not got any further, made by hand,
 * while a waiter is parked.  Another wait returns, so the memory may go, whatever the
 * first does. */
static void test_freed_while_another_is_parked(void **state)
{
    (void)state;
    for (int round = 0; round < 2000 / SLOWER; round++) {
        wg_t *wg = (wg_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(wg, MAP_FAILED);
        pthread_t parked = start_and_park_unended(wg);
        assert_int_equal(wg_wait(wg), 0);
        memset(wg, 0xff, sizeof *wg);
        assert_int_equal(munmap(wg, 4096), 0);
        join(parked);
    }
}

/* The last of many waiters to return frees the group. */
struct counted {
    wg_t wg;
    int references;
};

static void *wait_and_drop(void *argument)
{
    struct counted *counted = (struct counted *)argument;
    wg_wait(&counted->wg);
    if (__atomic_sub_fetch(&counted->references, 1, __ATOMIC_ACQ_REL) == 0) {
        memset(counted, 0xff, sizeof *counted);
        free(counted);
    }
    return NULL;
}

static void test_last_waiter_frees(void **state)
{
    (void)state;
    struct pool pool = {0};
    pthread_t thread = start(finish_tasks, &pool);
    for (int round = 0; round < 2000 / SLOWER; round++) {
        struct counted *counted = (struct counted *)calloc(1, sizeof *counted);
        pthread_t waiters[3];
        counted->references = COUNT(waiters);
        wg_add(&counted->wg, 1);
        for (size_t i = 0; i < COUNT(waiters); i++)
            waiters[i] = start(wait_and_drop, counted);
        hand_over(&pool, &counted->wg);
        for (size_t i = 0; i < COUNT(waiters); i++)
            join(waiters[i]);
    }
    __atomic_store_n(&pool.quit, true, __ATOMIC_RELAXED);
    join(thread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_on_the_stack),
        cmocka_unit_test(test_group_on_the_heap),
        cmocka_unit_test(test_group_is_unmapped),
        cmocka_unit_test(test_group_is_destroyed),
        cmocka_unit_test(test_freed_while_another_is_parked),
        cmocka_unit_test(test_last_waiter_frees),
    };
    wg_set_misuse_handler(note_misuse);
    return RUN_TESTS(tests);
}
