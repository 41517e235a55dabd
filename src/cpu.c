/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* cpu.c - how many processors there are */
#include "cpu.h"

#include <sched.h>
#include <unistd.h>

#include "annotate.h"

static int count(void)
{
#ifdef HAVE_SCHED_GETAFFINITY
    /* Of the process: a thread that has bound itself to a processor says nothing about the
     * others.  A failure means that there are more processors than fit into the set. */
    cpu_set_t set;
    return sched_getaffinity(getpid(), sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                              : CPU_SETSIZE;
#elif defined(_SC_NPROCESSORS_ONLN)
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 2;
#else
    return 2;
#endif
}

int wg_cpu_count(void)
{
    static int cpus;
    wg_unchecked(&cpus, sizeof cpus);
    /* Relaxed: nothing else is published, and a thread that still reads 0 finds out the same
     * once more. */
    int n = __atomic_load_n(&cpus, __ATOMIC_RELAXED);
    if (n == 0) {
        n = count();
        /* Relaxed, as the load above. */
        __atomic_store_n(&cpus, n, __ATOMIC_RELAXED);
    }
    return n;
}
