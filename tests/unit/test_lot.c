/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* The parking lot from the inside: rings, trees, posts, and its renewal after a fork. */
#include "load.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>

#include "watched.h"

static bool is_posted(struct wg_parker *parker)
{
#ifdef WG_PARK_ON_SEMAPHORES
    int value = 0;
    return sem_getvalue(&parker->semaphore, &value) == 0 && value > 0;
#else
    return parker->condition.posted;
#endif
}

static const void *key_at(uintptr_t address)
{
    return (const void *)address;
}

/* Keys that fall into the same bucket: addresses at which there need not be anything. */
static void colliding_keys(const void **keys, size_t count)
{
    uintptr_t address = 4096;
    const struct wg_bucket *bucket = NULL;
    for (size_t found = 0; found < count; address += 4) {
        struct wg_bucket *its = wg_lot_lock(key_at(address));
        wg_lot_unlock(its);
        if (bucket == NULL)
            bucket = its;
        if (bucket == its)
            keys[found++] = key_at(address);
    }
}

/*
 * Waiters without threads.
 */

static void enqueue(struct wg_bucket *bucket, const void *key, struct wg_waiter *waiter)
{
    wg_parker_init(&waiter->parker, CLOCK_REALTIME);
    wg_lot_enqueue(bucket, key, waiter);
}

/* So many queue, one after the other. */
static void enqueue_all(const void *key, struct wg_waiter *waiters, size_t count)
{
    struct wg_bucket *bucket = wg_lot_lock(key);
    for (size_t i = 0; i < count; i++)
        enqueue(bucket, key, &waiters[i]);
    wg_lot_unlock(bucket);
}

static void leave(struct wg_bucket *bucket, struct wg_waiter *waiter)
{
    assert_true(wg_lot_leave(bucket, waiter));
    wg_parker_destroy(&waiter->parker);
    waiter->key = NULL;
}

/* Those who have been posted return. */
static size_t return_from_park(struct wg_waiter *waiters, size_t count)
{
    size_t woken = 0;
    for (size_t i = 0; i < count; i++) {
        if (waiters[i].key != NULL && is_posted(&waiters[i].parker)) {
            assert_int_equal(wg_lot_park(&waiters[i], CLOCK_REALTIME, NULL), 0);
            wg_parker_destroy(&waiters[i].parker);
            waiters[i].key = NULL;
            woken++;
        }
    }
    return woken;
}

static void take(struct wg_bucket *bucket, const void *key)
{
    struct wg_waiter **queue = wg_lot_find(bucket, key);
    assert_non_null(*queue);
    wg_lot_take(bucket, queue);
    assert_null(*wg_lot_find(bucket, key));
}

/* The end of a round, all of it in this thread. */
static size_t take_and_release(const void *key, struct wg_waiter *waiters, size_t count)
{
    struct wg_bucket *bucket = wg_lot_lock(key);
    int before = all_posts;
    take(bucket, key);
    wg_lot_release(bucket, key);
    int posted = all_posts - before;
    size_t woken = return_from_park(waiters, count);
    assert_int_equal(posted, woken);
    return woken;
}

static void test_ring_of_one_key(void **state)
{
    (void)state;
    static const size_t numbers[] = {1, 2, 3, 4, 6, 7, 8, 9, 65, 100};
    for (size_t n = 0; n < COUNT(numbers); n++) {
        struct wg_waiter waiters[100];
        int key = 0;
        struct wg_bucket *bucket = wg_lot_lock(&key);
        assert_null(*wg_lot_find(bucket, &key));
        for (size_t i = 0; i < numbers[n]; i++) {
            enqueue(bucket, &key, &waiters[i]);
            assert_ptr_equal(*wg_lot_find(bucket, &key), &waiters[0]);
            assert_true(wg_lot_queued(bucket, &waiters[i]));
        }
        wg_lot_unlock(bucket);
        assert_int_equal(take_and_release(&key, waiters, numbers[n]), numbers[n]);
    }
}

