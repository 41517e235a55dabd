/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* The object: its size, its place in memory, wg_init and wg_destroy. */
#include "common.h"

#include <errno.h>
#include <string.h>

struct after_a_char {
    char c;
    wg_t wg;
};

static void test_size_and_alignment(void **state)
{
    (void)state;
    assert_int_equal(sizeof(wg_t), 12);
    assert_int_equal(offsetof(struct after_a_char, wg), 4);
    assert_int_equal(sizeof(wg_t[5]), 60);
}

static void test_version(void **state)
{
    (void)state;
    char numbers[32];
    snprintf(numbers, sizeof numbers, "%d.%d.%d", WG_VERSION_MAJOR, WG_VERSION_MINOR,
             WG_VERSION_PATCH);
    assert_string_equal(WG_VERSION_STRING, numbers);
    assert_string_equal(wg_version(), WG_VERSION_STRING);
    assert_int_equal(WG_VERSION >> 16, WG_VERSION_MAJOR);
    assert_int_equal(WG_VERSION >> 8 & 0xff, WG_VERSION_MINOR);
    assert_int_equal(WG_VERSION & 0xff, WG_VERSION_PATCH);
}

/* Everything a group goes through, with a thread parked in it. */
static void exercise(wg_t *wg)
{
    for (int round = 0; round < 3; round++) {
        assert_int_equal(wg_add(wg, 2), 0);
        assert_int_equal(wg_done(wg), 0);
        assert_int_equal(counter_of(wg), 1);
        pthread_t waiter = start(wait_for, wg);
        until_parked(wg, 1);
        assert_int_equal(wg_destroy(wg), EBUSY);
        assert_int_equal(wg_done(wg), 0);
        join(waiter);
        assert_int_equal(wg_wait(wg), 0);
    }
    assert_int_equal(wg_add(wg, -1), EINVAL);
    assert_int_equal(wg_destroy(wg), 0);
    assert_int_equal(wg_done(wg), EINVAL);
    assert_int_equal(wg_init(wg), 0);
    assert_int_equal(wg_wait(wg), 0);
}

/* At every place in a buffer: the word is aligned to 8 and inside of the group, the
 * semaphore is the rest, and the bytes before and after keep their value. */
static void test_both_alignments(void **state)
{
    (void)state;
    static unsigned char buffer[64] __attribute__((aligned(8)));
    const unsigned char guard = 0xA5;

    for (size_t offset = 16; offset <= 36; offset += 4) {
        memset(buffer, guard, sizeof buffer);
        wg_t *wg = (wg_t *)(void *)(buffer + offset);
        assert_int_equal(wg_init(wg), 0);

        uintptr_t begin = (uintptr_t)wg;
        uintptr_t word = (uintptr_t)wg_word_of(wg);
        uintptr_t sema = (uintptr_t)wg_sema_of(wg);
        assert_int_equal(word % 8, 0);
        assert_true(word >= begin && word + 8 <= begin + 12);
        assert_true(sema >= begin && sema + 4 <= begin + 12);
        assert_true(sema + 4 <= word || word + 8 <= sema);

        exercise(wg);
        for (size_t i = 0; i < sizeof buffer; i++)
            if (i < offset || i >= offset + sizeof(wg_t))
                assert_int_equal(buffer[i], guard);
    }
}

static wg_t static_zero;
static wg_t static_initialized = WG_INITIALIZER;

static void test_storage(void **state)
{
    (void)state;
    wg_t stack = WG_INITIALIZER;
    wg_t cleared;
    memset(&cleared, 0, sizeof cleared);
    wg_t *heap = (wg_t *)calloc(1, sizeof *heap);
    assert_non_null(heap);

    wg_t *groups[] = {&static_zero, &static_initialized, &stack, &cleared, heap};
    for (size_t i = 0; i < COUNT(groups); i++)
        exercise(groups[i]);
    free(heap);
}

static void test_arrays(void **state)
{
    (void)state;
    wg_t groups[5] = {WG_INITIALIZER};
    /* All in use at the same time, each with a counter of its own. */
    for (int i = 0; i < 5; i++)
        assert_int_equal(wg_add(&groups[i], i + 1), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(counter_of(&groups[i]), i + 1);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(wg_add(&groups[i], -i - 1), 0);
        exercise(&groups[i]);
    }
}

