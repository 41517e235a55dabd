/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * What race detectors are told, and what AddressSanitizer is asked.  This program has what
 * the library takes for ThreadSanitizer, and for AddressSanitizer if it is not compiled by
 * that itself, and it takes notes.  tests/race/race.test and tests/hosts/hosts.test have
 * the real ones.
 */
#include "common.h"

#include <errno.h>

BEGIN_C
#include "../../src/annotate.h"
END_C

#ifdef WG_COMPILED_BY_DETECTOR

int main(void)
{
    puts("1..0 # SKIP the library is compiled by ThreadSanitizer itself");
}

#elif !defined(__ELF__)

int main(void)
{
    puts("1..0 # SKIP without weak references, the library asks for no race detector");
}

#else

static const wg_t *watched;

/* One note: who has been told what of which object, and what the watched group was then.
 * An object goes by a tag. */
static struct note {
    char kind; /* r: release, a: acquire */
    const void *object;
    pthread_t thread;
    int counter;
} notes[32];
static size_t noted;
static pthread_mutex_t notes_lock = PTHREAD_MUTEX_INITIALIZER;

static void note(char kind, const void *object)
{
    pthread_mutex_lock(&notes_lock);
    if (noted < COUNT(notes))
        notes[noted] = (struct note){kind, object, pthread_self(), counter_of(watched)};
    noted++;
    pthread_mutex_unlock(&notes_lock);
}

BEGIN_C
void __tsan_acquire(const void *object);
void __tsan_release(const void *object);
void __tsan_func_entry(void *caller);
END_C

/* Only to be there, unlike in Go's race detector. */
void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_acquire(const void *object)
{
    note('a', object);
}

void __tsan_release(const void *object)
{
    note('r', object);
}

#    if defined(__SANITIZE_ADDRESS__)
#        define COMPILED_BY_ADDRESS_SANITIZER
#    elif defined(__has_feature)
#        if __has_feature(address_sanitizer)
#            define COMPILED_BY_ADDRESS_SANITIZER
#        endif
#    endif
#    ifndef COMPILED_BY_ADDRESS_SANITIZER
static const void *poisoned; /* what may not be accessed, */
static int reported;         /* and how often it was */

BEGIN_C
void *__asan_region_is_poisoned(void *begin, size_t size);
void __asan_report_load_n(void *address, intptr_t size);
END_C

void *__asan_region_is_poisoned(void *begin, size_t size)
{
    return size == sizeof(wg_t) && begin == poisoned ? begin : NULL;
}

/* cppcheck-suppress constParameter ; its type is the sanitizer's */
void __asan_report_load_n(void *address, intptr_t size)
{
    reported += address == poisoned && size == sizeof(wg_t);
}
#    endif

static void watch(const wg_t *wg)
{
    watched = wg;
    noted = 0;
}

#    define assert_noted(number, expected_kind, expected_object, expected_counter)         \
        do {                                                                               \
            assert_true(noted > (number));                                                 \
            assert_int_equal(notes[number].kind, expected_kind);                           \
            assert_ptr_equal(notes[number].object, expected_object);                       \
            assert_int_equal(notes[number].counter, expected_counter);                     \
        } while (0)

/* Before the counter changes: afterwards another thread might have gone on already. */
static void test_additions_release_before(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    watch(&wg);
    wg_add(&wg, 2);
    const void *tag = notes[0].object;
    assert_noted(0, 'r', tag, 0);
    wg_done(&wg);
    assert_noted(1, 'r', tag, 2);
    wg_add(&wg, -1);
    assert_noted(2, 'r', tag, 1);
    assert_int_equal(noted, 3);
}

/* What is told of a group outlives it, and is not told of its neighbours. */
static void test_tags(void **state)
{
    (void)state;
    static wg_t groups[COUNT(notes)];
    for (size_t i = 0; i < COUNT(groups); i++)
        wg_init(&groups[i]);
    watch(&groups[0]);
    for (size_t i = 0; i < COUNT(groups); i++)
        wg_add(&groups[i], 1);
    for (size_t i = 0; i < COUNT(groups); i++) {
        uintptr_t tag = (uintptr_t)notes[i].object;
        assert_false(tag >= (uintptr_t)groups && tag < (uintptr_t)(groups + COUNT(groups)));
        for (size_t other = 0; other < i; other++)
            assert_ptr_not_equal(notes[i].object, notes[other].object);
    }
}

static int timedwait(wg_t *wg)
{
    const struct timespec past = {0, 0};
    return wg_timedwait(wg, &past);
}

static int clockwait(wg_t *wg)
{
    const struct timespec past = {0, 0};
    return wg_clockwait(wg, CLOCK_MONOTONIC, &past);
}

static int (*const waits[])(wg_t *) = {wg_trywait, timedwait, clockwait, wg_destroy,
                                       wg_wait};

static void test_waits_acquire(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(waits); i++) {
        wg_t wg = WG_INITIALIZER;
        watch(&wg);
        wg_add(&wg, 0);
        assert_int_equal(waits[i](&wg), 0);
        assert_int_equal(notes[1].kind, 'a');
        assert_ptr_equal(notes[1].object, notes[0].object);
        assert_int_equal(noted, 2);
    }
}

