/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* The parking lot from the inside: rings, batches, and who posts how many. */
#include "load.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>

/* This program is linked with the library's sources, all of which call the functions below in
 * place of those that they watch. */
#include "watched.h"
#undef sem_post
#undef sem_timedwait
#undef sem_clockwait
#undef pthread_cond_signal
#undef pthread_cond_timedwait
#undef pthread_condattr_setclock
#undef pthread_mutex_unlock

/* Each thread counts its own posts; the most are those of a thread that has been woken. */
static __thread int posts;
static __thread bool completes;
static int most_posts, all_posts;

static void count_post(void)
{
    posts++;
    int most = __atomic_load_n(&most_posts, __ATOMIC_RELAXED);
    while (!completes && most < posts &&
           !__atomic_compare_exchange_n(&most_posts, &most, posts, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
        continue;
    __atomic_fetch_add(&all_posts, 1, __ATOMIC_RELAXED);
}

/* In place of src/cpu.c. */
static int processors = 2;

int wg_cpu_count(void)
{
    return processors;
}

/* Those that this thread posts are gone at once, as if they had been waiting for nothing else. */
static __thread bool posted_are_gone;

static void make_room(void *parker)
{
    struct wg_waiter *gone =
        (struct wg_waiter *)(void *)((char *)parker - offsetof(struct wg_waiter, parker));
    memset(gone, 0, offsetof(struct wg_waiter, parker));
}

int watched_sem_post(sem_t *sem)
{
    count_post();
    int result = sem_post(sem);
    if (posted_are_gone)
        make_room(sem);
    return result;
}

/* The post of a condition ends with an unlock. */
static __thread void *signalled;

#ifndef HAVE_SEM_CLOCKWAIT
int watched_pthread_cond_signal(pthread_cond_t *cond)
{
    count_post();
    signalled = (char *)cond - offsetof(struct wg_parker, condition.changed);
    return pthread_cond_signal(cond);
}
#endif

int watched_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    int result = pthread_mutex_unlock(mutex);
    if (signalled != NULL && posted_are_gone)
        make_room(signalled);
    signalled = NULL;
    return result;
}

static bool is_posted(struct wg_parker *parker)
{
#ifdef WG_PARK_ON_SEMAPHORES
    int value = 0;
    return sem_getvalue(&parker->semaphore, &value) == 0 && value > 0;
#else
    return parker->condition.posted;
#endif
}

/* What the calling thread has last asked the system for, and how often the system is to let it
 * go before: because of a signal, or, on a condition, for no reason. */
static __thread struct {
    clockid_t clock;
    struct timespec deadline;
    int interruptions;
} sleep_of;

static bool is_interrupted(clockid_t clock, const struct timespec *deadline)
{
    sleep_of.clock = clock;
    sleep_of.deadline = *deadline;
    return sleep_of.interruptions-- > 0;
}

int watched_sem_timedwait(sem_t *sem, const struct timespec *deadline)
{
    if (is_interrupted(CLOCK_REALTIME, deadline)) {
        errno = EINTR;
        return -1;
    }
    return sem_timedwait(sem, deadline);
}

#ifdef HAVE_SEM_CLOCKWAIT
int watched_sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *deadline)
{
    if (is_interrupted(clock, deadline)) {
        errno = EINTR;
        return -1;
    }
    return sem_clockwait(sem, clock, deadline);
}
#endif

/* The clock of a condition is an attribute.  A thread waits on one at a time. */
static __thread clockid_t clock_of_condition;

int watched_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
    clock_of_condition = clock;
    return pthread_condattr_setclock(attributes, clock);
}

int watched_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                   const struct timespec *deadline)
{
    if (is_interrupted(clock_of_condition, deadline))
        return 0;
    return pthread_cond_timedwait(cond, mutex, deadline);
}

/* Keys that fall into the same bucket. */
static void colliding_keys(const void **keys, size_t count)
{
    wg_t *groups[8];
    assert_true(count >= 1 && count <= COUNT(groups));
    assert_true(choose_groups(groups, count, 1));
    for (size_t i = 0; i < count; i++)
        keys[i] = wg_sema_of(groups[i]);
}