static void test_in_structs(void **state)
{
    (void)state;
    struct {
        char before;
        wg_t wg;
        char after;
    } after_char = {'b', WG_INITIALIZER, 'a'};
    struct {
        uint64_t aligned;
        int before;
        wg_t wg;
        int after;
    } after_int = {7, 8, WG_INITIALIZER, 9};
    struct __attribute__((packed, aligned(8))) {
        int before;
        wg_t wg;
        char after;
    } packed_after_int = {8, WG_INITIALIZER, 'a'};

    exercise(&after_char.wg);
    exercise(&after_int.wg);
    exercise((wg_t *)(void *)((char *)&packed_after_int + 4));
    assert_true(after_char.before == 'b' && after_char.after == 'a');
    assert_true(after_int.aligned == 7 && after_int.before == 8 && after_int.after == 9);
    assert_true(packed_after_int.before == 8 && packed_after_int.after == 'a');
}

static void test_init_rejects_bad_addresses(void **state)
{
    (void)state;
    static unsigned char buffer[24] __attribute__((aligned(8)));
    memset(buffer, 0x5A, sizeof buffer);
    assert_int_equal(wg_init(NULL), EINVAL);
    for (size_t offset = 0; offset < 12; offset++)
        if (offset % 4 != 0)
            assert_int_equal(wg_init((wg_t *)(void *)(buffer + offset)), EINVAL);
    for (size_t i = 0; i < sizeof buffer; i++)
        assert_int_equal(buffer[i], 0x5A);
}

static void test_init_over_anything(void **state)
{
    (void)state;
    static const wg_t zero = WG_INITIALIZER;
    for (int value = 0; value < 256; value++) {
        wg_t wg;
        memset(&wg, value, sizeof wg);
        assert_int_equal(wg_init(&wg), 0);
        assert_memory_equal(&wg, &zero, sizeof wg);
    }
}

static void test_destroy_idle(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    assert_int_equal(wg_destroy(&wg), 0);
    assert_int_equal(wg_init(&wg), 0);
    exercise(&wg);
}

static void test_destroy_busy_changes_nothing(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 2);
    wg_t before = wg;
    assert_int_equal(wg_destroy(&wg), EBUSY);
    assert_memory_equal(&wg, &before, sizeof wg);

    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    assert_int_equal(wg_destroy(&wg), EBUSY);
    assert_int_equal(counter_of(&wg), 2);
    assert_int_equal(waiters_of(&wg), 1);

    wg_add(&wg, -2);
    join(waiter);
    assert_int_equal(wg_destroy(&wg), 0);
}

/* A thread that is still parked when the counter is 0: its close is under way. */
static void test_destroy_busy_while_closing(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    pthread_t waiter = start_and_park_unended(&wg);
    assert_int_equal(wg_destroy(&wg), EBUSY);
    assert_int_equal(waiters_of(&wg), 1);
    assert_int_equal(wg_wait(&wg), 0);
    join(waiter);
    assert_int_equal(wg_destroy(&wg), 0);
}

static void assert_reported(int result, const wg_t *wg, const char *call)
{
    char line[128];
    snprintf(line, sizeof line, "waitgroup: %s: used after wg_destroy", call);
    assert_int_equal(result, EINVAL);
    assert_int_equal(misuses, 1);
    assert_ptr_equal(misused, wg);
    assert_string_equal(misuse_line, line);
    misuses = 0;
}

static void test_use_after_destroy(void **state)
{
    (void)state;
    static const int deltas[] = {0,       1,          -1,        2,          -2,
                                 1 << 30, -(1 << 30), INT32_MAX, -INT32_MAX, INT32_MIN};
    wg_t wg = WG_INITIALIZER;
    char call[64];
    assert_int_equal(wg_destroy(&wg), 0);
    wg_t destroyed = wg;

    misuses = 0;
    for (size_t i = 0; i < COUNT(deltas); i++) {
        snprintf(call, sizeof call, "wg_add(%p)", (void *)&wg);
        assert_reported(wg_add(&wg, deltas[i]), &wg, call);
        assert_memory_equal(&wg, &destroyed, sizeof wg);
    }
    snprintf(call, sizeof call, "wg_done(%p)", (void *)&wg);
    assert_reported(wg_done(&wg), &wg, call);
    snprintf(call, sizeof call, "wg_wait(%p)", (void *)&wg);
    assert_reported(wg_wait(&wg), &wg, call);
    snprintf(call, sizeof call, "wg_destroy(%p)", (void *)&wg);
    assert_reported(wg_destroy(&wg), &wg, call);
    assert_memory_equal(&wg, &destroyed, sizeof wg);

    assert_int_equal(wg_init(&wg), 0);
    exercise(&wg);
}

