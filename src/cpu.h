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
#elif defined(__aarch64__)
    /* yield does nothing where a core has one thread; isb takes about as long as x86's pause. */
    __asm__ __volatile__("isb" ::: "memory");
#elif defined(__ARM_ARCH) && __ARM_ARCH >= 7
    __asm__ __volatile__("yield" ::: "memory");
#else
    __asm__ __volatile__("" ::: "memory");
#endif
}

/* How many threads of the process may run at the same time, at least 1.  If that cannot be found
 * out, it is a guess: several.  Found out when the library is loaded, and then constant. */
int wg_cpu_count(void);

/* Find it out; for the tests, which do so again. */
void wg_cpu_look(void);

#endif /* WG_CPU_H */
