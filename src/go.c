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

WG_UNPROTECTED static void *run(void *allocated)
{
    wg_thread(false);
    struct task task = *(struct task *)allocated;
    free(allocated);
    /* finish() runs however fn ends: by returning, by pthread_exit() or by cancellation. */
    pthread_cleanup_push(finish, task.wg);
    task.fn(task.arg);
    pthread_cleanup_pop(1);
    return NULL;
}

/* The attributes that the program has chosen for all threads.  pthread_attr_init() leaves
 * some of them out. */
static int init_attributes(pthread_attr_t *attributes)
{
#ifdef HAVE_PTHREAD_GETATTR_DEFAULT_NP
    return pthread_getattr_default_np(attributes);
#else
    return pthread_attr_init(attributes);
#endif
}

static bool start(struct task task)
{
    pthread_attr_t attributes;
    if (init_attributes(&attributes) != 0)
        return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);

    bool started = false;
    struct task *allocated = malloc(sizeof *allocated);
    if (allocated != NULL) {
        pthread_t thread;
        *allocated = task;
        wg_look_away(true);
        started = pthread_create(&thread, &attributes, run, allocated) == 0;
        wg_look_away(false);
        if (!started)
            free(allocated);
    }
    pthread_attr_destroy(&attributes);
    return started;
}

int wg_go(wg_t *wg, void (*fn)(void *), void *arg)
{
    int caller_errno = errno;
    int error = wg_tryadd_as(wg, 1, "wg_go");
    if (error == 0 && !start((struct task){wg, fn, arg})) {
        wg_done(wg);
        error = EAGAIN;
    }
    errno = caller_errno;
    return error;
}