/* Nobody has been taken: nobody is posted, and the lock is free. */
static void test_release_of_nobody(void **state)
{
    (void)state;
    struct wg_waiter waiter;
    int key = 0;
    int before = all_posts;
    wg_lot_release(wg_lot_lock(&key), &key);
    enqueue_all(&key, &waiter, 1);
    wg_lot_release(wg_lot_lock(&key), &key);
    assert_int_equal(all_posts, before);
    assert_int_equal(take_and_release(&key, &waiter, 1), 1);
}

/* Every subset of five leaves, in order of arrival and the other way round, while they are
 * queued or when they have been taken. */
static void test_leave(void **state)
{
    (void)state;
    for (unsigned leavers = 0; leavers < 32; leavers++) {
        for (int way = 0; way < 4; way++) {
            bool backwards = way % 2 != 0, taken = way / 2 != 0;
            struct wg_waiter waiters[5];
            int key = 0;
            size_t stay = 5;
            enqueue_all(&key, waiters, 5);
            struct wg_bucket *bucket = wg_lot_lock(&key);
            if (taken)
                take(bucket, &key);
            for (size_t i = 0; i < 5; i++) {
                size_t leaver = backwards ? 4 - i : i;
                if (leavers >> leaver & 1) {
                    assert_int_equal(wg_lot_queued(bucket, &waiters[leaver]), !taken);
                    leave(bucket, &waiters[leaver]);
                    stay--;
                }
            }
            if (!taken) {
                assert_int_equal(*wg_lot_find(bucket, &key) != NULL, stay > 0);
                if (stay > 0)
                    take(bucket, &key);
            }
            int before = all_posts;
            wg_lot_release(bucket, &key);
            assert_int_equal(all_posts - before, stay);
            assert_int_equal(return_from_park(waiters, 5), stay);
        }
    }
}

/* One that has been taken is not queued any more, even if others are by now under its key;
 * and it leaves from among the taken. */
static void test_leave_after_take(void **state)
{
    (void)state;
    struct wg_waiter first[3], second[2];
    int key = 0;
    struct wg_bucket *bucket = wg_lot_lock(&key);
    for (size_t i = 0; i < COUNT(first); i++)
        enqueue(bucket, &key, &first[i]);
    take(bucket, &key);
    for (size_t i = 0; i < COUNT(second); i++)
        enqueue(bucket, &key, &second[i]);
    assert_false(wg_lot_queued(bucket, &first[0]));
    assert_false(wg_lot_queued(bucket, &first[2]));
    assert_true(wg_lot_queued(bucket, &second[0]));
    assert_true(wg_lot_queued(bucket, &second[1]));
    leave(bucket, &first[1]);
    assert_ptr_equal(*wg_lot_find(bucket, &key), &second[0]);
    leave(bucket, &second[0]);
    assert_ptr_equal(*wg_lot_find(bucket, &key), &second[1]);
    wg_lot_release(bucket, &key);
    assert_int_equal(return_from_park(first, COUNT(first)), 2);
    assert_false(is_posted(&second[1].parker));
    assert_int_equal(take_and_release(&key, second, COUNT(second)), 1);
}

/* A round ends while waiters of the one before have not been cut: they are all released,
 * the earlier ones first. */
static void test_taken_twice(void **state)
{
    (void)state;
    struct wg_waiter waiters[7];
    int key = 0;
    struct wg_bucket *bucket = wg_lot_lock(&key);
    for (size_t i = 0; i < 4; i++)
        enqueue(bucket, &key, &waiters[i]);
    take(bucket, &key);
    for (size_t i = 4; i < COUNT(waiters); i++)
        enqueue(bucket, &key, &waiters[i]);
    take(bucket, &key);
    leave(bucket, &waiters[0]);
    leave(bucket, &waiters[5]);
    wg_lot_release(bucket, &key);
    assert_int_equal(return_from_park(waiters, COUNT(waiters)), COUNT(waiters) - 2);
}

/* One that has been cut cannot leave, posted or not. */
struct releaser {
    const void *key;
    struct gate gate;
};

static void *release(void *argument)
{
    struct releaser *releaser = (struct releaser *)argument;
    gate_of_thread = &releaser->gate;
    wg_lot_release(wg_lot_lock(releaser->key), releaser->key);
    return NULL;
}

