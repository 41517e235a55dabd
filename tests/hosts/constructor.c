/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host with a constructor that forks while another thread has one of the library's locks.
 * The child can use the group if the library was prepared for forks by then.
 *
 * Linked with --wrap=pthread_mutex_unlock, so that the lock is held for as long as
 * that takes. */
#include <pthread.h>
#include <semaphore.h>

#include "work.h"

static sem_t held, go_on;
static __thread int holds;

int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    if (holds) {
        holds = 0;
        sem_post(&held);
        sem_wait(&go_on);
    }
    return __real_pthread_mutex_unlock(mutex);
}

static void *hold(void *wg)
{
    const struct timespec past = {0, 0};
    holds = 1;
    HOPE(wg_timedwait(wg, &past) == ETIMEDOUT);
    return NULL;
}

static __attribute__((constructor)) void fork_with_a_lock_held(void)
{
    wg_t wg = WG_INITIALIZER;
    pthread_t holder;
    int status = 0;
    HOPE(wg_add(&wg, 1) == 0);
    HOPE(sem_init(&held, 0, 0) == 0 && sem_init(&go_on, 0, 0) == 0);
    HOPE(pthread_create(&holder, NULL, hold, &wg) == 0);
    HOPE(sem_wait(&held) == 0);

    pid_t child = fork();
    HOPE(child >= 0);
    if (child == 0) {
        const struct timespec past = {0, 0};
        alarm(20);
        HOPE(wg_init(&wg) == 0 && wg_add(&wg, 1) == 0);
        HOPE(wg_timedwait(&wg, &past) == ETIMEDOUT);
        _exit(0);
    }
    HOPE(waitpid(child, &status, 0) == child && status == 0);
    sem_post(&go_on);
    HOPE(pthread_join(holder, NULL) == 0);
    HOPE(wg_done(&wg) == 0 && wg_destroy(&wg) == 0);
}

int main(void)
{
    work();
    return 0;
}