/* Releases a batch in the thread that calls, and lets its waiters return as if woken. */
static int release_all(struct wg_waiter *batch, struct wg_waiter *waiters, size_t count)
{
    wg_lot_release(batch);
    int woken = 0;
    /* Parking one that has its post passes the release on to the next. */
    for (size_t turn = 0; turn < count; turn++) {
        for (size_t i = 0; i < count; i++) {
            if (waiters[i].key != NULL && is_posted(&waiters[i].parker)) {
                wg_lot_park(&waiters[i], CLOCK_REALTIME, NULL);
                waiters[i].key = NULL;
                woken++;
            }
        }
    }
    return woken;
}

static void test_ring_of_one_key(void **state)
{
    (void)state;
    static const size_t numbers[] = {1, 2, 7, 8, 9, 16, 17, 65, 100};
    for (size_t n = 0; n < COUNT(numbers); n++) {
        struct wg_waiter waiters[100];
        int key = 0;
        struct wg_bucket *bucket = wg_lot_lock(&key);
        assert_false(wg_lot_occupied(bucket, &key));
        assert_null(wg_lot_take(bucket, &key));
        for (size_t i = 0; i < numbers[n]; i++) {
            wg_lot_enqueue(bucket, &key, &waiters[i], CLOCK_REALTIME);
            assert_true(wg_lot_occupied(bucket, &key));
        }
        struct wg_waiter *batch = wg_lot_take(bucket, &key);
        assert_false(wg_lot_occupied(bucket, &key));
        assert_null(wg_lot_take(bucket, &key));
        wg_lot_unlock(bucket);
        assert_int_equal(release_all(batch, waiters, numbers[n]), numbers[n]);
    }
}

/* Every subset of a queue of five leaves, in order of arrival and the other way round. */
static void test_dequeue(void **state)
{
    (void)state;
    for (unsigned leavers = 0; leavers < 32; leavers++) {
        for (int backwards = 0; backwards < 2; backwards++) {
            struct wg_waiter waiters[5];
            int key = 0, stay = 5;
            struct wg_bucket *bucket = wg_lot_lock(&key);
            for (size_t i = 0; i < 5; i++)
                wg_lot_enqueue(bucket, &key, &waiters[i], CLOCK_REALTIME);
            for (size_t i = 0; i < 5; i++) {
                size_t leaver = backwards ? 4 - i : i;
                if (leavers >> leaver & 1) {
                    assert_true(wg_lot_dequeue(bucket, &waiters[leaver]));
                    waiters[leaver].key = NULL;
                    stay--;
                }
            }
            assert_int_equal(wg_lot_occupied(bucket, &key), stay > 0);
            struct wg_waiter *batch = wg_lot_take(bucket, &key);
            wg_lot_unlock(bucket);
            assert_int_equal(release_all(batch, waiters, 5), stay);
        }
    }
}

/* One that has been taken is not queued any more, even if others are by now under its key. */
static void test_dequeue_after_take(void **state)
{
    (void)state;
    struct wg_waiter first[2], second[2];
    int key = 0;
    struct wg_bucket *bucket = wg_lot_lock(&key);
    wg_lot_enqueue(bucket, &key, &first[0], CLOCK_REALTIME);
    wg_lot_enqueue(bucket, &key, &first[1], CLOCK_REALTIME);
    struct wg_waiter *first_batch = wg_lot_take(bucket, &key);
    assert_false(wg_lot_dequeue(bucket, &first[0]));
    assert_false(wg_lot_dequeue(bucket, &first[1]));
    wg_lot_enqueue(bucket, &key, &second[0], CLOCK_REALTIME);
    wg_lot_enqueue(bucket, &key, &second[1], CLOCK_REALTIME);
    assert_false(wg_lot_dequeue(bucket, &first[0]));
    assert_false(wg_lot_dequeue(bucket, &first[1]));
    assert_true(wg_lot_dequeue(bucket, &second[0]));
    assert_false(wg_lot_dequeue(bucket, &first[1]));
    second[0].key = NULL;
    struct wg_waiter *second_batch = wg_lot_take(bucket, &key);
    wg_lot_unlock(bucket);
    assert_int_equal(release_all(first_batch, first, 2), 2);
    assert_int_equal(release_all(second_batch, second, 2), 1);
}

