/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * common.h - what every test program begins with
 *
 * CMocka's assertions work in the thread that runs the test.  Other threads record what
 * they see, and the test asserts it after having joined them.
 */
#ifndef TESTS_COMMON_H
#define TESTS_COMMON_H

#include <config.h>

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "waitgroup.h"

#include "absent.h"

/* The test programs are C++ as well, see tests/cxx/cxx_units.test; the library's own
 * sources are C only.  This is around what the two have of each other. */
#ifdef __cplusplus
#    define BEGIN_C extern "C" {
#    define END_C }
#    define _Alignof alignof
#    define _Static_assert static_assert
#else
#    define BEGIN_C
#    define END_C
#endif

BEGIN_C
#include <cmocka.h>

#include "../../src/word.h"
END_C

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Which sanitizer this is built with. */
#ifdef __has_feature
#    define HAS_FEATURE(name) __has_feature(name)
#else
#    define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#    define WITH_TSAN 1
#else
#    define WITH_TSAN 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#    define WITH_ASAN 1
#else
#    define WITH_ASAN 0
#endif

/* May the child of a fork start threads?  POSIX does not promise it if the parent has
 * several.  The C library does it; but a sanitizer's own locks may be held at the fork by
 * another thread, and ThreadSanitizer stops watching in such a child, and refuses. */
#ifndef THREADS_IN_CHILD
#    define THREADS_IN_CHILD (!WITH_TSAN)
#endif

/* By so much the longer tests are shorter where threads are slower, or where others run
 * them in full length. */
#ifndef SLOWER
#    define SLOWER 1
#endif

/* Time. */
#define SECOND INT64_C(1000000000)

static inline int64_t now_on(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static inline struct timespec moment(int64_t ns)
{
    return (struct timespec){(time_t)(ns / SECOND), (long)(ns % SECOND)};
}

static inline struct timespec from_now(clockid_t clock, int64_t ns)
{
    return moment(now_on(clock) + ns);
}

/* The reason, with its '#', if WG_SKIP in the environment, "NAME ... # REASON",
 * has this test. */
static inline const char *reason_to_skip(const char *test)
{
    const char *names = getenv("WG_SKIP");
    const char *reason = names == NULL ? NULL : strchr(names, '#');
    const size_t length = strlen(test);
    while (reason != NULL && names < reason) {
        size_t word = strcspn(names, " \n");
        if (word == length && strncmp(names, test, length) == 0)
            return reason;
        names += word + 1;
    }
    return NULL;
}

static inline void be_skipped(void **state)
{
    (void)state;
}

/* A test that is to be skipped is replaced by one whose name says so in TAP: CMocka's own
 * skip() prints "not ok".  An entry without a name is none. */
static inline int run_all(const struct CMUnitTest *all, size_t count)
{
    static struct CMUnitTest tests[32];
    static char names[COUNT(tests)][160];
    assert_true(count >= 1 && count <= COUNT(tests));
    for (size_t i = 0; i < count; i++) {
        const char *reason = reason_to_skip(all[i].name);
        tests[i] = all[i];
        if (reason != NULL) {
            snprintf(names[i], sizeof names[i], "%s %s", all[i].name, reason);
            tests[i] = (struct CMUnitTest){names[i], be_skipped, NULL, NULL, NULL};
        }
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A lost wake-up is a hang; the alarm makes it a failure.  It is far beyond what
 * any machine, emulator or sanitizer needs.  WG_TEST in the environment is the one
 * test to be run. */
#define RUN_TESTS(tests)                                                                   \
    (alarm(600), cmocka_set_test_filter(getenv("WG_TEST")), run_all(tests, COUNT(tests)))

/* Start a thread; small stacks, so that there can be many. */
static inline pthread_t start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)256 * 1024);
    int error = pthread_create(&thread, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        fprintf(stderr, "pthread_create: error %d\n", error);
        abort();
    }
    return thread;
}

static inline void join(pthread_t thread)
{
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static inline int counter_of(const wg_t *wg)
{
    return wg_word_counter(wg_word_load(wg_word_of(wg)));
}

static inline uint32_t waiters_of(const wg_t *wg)
{
    return wg_word_waiters(wg_word_load(wg_word_of(wg)));
}

/* Let others run until so many threads are parked: the state itself is what is
 * waited for. */
static inline void until_parked(const wg_t *wg, uint32_t waiters)
{
    while (waiters_of(wg) != waiters)
        sched_yield();
}

/*
 * A signal handler that counts; less than there were, if it runs in two threads at once.
 * It has no atomic operation and makes no call that ThreadSanitizer replaces: in those,
 * ThreadSanitizer delivers the next signal within this one, and once in many thousand
 * times takes the mask of the handler for that of the thread then, which is left with all
 * signals blocked.
 */
static volatile unsigned long handled;

static inline __attribute__((no_sanitize_thread)) void handle(int signal_number)
{
    (void)signal_number;
    handled = handled + 1;
}

/* Thread bodies: wait for the group, and finish a task. */
static inline void *wait_for(void *wg)
{
    return (void *)(intptr_t)wg_wait((wg_t *)wg);
}

static inline void *finish_one(void *wg)
{
    return (void *)(intptr_t)wg_done((wg_t *)wg);
}

/* A thread that is parked while the counter is 0, as after a wg_done that has brought it
 * there and has not ended the round yet. */
static inline pthread_t start_and_park_unended(wg_t *wg)
{
    wg_add(wg, 1);
    pthread_t parked = start(wait_for, wg);
    until_parked(wg, 1);
    wg_word_add(wg_word_of(wg), wg_word_tasks(-1));
    return parked;
}

/*
 * Where a group is that is overwritten at the end of its life, which is not the end of its
 * memory.  What is written there is, wherever a group might be thought to lie in it, one
 * with a counter of 0 and a waiter: whoever gets here too late will want to end its round.
 */
union home {
    wg_t groups[4];
    uint64_t words[6] __attribute__((aligned(8)));
};

static inline void overwrite_home(union home *home)
{
    volatile uint64_t *words = home->words;
    for (size_t i = 0; i < COUNT(home->words); i++)
        words[i] = WG_ONE_WAITER;
}

static inline bool is_untouched(const union home *home)
{
    const volatile uint64_t *words = home->words;
    size_t same = 0;
    while (same < COUNT(home->words) && words[same] == WG_ONE_WAITER)
        same++;
    return same == COUNT(home->words);
}

/* A misuse handler that returns, and keeps what it was told last. */
static int misuses;
static const wg_t *misused;
static char misuse_line[256];

static inline void note_misuse(const wg_t *wg, const char *what)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    misuses++;
    misused = wg;
    snprintf(misuse_line, sizeof misuse_line, "%s", what);
    pthread_mutex_unlock(&lock);
}

#endif /* TESTS_COMMON_H */