/* Another thread's use in flight, by just so much that the counter seems to be 0, or a done
 * or an addition like any other: the word is put into that state by hand. */
static void test_use_after_destroy_in_flight(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_word *word = wg_word_of(&wg);
    assert_int_equal(wg_destroy(&wg), 0);
    const uint64_t destroyed = wg_word_load(word);
    const uint64_t in_flight[] = {-(destroyed & ~WG_LOWER_HALF), wg_word_tasks(-1),
                                  wg_word_tasks(1)};
    for (size_t i = 0; i < COUNT(in_flight); i++) {
        wg_word_add(word, in_flight[i]);
        misuses = 0;
        assert_int_equal(wg_wait(&wg), EINVAL);
        assert_int_equal(wg_trywait(&wg), EINVAL);
        assert_int_equal(wg_destroy(&wg), EINVAL);
        assert_int_equal(wg_done(&wg), EINVAL);
        assert_int_equal(misuses, 4);
        wg_word_add(word, -in_flight[i]);
        assert_true(wg_word_load(word) == destroyed);
    }
}

static bool over; /* atomic */

/* A thread body: the word has one task and no waiter, or no task and one waiter. */
static void *swap_halves(void *argument)
{
    wg_word *word = (wg_word *)argument;
    const uint64_t change = wg_word_tasks(-1) + WG_ONE_WAITER;
    while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
        wg_word_add(word, change);
        wg_word_add(word, -change);
    }
    return NULL;
}

/* What libatomic has for some machines reads the halves one after the other. */
static void test_the_word_is_read_as_a_whole(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    wg_word *word = wg_word_of(&wg);
    wg_add(&wg, 1);
    int torn = 0, destroyed = 0;
    over = false;
    pthread_t thread = start(swap_halves, word);
    for (int i = 0; i < 500000; i++) {
        uint64_t s = wg_word_load(word);
        torn += s != wg_word_tasks(1) && s != WG_ONE_WAITER;
        destroyed += wg_word_idle(wg_word_destroy(word));
    }
    __atomic_store_n(&over, true, __ATOMIC_RELAXED);
    join(thread);
    assert_int_equal(torn, 0);
    assert_int_equal(destroyed, 0);
}

static bool has_begun; /* atomic */

/* A thread body: tasks, one after the other, for as long as there is a group for them. */
static void *run_tasks(void *argument)
{
    wg_t *wg = (wg_t *)argument;
    while (wg_add(wg, 1) == 0) {
        __atomic_store_n(&has_begun, true, __ATOMIC_RELAXED);
        wg_done(wg);
    }
    return NULL;
}

/* A look that finds a task, and then one that finds none, are no reason to say that the
 * group is destroyed, which takes a step of its own. */
static void test_destroy_meets_tasks(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        wg_t wg = WG_INITIALIZER;
        int said = 0;
        has_begun = false;
        pthread_t thread = start(run_tasks, &wg);
        while (!__atomic_load_n(&has_begun, __ATOMIC_RELAXED))
            sched_yield();
        do
            said += wg_destroy(&wg) == 0;
        while (!wg_word_destroyed(wg_word_load(wg_word_of(&wg))));
        join(thread);
        assert_int_equal(said, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_and_alignment),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_both_alignments),
        cmocka_unit_test(test_storage),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_in_structs),
        cmocka_unit_test(test_init_rejects_bad_addresses),
        cmocka_unit_test(test_init_over_anything),
        cmocka_unit_test(test_destroy_idle),
        cmocka_unit_test(test_destroy_busy_changes_nothing),
        cmocka_unit_test(test_destroy_busy_while_closing),
        cmocka_unit_test(test_use_after_destroy),
        cmocka_unit_test(test_use_after_destroy_in_flight),
        cmocka_unit_test(test_the_word_is_read_as_a_whole),
        cmocka_unit_test(test_destroy_meets_tasks),
    };
    wg_set_misuse_handler(note_misuse);
    return RUN_TESTS(tests);
}