static void test_posted_waiters_are_gone(void **state)
{
    (void)state;
    struct wg_waiter waiters[WG_LOT_BATCH];
    int key = 0;
    processors = WG_LOT_BATCH;
    struct wg_bucket *bucket = wg_lot_lock(&key);
    for (size_t i = 0; i < COUNT(waiters); i++)
        wg_lot_enqueue(bucket, &key, &waiters[i], CLOCK_REALTIME);
    struct wg_waiter *batch = wg_lot_take(bucket, &key);
    wg_lot_unlock(bucket);
    posted_are_gone = true;
    wg_lot_release(batch);
    posted_are_gone = false;
    processors = 2;
    const struct timespec past = {0, 0};
    for (size_t i = 0; i < COUNT(waiters); i++)
        assert_int_equal(wg_lot_park(&waiters[i], CLOCK_REALTIME, &past), 0);
}

/* Keys in one bucket: each finds its own waiters, in whatever order they come and go. */
static void test_colliding_keys(void **state)
{
    (void)state;
    enum { KEYS = 5, EACH = 3 };
    const void *keys[KEYS];
    colliding_keys(keys, KEYS);
    for (size_t taken = 0; taken < KEYS; taken++) {
        struct wg_waiter waiters[KEYS][EACH];
        struct wg_bucket *bucket = wg_lot_lock(keys[0]);
        for (size_t i = 0; i < EACH; i++)
            for (size_t k = 0; k < KEYS; k++)
                wg_lot_enqueue(bucket, keys[k], &waiters[k][i], CLOCK_REALTIME);
        /* The first waiter leaves, so that another leads the ring. */
        assert_true(wg_lot_dequeue(bucket, &waiters[taken][0]));
        waiters[taken][0].key = NULL;
        for (size_t turn = 0; turn < KEYS; turn++) {
            size_t k = (taken + turn) % KEYS;
            struct wg_waiter *batch = wg_lot_take(bucket, keys[k]);
            assert_false(wg_lot_occupied(bucket, keys[k]));
            for (size_t later = turn + 1; later < KEYS; later++)
                assert_true(wg_lot_occupied(bucket, keys[(taken + later) % KEYS]));
            assert_int_equal(release_all(batch, waiters[k], EACH),
                             turn == 0 ? EACH - 1 : EACH);
        }
        wg_lot_unlock(bucket);
    }
}

/* Two releases of many at once in one bucket mix, and nobody is forgotten. */
static void test_mixed_releases(void **state)
{
    (void)state;
    enum { EACH = 40 };
    const void *keys[2];
    struct wg_waiter waiters[2 * EACH];
    colliding_keys(keys, 2);
    struct wg_bucket *bucket = wg_lot_lock(keys[0]);
    for (size_t i = 0; i < COUNT(waiters); i++)
        wg_lot_enqueue(bucket, keys[i / EACH], &waiters[i], CLOCK_REALTIME);
    struct wg_waiter *first = wg_lot_take(bucket, keys[0]);
    struct wg_waiter *second = wg_lot_take(bucket, keys[1]);
    wg_lot_unlock(bucket);
    wg_lot_release(first);
    assert_int_equal(release_all(second, waiters, COUNT(waiters)), COUNT(waiters));
}

/* However many wait, the thread that completes posts to one more than there are processors, and to
 * no more than 8; each that it has woken posts to two, on a single processor to one; and each
 * waiter gets one post. */
static void test_posts_by_each_thread(void **state)
{
    (void)state;
    static const struct {
        int processors, first, further;
    } machines[] = {{1, 2, 1}, {2, 3, 2}, {7, 8, 2}, {8, 8, 2}, {1024, 8, 2}};
    static const int numbers[] = {1, 8, 9, 64, 300};
    for (size_t m = 0; m < COUNT(machines); m++) {
        processors = machines[m].processors;
        for (size_t n = 0; n < COUNT(numbers); n++) {
            pthread_t waiters[300];
            wg_t wg = WG_INITIALIZER;
            int first = machines[m].first < numbers[n] ? machines[m].first : numbers[n];
            wg_add(&wg, 1);
            for (int i = 0; i < numbers[n]; i++)
                waiters[i] = start(wait_for, &wg);
            until_parked(&wg, (uint32_t)numbers[n]);
            most_posts = all_posts = posts = 0;
            completes = true;
            wg_done(&wg);
            completes = false;
            assert_int_equal(posts, first);
            for (int i = 0; i < numbers[n]; i++)
                join(waiters[i]);
            assert_int_equal(all_posts, numbers[n]);
            int left = numbers[n] - first;
            assert_int_equal(most_posts,
                             left < machines[m].further ? left : machines[m].further);
        }
    }
    processors = 2;
}

