/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* cpu.c - how many processors there are */
#include <config.h>

#include "cpu.h"

#include <sched.h>
#include <unistd.h>

static int cpus = 2;

/* When the library is loaded: later, the main thread may have bound itself to one processor, which
 * says nothing about the others, but is all that can be asked. */
__attribute__((constructor)) void wg_cpu_look(void)
{
#ifdef HAVE_SCHED_GETAFFINITY
    /* A failure means that there are more processors than fit into the set. */
    cpu_set_t set;
    cpus =
        sched_getaffinity(getpid(), sizeof set, &set) == 0 ? CPU_COUNT(&set) : CPU_SETSIZE;
#elif defined(_SC_NPROCESSORS_ONLN)
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (online > 0)
        cpus = (int)online;
#endif
}

int wg_cpu_count(void)
{
    return cpus;
}
