/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A plug-in that uses wait groups, for test_plugin. */
#include <pthread.h>

#include "waitgroup.h"

WG_PUBLIC int plugin_run(void);

static void *work(void *wg)
{
    wg_done(wg);
    return NULL;
}

/* Enough rounds for some of the waits to park. */
int plugin_run(void)
{
    int errors = 0;
    for (int round = 0; round < 20; round++) {
        wg_t wg = WG_INITIALIZER;
        pthread_t thread;
        errors += wg_add(&wg, 1) != 0;
        if (pthread_create(&thread, NULL, work, &wg) != 0)
            return -1;
        errors += wg_wait(&wg) != 0;
        errors += pthread_join(thread, NULL) != 0;
    }
    return errors;
}