/* Groups that share a bucket, each with waiters, released one after the other. */
static void test_groups_in_one_bucket(void **state)
{
    (void)state;
    enum { GROUPS = 6, EACH = 12 };
    wg_t *colliding[GROUPS];
    pthread_t waiters[GROUPS][EACH];
    assert_true(choose_groups(colliding, GROUPS, 1));

    for (size_t i = 0; i < EACH; i++) {
        for (size_t g = 0; g < GROUPS; g++) {
            if (i == 0)
                wg_add(colliding[g], 1);
            waiters[g][i] = start(wait_for, colliding[g]);
        }
    }
    for (size_t g = 0; g < GROUPS; g++)
        until_parked(colliding[g], EACH);
    for (size_t g = 0; g < GROUPS; g++) {
        wg_done(colliding[g]);
        for (size_t i = 0; i < EACH; i++)
            join(waiters[g][i]);
        for (size_t later = g + 1; later < GROUPS; later++)
            assert_int_equal(waiters_of(colliding[later]), EACH);
    }
}

/*
 * A wg_done that is stopped on its way in: it has brought the counter to 0, and the lock is
 * held here.  Meanwhile the round is closed and the group unmapped, as by another thread whose
 * wait has returned.  When the lock is free, wg_done must keep its hands off, and so must the
 * waiter that was parked.
 */
static void test_done_finds_the_group_gone(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        wg_t *wg = (wg_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(wg, MAP_FAILED);
        wg_word *word = wg_word_of(wg);
        const void *key = wg_sema_of(wg);
        wg_add(wg, 1);
        pthread_t parked = start(wait_for, wg);
        until_parked(wg, 1);

        struct wg_bucket *bucket = wg_lot_lock(key);
        pthread_t done = start(finish_one, wg);
        while (counter_of(wg) != 0)
            sched_yield();
        assert_true(wg_word_close(word, wg_word_load(word)));
        struct wg_waiter *batch = wg_lot_take(bucket, key);
        assert_int_equal(munmap(wg, 4096), 0);
        wg_lot_unlock(bucket);
        wg_lot_release(batch);
        join(parked);
        join(done);
    }
}

/* The counter has risen again when wg_done, stopped on its way in, gets the lock: the waiter
 * stays. */
static void test_done_finds_the_counter_risen(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    pthread_t parked = start(wait_for, &wg);
    until_parked(&wg, 1);
    struct wg_bucket *bucket = wg_lot_lock(wg_sema_of(&wg));
    pthread_t done = start(finish_one, &wg);
    while (counter_of(&wg) != 0)
        sched_yield();
    wg_add(&wg, 1);
    wg_lot_unlock(bucket);
    join(done);
    assert_int_equal(counter_of(&wg), 1);
    assert_int_equal(waiters_of(&wg), 1);
    wg_done(&wg);
    join(parked);
}

/*
 * A wait that is given up, by its deadline or by cancellation, after it has been taken: it
 * stays until its post has come.  The release is held back until long after it wanted to
 * leave; had it left, it would have seen that the post had not been made.
 */
struct leaver {
    wg_t *wg;
    clockid_t clock;
    int64_t deadline;
    bool posted; /* before the release begins */
    bool saw_posted;
};

static void look(void *argument)
{
    struct leaver *leaver = (struct leaver *)argument;
    leaver->saw_posted = __atomic_load_n(&leaver->posted, __ATOMIC_RELAXED);
}

static void *wait_and_look(void *argument)
{
    struct leaver *leaver = (struct leaver *)argument;
    struct timespec deadline = moment(leaver->deadline);
    int result = -1;
    pthread_cleanup_push(look, leaver);
    result = wg_clockwait(leaver->wg, leaver->clock, &deadline);
    pthread_cleanup_pop(1);
    return (void *)(intptr_t)result;
}

