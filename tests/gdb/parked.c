/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Threads that are parked on groups, for a debugger to look at. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <waitgroup.h>

/* Two of them with the word in front, and two with the semaphore. */
static struct {
    int before;
    wg_t groups[4];
} held;

static void *wait_for_first(void *unused)
{
    wg_wait(&held.groups[0]);
    return unused;
}

static void *wait_for_second(void *unused)
{
    const struct timespec long_time = {1000, 0};
    int error = wg_reltimedwait(&held.groups[1], &long_time);
    if (error != 0)
        abort();
    return unused;
}

/* Here the debugger stops. */
static void all_are_parked(void)
{
    puts("all are parked");
}

static void until_parked(const wg_t *wg, unsigned waiters)
{
    /* As src/word.h says; the program may not have the library's sources. */
    const volatile uint64_t *word =
        (const volatile uint64_t *)(((uintptr_t)wg + 4) & ~(uintptr_t)7);
    while ((uint32_t)*word / 2 != waiters)
        sched_yield();
}

int main(void)
{
    pthread_t threads[3];
    wg_add(&held.groups[0], 2);
    wg_add(&held.groups[1], 5);
    wg_close(&held.groups[1]);
    wg_add(&held.groups[2], 1);
    wg_destroy(&held.groups[3]);
    pthread_create(&threads[0], NULL, wait_for_first, NULL);
    pthread_create(&threads[1], NULL, wait_for_first, NULL);
    pthread_create(&threads[2], NULL, wait_for_second, NULL);
    until_parked(&held.groups[0], 2);
    until_parked(&held.groups[1], 1);
    all_are_parked();
    wg_add(&held.groups[0], -2);
    wg_add(&held.groups[1], -5);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    all_are_parked();
    return 0;
}
