/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* cpu.h - what one needs to know of the processors to wait on them for a moment */
#ifndef WG_CPU_H
#define WG_CPU_H

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

/* How many threads of the process may run at the same time, at least 1.  If that cannot be found
 * out, it is a guess: several. */
int wg_cpu_count(void);

#endif /* WG_CPU_H */
