/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* go.c - tasks as threads of their own */
#include "waitgroup.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct task {
    wg_t *wg;
    void (*fn)(void *);
    void *arg;
};

static void finish(void *wg)
{
    wg_done(wg);
}

static void *run(void *allocated)
{
    struct task task = *(struct task *)allocated;
    free(allocated);
    /* However fn ends the thread: by returning, by pthread_exit(), by being cancelled. */
    pthread_cleanup_push(finish, task.wg);
    task.fn(task.arg);
    pthread_cleanup_pop(1);
    return NULL;
}

static int start_detached(struct task *task)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);
    if (error != 0)
        return error;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    error = pthread_create(&thread, &attributes, run, task);
    pthread_attr_destroy(&attributes);
    return error;
}

static int go(struct task start)
{
    struct task *task = malloc(sizeof *task);
    if (task == NULL)
        return ENOMEM;
    *task = start;

    int error = wg_add(start.wg, 1);
    if (error == 0) {
        error = start_detached(task);
        if (error == 0)
            return 0;
        wg_done(start.wg);
    }
    free(task);
    return error;
}

int wg_go(wg_t *wg, void (*fn)(void *), void *arg)
{
    int caller_errno = errno;
    int error = go((struct task){wg, fn, arg});
    errno = caller_errno;
    return error;
}
