/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that has used up what its process may have: there is no thread, no memory for one,
 * and no descriptor to be had, and groups work on. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "work.h"

static void wait_for(void *gate)
{
    HOPE(wg_wait((wg_t *)gate) == 0);
}

int main(void)
{
    static wg_t tasks, gate;
    const struct rlimit limit = {512ul << 20, 512ul << 20}, none = {0, 0};
    int started = 0, error;
    HOPE(wg_add(&gate, 1) == 0);
#ifdef __linux__
    /* So that it does not take thousands. */
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    HOPE(pthread_attr_setstacksize(&attributes, 4ul << 20) == 0);
    HOPE(pthread_setattr_default_np(&attributes) == 0);
#endif
    HOPE(setrlimit(RLIMIT_NOFILE, &none) == 0 && setrlimit(RLIMIT_AS, &limit) == 0);
    while ((error = wg_go(&tasks, wait_for, &gate)) == 0)
        started++;
    HOPE(error == EAGAIN && started > 0 && wg_count(&tasks) == started);
    /* Volatile, or the compiler may think that it need not be asked for. */
    void *volatile allocated;
    for (size_t size = 4096; size > 0; size /= 16)
        do
            allocated = malloc(size);
        while (allocated != NULL);
    HOPE(wg_go(&tasks, wait_for, &gate) == EAGAIN);
    work();
    HOPE(wg_done(&gate) == 0);
    HOPE(wg_wait(&tasks) == 0 && wg_destroy(&tasks) == 0);
    return 0;
}
