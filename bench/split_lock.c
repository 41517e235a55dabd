/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * split_lock.c - what an atomic addition costs by the address of its 8 bytes
 *
 *     split_lock OFFSET
 *
 * prints the nanoseconds of one at so many bytes after the beginning of a cache line.  Most
 * processors but x86 raise SIGBUS when OFFSET is no multiple of 8; x86 carries it out, and across
 * the end of a line it locks the whole memory bus, which some kernels and hypervisors answer
 * with SIGBUS or a delay as well.  So it is few of them, in a process of its own.
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
    uint64_t *word = (void *)(lines + (argc > 1 ? atoi(argv[1]) % 64 : 0));
    enum { BATCHES = 11, BATCH = 20 };
    double costs[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
        double begin = now();
        for (int j = 0; j < BATCH; j++)
            __atomic_fetch_add(word, 1, __ATOMIC_RELEASE);
        costs[i] = (now() - begin) / BATCH;
    }
    qsort(costs, BATCHES, sizeof costs[0], compare);
    printf("time %.4g\n", costs[BATCHES / 2]);
}
