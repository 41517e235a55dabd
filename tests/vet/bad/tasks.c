/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Tasks that add themselves to the group they were given, too late for a wait. */
#include <pthread.h>
#include <stdio.h>
#include <waitgroup.h>

int thrd_create(unsigned long *thread, int (*fn)(void *), void *arg);

struct job {
    int id, parts;
    wg_t wg;
    wg_t *parent;
    struct job *next;
};

static void work(const struct job *job)
{
    printf("job %d\n", job->id);
}

static void *directly(void *arg)
{
    wg_add(arg, 1); /* bad: wg_add in the task */
    puts("working");
    wg_done(arg);
    return NULL;
}

static void *by_its_type(void *arg)
{
    wg_t *wg = arg;
    puts("starting");
    wg_add(wg, 1); /* bad: wg_add in the task */
    puts("working");
    wg_done(wg);
    return NULL;
}

static void *as_a_member(void *arg)
{
    struct job *job = (struct job *)arg;
    if (!job)
        return NULL;
    if (wg_add(&job->wg, job->parts) != 0) /* bad: wg_add in the task */
        return NULL;
    for (int i = 0; i < job->parts; i++)
        work(job);
    wg_add(&job->wg, -job->parts);
    return NULL;
}

static int in_one_expression(void *arg)
{
    (void)wg_add(((struct job *)arg)->parent, 1); /* bad: wg_add in the task */
    work(arg);
    return wg_done(((struct job *)arg)->parent);
}

static void by_detours(void *arg)
{
    struct job *job, *next;
    job = arg;
    next = job->next;
    wg_t *wg = next->parent;
    int error = wg_add(wg, 1); /* bad: wg_add in the task */
    if (error == 0)
        wg_done(wg);
}

static void *by_a_try(void *arg)
{
    struct job *job = arg;
    if (wg_tryadd(job->parent, 1) != 0) /* bad: wg_tryadd in the task */
        return NULL;
    work(job);
    wg_done(job->parent);
    return NULL;
}

static int unchecked(wg_t *wg, struct job *job)
{
    int i = 0;
    wg_tryadd(wg, 1); /* bad: result of wg_tryadd not used */
    if (i == 0)
        (void)wg_tryadd(&job->wg, job->parts); /* bad: result of wg_tryadd not used */
    else
        wg_tryadd(&job->wg, 1); /* bad: result of wg_tryadd not used */
    for (; i < 3; i++)
        wg_tryadd(job[i].parent, 2); /* bad: result of wg_tryadd not used */
    return i;
}

int main(void)
{
    struct job job = {.parts = 2, .wg = WG_INITIALIZER};
    pthread_t thread;
    unsigned long other;
    job.parent = &job.wg;
    job.next = &job;
    pthread_create(&thread, NULL, directly, &job.wg);
    if (pthread_create(&thread, NULL, &by_its_type, &job.wg) != 0)
        return 1;
    int error = pthread_create(&thread, NULL, as_a_member, &job);
    thrd_create(&other, in_one_expression, &job);
    error |= wg_go(&job.wg, by_detours, &job);
    error |= pthread_create(&thread, NULL, by_a_try, &job);
    error |= unchecked(&job.wg, &job);
    wg_wait(&job.wg);
    return error;
}
