/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * cases.h - what the programs for race detectors have in common
 *
 * They are a user's programs: they use the public header only, and are compiled apart from
 * the library.  Each case is a function of its own, chosen by its name on the command line.
 */
#ifndef TESTS_RACE_CASES_H
#define TESTS_RACE_CASES_H

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <waitgroup.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/*
 * An order of events that no detector may take for synchronization.  By relaxed
 * read-modify-writes only: to ThreadSanitizer these order nothing, and to Valgrind's tools
 * they are reads.
 */
static int stage;

static inline void first_stage(void)
{
    __atomic_fetch_and(&stage, 0, __ATOMIC_RELAXED);
}

static inline int stage_now(void)
{
    return __atomic_fetch_add(&stage, 0, __ATOMIC_RELAXED);
}

/* Returns the number of the stage that is over. */
static inline int next_stage(void)
{
    return __atomic_fetch_add(&stage, 1, __ATOMIC_RELAXED);
}

static inline void await_stage(int number)
{
    while (stage_now() < number)
        sched_yield();
}

static inline pthread_t start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument) != 0)
        abort();
    return thread;
}

static inline void join(pthread_t thread)
{
    if (pthread_join(thread, NULL) != 0)
        abort();
}

/* In all builds: the cases have to do what they say. */
#define require(condition)                                                                 \
    ((condition)                                                                           \
         ? (void)0                                                                         \
         : (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition),        \
            abort()))

struct named_case {
    const char *name;
    void (*run)(void);
};

/* PROGRAM NAME... runs these cases; PROGRAM alone prints all names. */
static inline int run_cases(const struct named_case *cases, size_t count, int argc,
                            char **argv)
{
    alarm(600);
    for (size_t i = 0; i < count && argc == 1; i++)
        puts(cases[i].name);
    for (int arg = 1; arg < argc; arg++) {
        size_t i = 0;
        while (i < count && strcmp(cases[i].name, argv[arg]) != 0)
            i++;
        require(i < count);
        first_stage();
        cases[i].run();
    }
    return 0;
}

#endif /* TESTS_RACE_CASES_H */
