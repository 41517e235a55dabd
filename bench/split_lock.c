/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * split_lock.c - what an atomic addition costs by the address of its 8 bytes
 *
 *     split_lock OFFSET
 *
 * prints the nanoseconds of one at so many bytes after the beginning of a cache line.
 * Most processors but x86 raise SIGBUS when OFFSET is no multiple of 8; x86 carries it
 * out, and across the end of a line it locks the whole memory bus, which some kernels
 * and hypervisors answer with SIGBUS or a delay as well.  So it is few of these, in a
 * process of its own.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static _Alignas(64) char lines[128];
    const unsigned offset = argc > 1 ? (unsigned)atoi(argv[1]) % 64 : 0;
    uint64_t *word = (void *)(lines + offset);
    /* Many, as the clock costs as much as several of them; few, where each is a
     * disturbance. */
    const int batch = offset + sizeof *word <= 64 ? 4000 : 20;
    enum { BATCHES = 11 };
    double costs[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
        double begin = now();
        for (int j = 0; j < batch; j++) {
            uint64_t old = __atomic_fetch_add(word, 1, __ATOMIC_RELEASE);
            __asm__ __volatile__("" ::"r"(old)); /* lock xadd, as the library has it */
        }
        costs[i] = (now() - begin) / batch;
    }
    qsort(costs, BATCHES, sizeof costs[0], compare);
    printf("time %.4g\n", costs[BATCHES / 2]);
}
