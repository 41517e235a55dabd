/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * work.h - what each host does with the library, whatever its habit is
 *
 *     work()            a little of everything: tasks, waits that sleep, others that give
 *                       up, a close, a misuse
 *     work_alone()      the same, but for threads
 *     in_child(work)    the one or the other in the child of a fork
 *     HOPE(condition)   or the host ends with the status 1
 *
 * C from gnu89 on, and C++.  What it does not expect ends the process at once.
 */
#ifndef TESTS_HOSTS_WORK_H
#define TESTS_HOSTS_WORK_H

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <waitgroup.h>

#define HOPE(condition) ((condition) ? (void)0 : despair(__FILE__, __LINE__, #condition))

static void despair(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: not so: %s (errno %d)\n", file, line, condition, errno);
    _exit(1);
}

static void count_up(void *number)
{
    __atomic_fetch_add((int *)number, 1, __ATOMIC_RELAXED);
}

/* A task that takes so long that whoever waits for it falls asleep. */
static void take_long(void *number)
{
    const struct timespec millisecond = {0, 1000000};
    nanosleep(&millisecond, NULL);
    count_up(number);
}

/* One that releases a waiter, if it comes late enough.  No call changes errno. */
static void release(void *wg)
{
    const struct timespec millisecond = {0, 1000000};
    nanosleep(&millisecond, NULL);
    errno = ERANGE;
    HOPE(wg_done((wg_t *)wg) == 0 && errno == ERANGE);
}

/* Where the system has no thread to give, the caller runs the task. */
static void go(wg_t *wg, void (*fn)(void *), void *arg)
{
    int error;
    errno = ERANGE;
    error = wg_go(wg, fn, arg);
    HOPE(errno == ERANGE);
    HOPE(error == 0 || error == EAGAIN);
    if (error == EAGAIN)
        fn(arg);
}

static void done_by_scope(wg_t *wg)
{
    wg_defer_done(wg);
    HOPE(wg_count(wg) == 1);
}

static int work_misuses;

static void note_misuse(const wg_t *wg, const char *what)
{
    (void)wg;
    work_misuses += what[0] == 'w';
}

static void work_alone(void)
{
    wg_t wg = WG_INITIALIZER;
    const struct timespec past = {0, 0}, soon = {0, 1000000};
    wg_misuse_fn handler;

    errno = ERANGE;
    HOPE(wg_wait(&wg) == 0);
    HOPE(wg_add(&wg, 1) == 0);
    HOPE(wg_trywait(&wg) == EBUSY);
    HOPE(wg_timedwait(&wg, &past) == ETIMEDOUT);
    HOPE(wg_reltimedwait(&wg, &soon) == ETIMEDOUT);
#ifdef CLOCK_REALTIME
    HOPE(wg_clockwait(&wg, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
#endif
    done_by_scope(&wg);
    HOPE(wg_trywait(&wg) == 0);

    work_misuses = 0;
    handler = wg_set_misuse_handler(note_misuse);
    HOPE(wg_done(&wg) == EINVAL && work_misuses == 1);
    HOPE(wg_set_misuse_handler(handler) == note_misuse);

    HOPE(wg_tryadd(&wg, 1) == 0);
    HOPE(wg_close(&wg) == 0 && wg_tryadd(&wg, 1) == ECANCELED);
    HOPE(wg_done_last(&wg) == WG_DRAINED);
    HOPE(wg_destroy(&wg) == 0);
    HOPE(wg_init(&wg) == 0 && wg_destroy(&wg) == 0);
    HOPE(errno == ERANGE);
}

static inline void work(void)
{
    wg_t wg = WG_INITIALIZER, other = WG_INITIALIZER;
    int number = 0, i;

    for (i = 0; i < 4; i++)
        go(&wg, count_up, &number);
    HOPE(wg_wait(&wg) == 0 && number == 4);
    go(&wg, take_long, &number);
    HOPE(wg_wait(&wg) == 0 && number == 5);
    HOPE(wg_add(&other, 1) == 0);
    go(&wg, release, &other);
    HOPE(wg_wait(&other) == 0 && errno == ERANGE);
    HOPE(wg_wait(&wg) == 0);
    work_alone();
}

static inline void in_child(void (*what)(void))
{
    int status = 0;
    pid_t child = fork();
    HOPE(child >= 0);
    if (child == 0) {
        what();
        _exit(0);
    }
    HOPE(waitpid(child, &status, 0) == child && status == 0);
}

#endif /* TESTS_HOSTS_WORK_H */