static void test_leave_after_cut(void **state)
{
    (void)state;
    struct wg_waiter waiters[5];
    int key = 0;
    enqueue_all(&key, waiters, COUNT(waiters));
    struct wg_bucket *bucket = wg_lot_lock(&key);
    take(bucket, &key);
    wg_lot_unlock(bucket);
    struct releaser releaser = {&key, {BEFORE_POST, 1, 0}};
    pthread_t thread = start(release, &releaser);
    while (!is_stopped(&releaser.gate))
        sched_yield();
    wg_lot_lock(&key);
    for (size_t i = 0; i < 2; i++)
        assert_false(wg_lot_leave(bucket, &waiters[i]));
    leave(bucket, &waiters[2]);
    wg_lot_unlock(bucket);
    let_go(&releaser.gate);
    join(thread);
    assert_int_equal(return_from_park(waiters, COUNT(waiters)), COUNT(waiters) - 1);
}

static void test_posted_waiters_are_gone(void **state)
{
    (void)state;
    struct wg_waiter waiters[10];
    int key = 0;
    enqueue_all(&key, waiters, COUNT(waiters));
    struct wg_bucket *bucket = wg_lot_lock(&key);
    take(bucket, &key);
    posted_are_gone = true;
    wg_lot_release(bucket, &key);
    posted_are_gone = false;
    const struct timespec past = {0, 0};
    for (size_t i = 0; i < COUNT(waiters); i++) {
        assert_int_equal(wg_lot_park(&waiters[i], CLOCK_REALTIME, &past), 0);
        wg_parker_destroy(&waiters[i].parker);
    }
}

/* Keys in one bucket: each finds its own waiters, in whatever order they come and go. */
static void test_colliding_keys(void **state)
{
    (void)state;
    enum { KEYS = 5, EACH = 5 };
    const void *keys[KEYS];
    colliding_keys(keys, KEYS);
    for (size_t taken = 0; taken < KEYS; taken++) {
        struct wg_waiter waiters[KEYS][EACH];
        struct wg_bucket *bucket = wg_lot_lock(keys[0]);
        for (size_t i = 0; i < EACH; i++)
            for (size_t k = 0; k < KEYS; k++)
                enqueue(bucket, keys[k], &waiters[k][i]);
        /* The first waiter leaves, so that another leads the ring. */
        leave(bucket, &waiters[taken][0]);
        wg_lot_unlock(bucket);
        for (size_t turn = 0; turn < KEYS; turn++) {
            size_t k = (taken + turn) % KEYS;
            assert_int_equal(take_and_release(keys[k], waiters[k], EACH),
                             turn == 0 ? EACH - 1 : EACH);
            for (size_t later = turn + 1; later < KEYS; later++) {
                k = (taken + later) % KEYS;
                wg_lot_lock(keys[k]);
                assert_non_null(*wg_lot_find(bucket, keys[k]));
                wg_lot_unlock(bucket);
                assert_int_equal(return_from_park(waiters[k], EACH), 0);
            }
        }
    }
}

/* Two groups in one bucket have been taken: a release of one posts to nobody
 * of the other. */
static void test_releases_of_two_keys(void **state)
{
    (void)state;
    enum { EACH = 40 };
    const void *keys[2];
    static struct wg_waiter waiters[2][EACH];
    colliding_keys(keys, 2);
    struct wg_bucket *bucket = NULL;
    for (size_t k = 0; k < 2; k++) {
        enqueue_all(keys[k], waiters[k], EACH);
        bucket = wg_lot_lock(keys[k]);
        take(bucket, keys[k]);
        wg_lot_unlock(bucket);
    }
    wg_lot_lock(keys[1]);
    wg_lot_release(bucket, keys[1]);
    assert_int_equal(return_from_park(waiters[1], EACH), EACH);
    assert_int_equal(return_from_park(waiters[0], EACH), 0);
    wg_lot_lock(keys[0]);
    wg_lot_release(bucket, keys[0]);
    assert_int_equal(return_from_park(waiters[0], EACH), EACH);
}

/*
 * Trees.
 */

/* All orders in which a few keys come, and in which they go: whoever is there is found, and
 * nobody else. */
enum { FEW = 5, ORDERS = 120 };

