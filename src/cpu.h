/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* cpu.h - hints to the processor */
#ifndef WG_CPU_H
#define WG_CPU_H

/* Tell the processor that this is a spin loop. */
static inline void wg_cpu_pause(void)
{
#if defined(__i386__) || defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    /* yield does nothing where a core has one thread; isb takes about as long as x86's
     * pause. */
    __asm__ __volatile__("isb" ::: "memory");
#elif defined(__ARM_ARCH) && __ARM_ARCH >= 7
    __asm__ __volatile__("yield" ::: "memory");
#else
    __asm__ __volatile__("" ::: "memory");
#endif
}

#endif /* WG_CPU_H */
