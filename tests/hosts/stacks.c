/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host whose threads have the smallest stacks there are, without a guard, those of
 * wg_go() as well where the system lets it choose. */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>

#include "work.h"

#ifndef PTHREAD_STACK_MIN
#    define PTHREAD_STACK_MIN 16384
#endif

/* They have all that is chosen for them, not the size alone. */
static void look_at_guard(void *size)
{
#ifdef __GLIBC__
    pthread_attr_t attributes;
    HOPE(pthread_getattr_np(pthread_self(), &attributes) == 0);
    HOPE(pthread_attr_getguardsize(&attributes, (size_t *)size) == 0);
    pthread_attr_destroy(&attributes);
#else
    *(size_t *)size = 0;
#endif
}

static void *work_there(void *wg)
{
    size_t guard = 1;
    HOPE(wg_go((wg_t *)wg, look_at_guard, &guard) == 0);
    HOPE(wg_wait((wg_t *)wg) == 0 && guard == 0);
    work();
    return NULL;
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    wg_t wg = WG_INITIALIZER;
    size_t smallest = (size_t)PTHREAD_STACK_MIN;
    pthread_attr_init(&attributes);
    HOPE(pthread_attr_setstacksize(&attributes, smallest) == 0);
    HOPE(pthread_attr_setguardsize(&attributes, 0) == 0);
#ifdef __GLIBC__
    HOPE(pthread_setattr_default_np(&attributes) == 0);
#endif
    HOPE(pthread_create(&thread, &attributes, work_there, &wg) == 0);
    HOPE(pthread_join(thread, NULL) == 0);
    return 0;
}