static void make_orders(unsigned char orders[ORDERS][FEW])
{
    size_t made = 0;
    for (unsigned code = 0; code < 3125; code++) {
        unsigned seen = 0, rest_of_code = code;
        for (size_t i = 0; i < FEW; i++, rest_of_code /= FEW) {
            orders[made % ORDERS][i] = (unsigned char)(rest_of_code % FEW);
            seen |= 1U << rest_of_code % FEW;
        }
        if (seen == (1U << FEW) - 1 && ++made == ORDERS)
            return;
    }
}

static void assert_found(struct wg_bucket *bucket, const void *const *keys,
                         struct wg_waiter *waiters, unsigned present)
{
    for (size_t k = 0; k < FEW; k++)
        assert_ptr_equal(*wg_lot_find(bucket, keys[k]),
                         present >> k & 1 ? &waiters[k] : NULL);
}

static void test_small_trees(void **state)
{
    (void)state;
    enum { SETS = SLOWER == 1 && !WITH_TSAN ? 6 : 1 };
    static unsigned char orders[ORDERS][FEW];
    const void *keys[FEW * SETS];
    struct wg_waiter waiters[FEW];
    colliding_keys(keys, COUNT(keys));
    make_orders(orders);
    struct wg_bucket *bucket = wg_lot_lock(keys[0]);
    for (size_t turn = 0; turn < (size_t)SETS * ORDERS * ORDERS; turn++) {
        const void *const *set = &keys[FEW * (turn / ORDERS / ORDERS)];
        const unsigned char *come = orders[turn / ORDERS % ORDERS];
        const unsigned char *go = orders[turn % ORDERS];
        unsigned present = 0;
        for (size_t i = 0; i < FEW; i++) {
            wg_lot_enqueue(bucket, set[come[i]], &waiters[come[i]]);
            present |= 1U << come[i];
            assert_found(bucket, set, waiters, present);
        }
        for (size_t i = 0; i < FEW; i++) {
            assert_true(wg_lot_leave(bucket, &waiters[go[i]]));
            present &= ~(1U << go[i]);
            assert_found(bucket, set, waiters, present);
        }
    }
    wg_lot_unlock(bucket);
}

/*
 * At random, against a model that is as plain as can be: two lists for each key, in order
 * of arrival, of those that are queued and of those that have been taken.
 */
enum { KEYS = 9, MOST = 40 };

struct list {
    struct wg_waiter *waiters[MOST];
    size_t count;
};

static struct {
    struct list queued, taken;
} model[KEYS];

static bool remove_from(struct list *list, const struct wg_waiter *waiter)
{
    size_t i = 0;
    while (i < list->count && list->waiters[i] != waiter)
        i++;
    if (i == list->count)
        return false;
    for (list->count--; i < list->count; i++)
        list->waiters[i] = list->waiters[i + 1];
    return true;
}

static void assert_ring(const struct wg_waiter *first, const struct list *list)
{
    assert_int_equal(first != NULL, list->count != 0);
    for (size_t i = 0; i < list->count; i++) {
        const struct wg_waiter *waiter = list->waiters[i];
        assert_ptr_equal(first, waiter);
        assert_ptr_equal(waiter->next->prev, waiter);
        first = waiter->next;
    }
    if (list->count != 0)
        assert_ptr_equal(first, list->waiters[0]);
}

