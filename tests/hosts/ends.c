/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that is at work while it ends: in functions of atexit(), in a destructor, in the
 * destructor of a thread's data, in a signal handler that leaves by _exit(), or after
 * quick_exit().  The way is its argument. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "work.h"

static void at_work(void)
{
    work();
    in_child(work);
    puts("at work");
    fflush(stdout);
}

/* In a destructor, musl starts no thread: whoever tries waits for ever. */
static int in_destructor;
static __attribute__((destructor)) void destroy(void)
{
    if (!in_destructor)
        return;
#ifdef __GLIBC__
    at_work();
#else
    work_alone();
    puts("at work");
    fflush(stdout);
#endif
}

static wg_t tasks = WG_INITIALIZER, end = WG_INITIALIZER;

/* A task that goes on while the process ends. */
static void outlive(void *unused)
{
    const struct timespec short_time = {0, 1000};
    (void)unused;
    while (wg_reltimedwait(&end, &short_time) == ETIMEDOUT)
        continue;
}

static void leave(int signal_number)
{
    (void)signal_number;
    _exit(3);
}

static pthread_key_t key;

static void done(void *wg)
{
    wg_done((wg_t *)wg);
}

static void *with_data(void *wg)
{
    HOPE(pthread_setspecific(key, wg) == 0);
    return NULL;
}

/* The slots for void (*)(void *): of a thread's data, and of a cleanup handler. */
static void *with_cleanup(void *wg)
{
    pthread_cleanup_push(done, wg);
    pthread_exit(NULL);
    pthread_cleanup_pop(0);
}

static void end_threads(void)
{
    pthread_t threads[2];
    HOPE(pthread_key_create(&key, done) == 0);
    HOPE(wg_add(&tasks, 2) == 0);
    HOPE(pthread_create(&threads[0], NULL, with_data, &tasks) == 0);
    HOPE(pthread_create(&threads[1], NULL, with_cleanup, &tasks) == 0);
    HOPE(wg_wait(&tasks) == 0);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

int main(int argc, char **argv)
{
    const struct itimerval soon = {{0, 0}, {0, 1000}};
    const char *way = argc > 1 ? argv[1] : "";
    end_threads();
    HOPE(wg_add(&end, 1) == 0);
    HOPE(wg_go(&tasks, outlive, NULL) == 0);

    if (strcmp(way, "exit") == 0) {
        atexit(at_work);
        exit(3);
    } else if (strcmp(way, "quick_exit") == 0) {
        at_quick_exit(at_work);
        quick_exit(3);
    } else if (strcmp(way, "destructor") == 0) {
        in_destructor = 1;
        return 3;
    } else if (strcmp(way, "handler") == 0) {
        at_work();
        signal(SIGALRM, leave);
        HOPE(setitimer(ITIMER_REAL, &soon, NULL) == 0);
        wg_wait(&tasks);
    } else if (strcmp(way, "thread") == 0) {
        at_work();
        /* The last thread ends the process. */
        wg_done(&end);
        pthread_exit(NULL);
    }
    return 1;
}
