/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* What is put before the C library by LD_PRELOAD, as profilers do: pthread_create()
 * with a start function of its own, clocks, locks and memory, all of which leave errno
 * as they like. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void *__libc_malloc(size_t size);
void __libc_free(void *memory);

struct started {
    void *(*run)(void *);
    void *argument;
};

static void *run_wrapped(void *allocated)
{
    struct started started = *(struct started *)allocated;
    free(allocated);
    errno = EIO;
    return started.run(started.argument);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *argument)
{
    struct started *started = malloc(sizeof *started);
    if (started == NULL)
        return EAGAIN;
    started->run = run;
    started->argument = argument;
    return NEXT(pthread_create)(thread, attributes, run_wrapped, started);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    int error = NEXT(pthread_mutex_lock)(mutex);
    errno = EIO;
    return error;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    int error = NEXT(pthread_mutex_unlock)(mutex);
    errno = EIO;
    return error;
}

int sem_post(sem_t *semaphore)
{
    int result = NEXT(sem_post)(semaphore);
    errno = EIO;
    return result;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = NEXT(clock_gettime)(clock, now);
    errno = EIO;
    return result;
}

/* Memory that is never 0, before and after. */
void *malloc(size_t size)
{
    void *memory = __libc_malloc(size);
    if (memory != NULL)
        memset(memory, 0xA5, size);
    errno = EIO;
    return memory;
}

void free(void *memory)
{
    __libc_free(memory);
    errno = EIO;
}