static void test_against_a_model(void **state)
{
    (void)state;
    const void *keys[KEYS];
    static struct wg_waiter pool[MOST];
    static size_t key_of[MOST];
    uint64_t random = sow(0);
    colliding_keys(keys, KEYS);
    for (size_t i = 0; i < MOST; i++)
        pool[i].key = NULL;
    struct wg_bucket *bucket = wg_lot_lock(keys[0]);
    for (int step = 0; step < 40000 / SLOWER; step++) {
        size_t k = (size_t)draw(&random, KEYS), w = (size_t)draw(&random, MOST);
        switch (draw(&random, 8)) {
        case 0: /* a round ends, without anybody to release */
            if (model[k].queued.count != 0)
                take(bucket, keys[k]);
            for (size_t i = 0; i < model[k].queued.count; i++)
                model[k].taken.waiters[model[k].taken.count++] = model[k].queued.waiters[i];
            model[k].queued.count = 0;
            break;
        case 1: { /* all that have been taken are released */
            int before = all_posts;
            wg_lot_release(bucket, keys[k]);
            assert_int_equal(all_posts - before, model[k].taken.count);
            for (size_t i = 0; i < model[k].taken.count; i++)
                assert_int_equal(return_from_park(model[k].taken.waiters[i], 1), 1);
            model[k].taken.count = 0;
            wg_lot_lock(keys[k]);
            break;
        }
        default:
            if (pool[w].key == NULL) {
                key_of[w] = k;
                enqueue(bucket, keys[k], &pool[w]);
                model[k].queued.waiters[model[k].queued.count++] = &pool[w];
            } else {
                k = key_of[w];
                bool queued = remove_from(&model[k].queued, &pool[w]);
                assert_int_equal(wg_lot_queued(bucket, &pool[w]), queued);
                assert_int_equal(remove_from(&model[k].taken, &pool[w]), !queued);
                leave(bucket, &pool[w]);
            }
        }
        for (k = 0; k < KEYS; k++)
            assert_ring(*wg_lot_find(bucket, keys[k]), &model[k].queued);
    }
    for (size_t i = 0; i < MOST; i++)
        if (pool[i].key != NULL)
            leave(bucket, &pool[i]);
    wg_lot_unlock(bucket);
}

/*
 * Size.
 */

/* How many steps from the root each of those in a tree is. */
struct depths {
    size_t count, sum, most;
};

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than a hash has bits */
static void measure_depths(const struct wg_waiter *tree, size_t depth,
                           struct depths *depths)
{
    if (tree == NULL)
        return;
    depths->count++;
    depths->sum += depth;
    if (depth > depths->most)
        depths->most = depth;
    assert_true(depth < 64);
    measure_depths(tree->branch[0], depth + 1, depths);
    measure_depths(tree->branch[1], depth + 1, depths);
}

/* With 10,000 other keys in its bucket, a key is found in as many steps as a balanced tree
 * would need, and two more on average.  The same keys each time, so the same steps. */
static void test_many_keys_in_one_bucket(void **state)
{
    (void)state;
    enum { MANY = 10000 / SLOWER / 2 * 2 };
    static const void *keys[MANY];
    static struct wg_waiter waiters[MANY];
    size_t balanced = 0;
    while ((size_t)1 << balanced < MANY)
        balanced++;
    colliding_keys(keys, MANY);
    struct wg_bucket *bucket = wg_lot_lock(keys[0]);
    struct wg_waiter **root = wg_lot_find(bucket, keys[0]);
    assert_null(*root);
    for (size_t i = 0; i < MANY; i++)
        wg_lot_enqueue(bucket, keys[i], &waiters[i]);
    for (int turn = 0; turn < 2; turn++) {
        struct depths depths = {0, 0, 0};
        measure_depths(*root, 0, &depths);
        assert_int_equal(depths.count, MANY / (turn + 1));
        assert_true(depths.sum <= depths.count * (balanced + 2));
        assert_true(depths.most <= 2 * balanced);
        /* And when every other one has left. */
        for (size_t i = turn == 0 ? 1 : 0; i < MANY; i += 2)
            assert_true(wg_lot_leave(bucket, &waiters[i]));
    }
    assert_null(*root);
    wg_lot_unlock(bucket);
}

/* Groups at equal distances, as in arrays, structs and stacks: none of the
 * buckets has many. */
static void test_strides(void **state)
{
    (void)state;
    enum { GROUPS = 200, MOST_IN_ONE = 8, STEP = SLOWER == 1 && !WITH_TSAN ? 4 : 508 };
    static const uint64_t bases[] = {0x1000, 0x55d0c0de6010, 0x7fffe1a2b3c4, 0x20000000};
    static unsigned char in_bucket[1 << 14];
    unsigned used[GROUPS];
    for (size_t b = 0; b < COUNT(bases); b++) {
        for (uintptr_t stride = 8; stride <= 65536; stride += STEP) {
            unsigned most = 0;
            for (uintptr_t i = 0; i < GROUPS; i++) {
                const void *key = key_at((uintptr_t)bases[b] + i * stride);
                struct wg_bucket *bucket = wg_lot_lock(key);
                wg_lot_unlock(bucket);
                /* The table is in one piece, and a bucket at a multiple of 64. */
                used[i] = (unsigned)((uintptr_t)bucket / 64 % COUNT(in_bucket));
                unsigned count = ++in_bucket[used[i]];
                most = count > most ? count : most;
            }
            for (size_t i = 0; i < GROUPS; i++)
                in_bucket[used[i]] = 0;
            if (most > MOST_IN_ONE)
                print_message("# a stride of %lu: %u in one bucket\n",
                              (unsigned long)stride, most);
            assert_true(most <= MOST_IN_ONE);
        }
    }
}