static void test_what_does_not_wait_does_not(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    watch(&wg);
    wg_add(&wg, 1);
    watch(&wg);
    for (size_t i = 0; waits[i] != wg_wait; i++)
        assert_int_not_equal(waits[i](&wg), 0);
    assert_int_equal(wg_count(&wg), 1);
    wg_init(&wg);
    assert_int_equal(noted, 0);
}

/* The waiter's own release is told of as well: not every detector knows every semaphore. */
static void test_parked(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    watch(&wg);
    wg_add(&wg, 1);
    pthread_t waiter = start(wait_for, &wg);
    until_parked(&wg, 1);
    watch(&wg);
    wg_done(&wg);
    join(waiter);

    assert_int_equal(noted, 4);
    assert_noted(0, 'r', notes[3].object, 1);
    assert_noted(1, 'r', notes[2].object, 0);
    assert_noted(2, 'a', notes[1].object, 0);
    assert_noted(3, 'a', notes[0].object, 0);
    assert_ptr_not_equal(notes[1].object, notes[0].object);
    assert_true(pthread_equal(notes[1].thread, pthread_self()));
    assert_true(pthread_equal(notes[2].thread, waiter));
    assert_true(pthread_equal(notes[3].thread, waiter));
}

/* What happens before the call happens before the task by the thread's creation. */
static void do_nothing(void *unused)
{
    (void)unused;
}

/* A close goes by another tag than tasks do. */
static void test_closing(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    watch(&wg);
    wg_add(&wg, 1);
    assert_int_equal(wg_close(&wg), 0);
    const void *tasks = notes[0].object, *closing = notes[1].object;
    assert_ptr_not_equal(tasks, closing);
    assert_noted(1, 'r', closing, 1);
    assert_int_equal(wg_tryadd(&wg, 1), ECANCELED);
    assert_noted(2, 'a', closing, 1);
    assert_int_equal(wg_done_last(&wg), WG_DRAINED);
    assert_noted(3, 'r', tasks, 1);
    assert_noted(4, 'a', tasks, 0);
    assert_noted(5, 'a', closing, 0);
    assert_int_equal(noted, 6);
}

#    ifndef COMPILED_BY_ADDRESS_SANITIZER
/* Each call asks before it looks at the group. */
static void test_memory_is_asked_for(void **state)
{
    (void)state;
    const struct timespec past = {0, 0};
    wg_t wg = WG_INITIALIZER;
    watch(&wg);
    poisoned = &wg;
    reported = 0;
    assert_int_equal(wg_init(&wg), 0);
    assert_int_equal(wg_add(&wg, 1), 0);
    assert_int_equal(wg_tryadd(&wg, 1), 0);
    assert_int_equal(wg_count(&wg), 2);
    assert_int_equal(wg_done(&wg), 0);
    assert_int_equal(wg_trywait(&wg), EBUSY);
    assert_int_equal(wg_close(&wg), 0);
    assert_int_equal(reported, 7);
    assert_int_equal(wg_timedwait(&wg, &past), ETIMEDOUT);
    assert_int_equal(wg_done_last(&wg), WG_DRAINED);
    assert_int_equal(wg_wait(&wg), 0);
    assert_int_equal(wg_destroy(&wg), 0);
    assert_int_equal(reported, 11);
    poisoned = NULL;
    assert_int_equal(wg_init(&wg), 0);
    assert_int_equal(reported, 11);
}
#    endif

static void test_task(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    watch(&wg);
    assert_int_equal(wg_go(&wg, do_nothing, NULL), 0);
    while (wg_count(&wg) != 0)
        sched_yield();
    assert_int_equal(noted, 2);
    assert_noted(0, 'r', notes[1].object, 0);
    assert_noted(1, 'r', notes[0].object, 1);
    assert_false(pthread_equal(notes[1].thread, pthread_self()));
}

static void test_misuse_handler(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    watch(&wg);
    wg_set_misuse_handler(note_misuse);
    assert_noted(0, 'r', notes[0].object, 0);
    assert_noted(1, 'a', notes[0].object, 0); /* whoever set the one that is returned */
    wg_done(&wg);
    assert_int_equal(notes[2].kind, 'r');
    assert_ptr_not_equal(notes[2].object, notes[0].object);
    assert_noted(3, 'a', notes[0].object, 0); /* after the undo */
    assert_int_equal(noted, 4);
    wg_set_misuse_handler(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_additions_release_before),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_waits_acquire),
        cmocka_unit_test(test_what_does_not_wait_does_not),
        cmocka_unit_test(test_parked),
        cmocka_unit_test(test_closing),
#    ifdef COMPILED_BY_ADDRESS_SANITIZER
        (struct CMUnitTest){
            "test_memory_is_asked_for # SKIP AddressSanitizer itself is asked", be_skipped,
            NULL, NULL, NULL},
#    else
        cmocka_unit_test(test_memory_is_asked_for),
#    endif
        cmocka_unit_test(test_task),
        cmocka_unit_test(test_misuse_handler),
    };
    return RUN_TESTS(tests);
}

#endif