static bool is_past(const struct leaver *leaver)
{
    return now_on(leaver->clock) >= leaver->deadline;
}

static void yield_often(void)
{
    for (int i = 0; i < 1000; i++)
        sched_yield();
}

enum way_out { BY_DEADLINE, BY_CANCELLATION, BY_BOTH };

static void give_up_after_having_been_taken(enum way_out way, clockid_t clock)
{
    wg_t wg = WG_INITIALIZER;
    wg_word *word = wg_word_of(&wg);
    const void *key = wg_sema_of(&wg);
    struct leaver leaver = {.wg = &wg, .clock = clock};
    struct wg_waiter *batch = NULL;
    wg_add(&wg, 1);

    /* The deadline has to be after the take; on a busy machine that takes several attempts. */
    pthread_t thread;
    for (int64_t ahead = SECOND / 50; batch == NULL; ahead *= 2) {
        leaver.deadline = now_on(clock) + (way == BY_CANCELLATION ? 3600 * SECOND : ahead);
        thread = start(wait_and_look, &leaver);
        while (waiters_of(&wg) == 0 && !is_past(&leaver))
            sched_yield();
        struct wg_bucket *bucket = wg_lot_lock(key);
        if (wg_lot_occupied(bucket, key)) {
            wg_word_add(word, wg_word_tasks(-1));
            assert_true(wg_word_close(word, wg_word_load(word)));
            batch = wg_lot_take(bucket, key);
        }
        wg_lot_unlock(bucket);
        if (batch == NULL)
            join(thread);
    }

    if (way != BY_CANCELLATION) {
        while (!is_past(&leaver))
            sched_yield();
        yield_often();
    }
    if (way != BY_DEADLINE)
        pthread_cancel(thread);
    yield_often();
    __atomic_store_n(&leaver.posted, true, __ATOMIC_RELAXED);
    wg_lot_release(batch);

    void *result;
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_true(result == NULL || (way != BY_DEADLINE && result == PTHREAD_CANCELED));
    assert_true(leaver.saw_posted);
    assert_int_equal(wg_destroy(&wg), 0);
}

static void test_gives_up_after_having_been_taken(void **state)
{
    (void)state;
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    for (size_t round = 0; round < 6; round++) {
        clockid_t clock = clocks[round % COUNT(clocks)];
        give_up_after_having_been_taken(BY_DEADLINE, clock);
        give_up_after_having_been_taken(BY_CANCELLATION, clock);
        give_up_after_having_been_taken(BY_BOTH, clock);
    }
}

/* A deadline reaches the system as it is, and on its own clock: sem_timedwait() would follow the
 * wall clock.  It also stays where it is when the system lets the sleeper go before. */
static void test_deadline_reaches_the_system(void **state)
{
    (void)state;
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    for (size_t i = 0; i < COUNT(clocks); i++) {
        const struct timespec deadline = from_now(clocks[i], 0);
        sleep_of.interruptions = 3;
        clock_of_condition = CLOCK_REALTIME;
        assert_int_equal(wg_clockwait(&wg, clocks[i], &deadline), ETIMEDOUT);
#if !defined(TESTS_POLLING_H) && !defined(TESTS_DURATIONS_H)
        assert_true(sleep_of.interruptions < 0);
        assert_int_equal(sleep_of.clock, clocks[i]);
        assert_int_equal(sleep_of.deadline.tv_sec, deadline.tv_sec);
        assert_int_equal(sleep_of.deadline.tv_nsec, deadline.tv_nsec);
#endif
    }
    wg_done(&wg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_of_one_key),
        cmocka_unit_test(test_dequeue),
        cmocka_unit_test(test_posted_waiters_are_gone),
        cmocka_unit_test(test_dequeue_after_take),
        cmocka_unit_test(test_colliding_keys),
        cmocka_unit_test(test_mixed_releases),
        cmocka_unit_test(test_posts_by_each_thread),
        cmocka_unit_test(test_groups_in_one_bucket),
        cmocka_unit_test(test_done_finds_the_group_gone),
        cmocka_unit_test(test_done_finds_the_counter_risen),
        cmocka_unit_test(test_gives_up_after_having_been_taken),
        cmocka_unit_test(test_deadline_reaches_the_system),
    };
    return RUN_TESTS(tests);
}