/*
 * Threads.
 */

/* However many wait, each gets one post and no more, whoever makes it.  Nobody has more
 * than one in hand, and one that has been woken wakes two at most. */
static void test_posts(void **state)
{
    (void)state;
    static const int numbers[] = {1, 2, 3, 4, 5, 8, 9, 64, 300};
    for (size_t n = 0; n < COUNT(numbers); n++) {
        pthread_t waiters[300];
        wg_t wg = WG_INITIALIZER;
        bucket_watched = bucket_of(&wg);
        made_under_lock = 0;
        wg_add(&wg, 1);
        for (int i = 0; i < numbers[n]; i++)
            waiters[i] = start(wait_for, &wg);
        until_queued(&wg, (uint32_t)numbers[n]);
        all_posts = most_at_once = most_of_helper = posts = 0;
        ends_round = true;
        wg_done(&wg);
        ends_round = false;
        assert_true(posts >= 1 && posts <= numbers[n]);
        for (int i = 0; i < numbers[n]; i++)
            join(waiters[i]);
        assert_int_equal(all_posts, numbers[n]);
        assert_int_equal(most_at_once, 1);
        assert_true(most_of_helper <= 2);
        assert_int_equal(made_under_lock, 0);
        assert_int_equal(wg_destroy(&wg), 0);
        bucket_watched = NULL;
    }
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
 * held here.  Meanwhile the round is ended and the group unmapped, as by another thread
 * whose wait has returned.  When the lock is free, wg_done must keep its hands off, and so
 * must the waiter that was parked.
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
        assert_true(wg_word_end_round(word, wg_word_load(word)));
        take(bucket, key);
        assert_int_equal(munmap(wg, 4096), 0);
        wg_lot_release(bucket, key);
        join(parked);
        join(done);
    }
}

/* The counter has risen again when wg_done, stopped on its way in, gets the lock: the
 * waiter stays. */
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

/* A deadline reaches the system as it is, and on its own clock: sem_timedwait()
 * would follow the wall clock.  It also stays where it is when the system lets the
 * sleeper go before. */
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
#if !defined(TESTS_POLLING_H) && !defined(HAVE_PTHREAD_COND_TIMEDWAIT_RELATIVE_NP)
        assert_true(sleep_of.interruptions < 0);
        assert_int_equal(sleep_of.clock, clocks[i]);
        assert_int_equal(sleep_of.deadline.tv_sec, deadline.tv_sec);
        assert_int_equal(sleep_of.deadline.tv_nsec, deadline.tv_nsec);
#endif
    }
    wg_done(&wg);
}

/*
 * Forks.
 */

#if THREADS_IN_CHILD

/* A child of the test, which ends with 0 if all is well, and by an alarm if it hangs. */
static bool ends_well(pid_t child)
{
    int status = -1;
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A thread that uses a bucket for the first time in its process. */
struct renewal {
    const void *key;
    struct gate gate;
    pthread_t thread;
};

static void *lock_and_unlock(void *argument)
{
    struct renewal *renewal = (struct renewal *)argument;
    gate_of_thread = &renewal->gate;
    wg_lot_unlock(wg_lot_lock(renewal->key));
    return NULL;
}

static void renew_and_stop(struct renewal *renewal)
{
    renewal->thread = start(lock_and_unlock, renewal);
    while (!is_stopped(&renewal->gate))
        sched_yield();
}

static void renew_to_the_end(struct renewal *renewal)
{
    let_go(&renewal->gate);
    pthread_join(renewal->thread, NULL);
}

static bool works(wg_t *wg)
{
    const struct timespec past = {0, 0};
    return wg_add(wg, 1) == 0 && wg_timedwait(wg, &past) == ETIMEDOUT && wg_done(wg) == 0 &&
           wg_wait(wg) == 0 && wg_destroy(wg) == 0;
}

/* A child in which a thread is stopped while it makes a bucket anew, and forks. */
static void fork_in_the_middle_of_renewal(wg_t *wg)
{
    struct renewal renewal = {wg_sema_of(wg), {AFTER_ANY_LOCK, 0, 0}, 0};
    alarm(60);
    renew_and_stop(&renewal);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        _exit(works(wg) ? 0 : 1);
    }
    bool well = child != -1 && ends_well(child);
    renew_to_the_end(&renewal);
    _exit(well && works(wg) ? 0 : 2);
}

