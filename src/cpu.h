/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* cpu.h - what one needs to know of the processors to wait on them for a moment */
#ifndef WG_CPU_H
#define WG_CPU_H

#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

/* Tell the processor that this is a spin loop. */
static inline void wg_cpu_pause(void)
{
#if defined(__i386__) || defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 7)
    __asm__ __volatile__("yield" ::: "memory");
#else
    __asm__ __volatile__("" ::: "memory");
#endif
}

/* May two threads run at the same time?  If not, spinning is pointless. */
static inline bool wg_cpu_several(void)
{
    /* Relaxed: a thread that still reads 0 finds out the same once more. */
    static int cpus;
    int n = __atomic_load_n(&cpus, __ATOMIC_RELAXED);
    if (n == 0) {
#ifdef HAVE_SCHED_GETAFFINITY
        /* Of the process: a thread that has bound itself to a processor says nothing about the
         * others.  A failure means that there are more processors than fit into the set. */
        cpu_set_t set;
        n = sched_getaffinity(getpid(), sizeof set, &set) == 0 ? CPU_COUNT(&set) : 2;
#else
        n = sysconf(_SC_NPROCESSORS_ONLN) == 1 ? 1 : 2;
#endif
        __atomic_store_n(&cpus, n, __ATOMIC_RELAXED);
    }
    return n > 1;
}

#endif /* WG_CPU_H */
