/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* go.c - tasks as threads of their own */
#include <config.h>

#include "waitgroup.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "add.h"
#include "annotate.h"

struct task {
    wg_t *wg;
    void (*fn)(void *);
    void *arg;
};

static void finish(void *wg)
{
    wg_done(wg);
    wg_thread(true);
}

static void *run(void *allocated)
{
    wg_thread(false);
    struct task task = *(struct task *)allocated;
    free(allocated);
    /* However fn ends the thread: by returning, by pthread_exit(), by being cancelled. */
    pthread_cleanup_push(finish, task.wg);
    task.fn(task.arg);
    pthread_cleanup_pop(1);
    return NULL;
}

/* Returns 0 or an error number. */
static int start(struct task task)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0)
        return error;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);

    struct task *allocated = malloc(sizeof *allocated);
    if (allocated == NULL) {
        error = ENOMEM;
    } else {
        pthread_t thread;
        *allocated = task;
        wg_look_away(true);
        error = pthread_create(&thread, &attributes, run, allocated);
        wg_look_away(false);
        if (error != 0)
            free(allocated);
    }
    pthread_attr_destroy(&attributes);
    return error;
}

int wg_go(wg_t *wg, void (*fn)(void *), void *arg)
{
    int caller_errno = errno;
    int error = wg_add_as(wg, 1, "wg_go");
    if (error != 0)
        return error;
    error = start((struct task){wg, fn, arg});
    if (error != 0)
        wg_done(wg);
    errno = caller_errno;
    return error;
}