/* A child in which a thread is about to make a bucket anew when another one has done so,
 * and has queued there. */
static void renew_at_the_same_time(wg_t *wg)
{
    const void *key = wg_sema_of(wg);
    struct renewal renewal = {key, {BEFORE_ANY_LOCK, 0, 0}, 0};
    struct wg_waiter self;
    alarm(60);
    renew_and_stop(&renewal);
    struct wg_bucket *bucket = wg_lot_lock(key);
    wg_lot_enqueue(bucket, key, &self);
    wg_lot_unlock(bucket);
    renew_to_the_end(&renewal);
    wg_lot_lock(key);
    bool well = *wg_lot_find(bucket, key) == &self && wg_lot_leave(bucket, &self);
    wg_lot_unlock(bucket);
    _exit(well && works(wg) ? 0 : 1);
}

static bool works_in_child(void (*body)(wg_t *))
{
    wg_t wg = WG_INITIALIZER;
    bucket_of(&wg);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        body(&wg);
    return child != -1 && ends_well(child);
}

static void test_fork_in_the_middle_of_renewal(void **state)
{
    (void)state;
    assert_true(works_in_child(fork_in_the_middle_of_renewal));
}

static void test_renewal_at_the_same_time(void **state)
{
    (void)state;
    assert_true(works_in_child(renew_at_the_same_time));
}

#endif

/* Without a handler for forks, the library does not go on. */
static const char *program;

static void test_no_fork_handler(void **state)
{
    (void)state;
    char said[256];
    size_t length = 0;
    ssize_t more;
    int pipe_ends[2], status;
    assert_int_equal(pipe(pipe_ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        setenv("WG_NO_ATFORK", "1", 1);
        dup2(pipe_ends[1], 2);
        execl(program, program, (char *)NULL);
        _exit(1);
    }
    close(pipe_ends[1]);
    while ((more = read(pipe_ends[0], said + length,
                        (unsigned)(sizeof said - 1 - length))) > 0)
        length += (size_t)more;
    said[length] = '\0';
    close(pipe_ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(said, "waitgroup: pthread_atfork: "));
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_of_one_key),
        cmocka_unit_test(test_release_of_nobody),
        cmocka_unit_test(test_leave),
        cmocka_unit_test(test_leave_after_take),
        cmocka_unit_test(test_leave_after_cut),
        cmocka_unit_test(test_taken_twice),
        cmocka_unit_test(test_posted_waiters_are_gone),
        cmocka_unit_test(test_colliding_keys),
        cmocka_unit_test(test_releases_of_two_keys),
        cmocka_unit_test(test_small_trees),
        cmocka_unit_test(test_against_a_model),
        cmocka_unit_test(test_many_keys_in_one_bucket),
        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_posts),
        cmocka_unit_test(test_groups_in_one_bucket),
        cmocka_unit_test(test_done_finds_the_group_gone),
        cmocka_unit_test(test_done_finds_the_counter_risen),
        cmocka_unit_test(test_deadline_reaches_the_system),
#if THREADS_IN_CHILD
        NEEDS_FORK(test_fork_in_the_middle_of_renewal),
        NEEDS_FORK(test_renewal_at_the_same_time),
#endif
        NEEDS_FORK(test_no_fork_handler),
    };
#ifdef TESTS_EMULATED_H
    tests[COUNT(tests) - 1] =
        (struct CMUnitTest){"test_no_fork_handler # SKIP no program can start another here",
                            be_skipped, NULL, NULL, NULL};
#endif
    program = argc > 0 ? argv[0] : "";
    prepare_load();
    spin_no_more();
    return RUN_TESTS(tests);
}
