/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * misaligned.c - does a group work wherever it may lie?
 *
 * At each multiple of 4 in a cache line, the last of which reaches into the next.  For
 * scripts/check-arch, which compiles it with the library's sources, and then with a copy of
 * them in which the word is not moved to where it is aligned: what becomes of that depends
 * on the processor, and may be a signal.  CMocka would catch it; so this does without.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "waitgroup.h"
#include "word.h"

enum { LINE = 64, FILL = 0xA5 };

static unsigned char memory[LINE + 2 * sizeof(wg_t)] __attribute__((aligned(LINE)));

static void *wait_for(void *wg)
{
    return (void *)(intptr_t)wg_wait(wg);
}

/* A round that a thread waits for. */
static bool releases(wg_t *wg)
{
    pthread_t waiter;
    void *result;
    if (wg_add(wg, 1) != 0 || pthread_create(&waiter, NULL, wait_for, wg) != 0)
        return false;
    while (wg_word_waiters(wg_word_load(wg_word_of(wg))) != 1)
        sched_yield();
    return wg_destroy(wg) == EBUSY && wg_done(wg) == 0 &&
           pthread_join(waiter, &result) == 0 && result == NULL;
}

static bool works(wg_t *wg)
{
    static const struct timespec past;
    return wg_init(wg) == 0 && wg_add(wg, 2) == 0 && wg_done(wg) == 0 &&
           wg_count(wg) == 1 && wg_trywait(wg) == EBUSY &&
           wg_timedwait(wg, &past) == ETIMEDOUT && wg_done(wg) == 0 &&
           wg_timedwait(wg, &past) == 0 && releases(wg) && wg_wait(wg) == 0 &&
           wg_trywait(wg) == 0 && wg_destroy(wg) == 0;
}

static bool others_are_untouched(size_t offset)
{
    for (size_t i = 0; i < sizeof memory; i++)
        if ((i < offset || i >= offset + sizeof(wg_t)) && memory[i] != FILL)
            return false;
    return true;
}

int main(void)
{
    int status = 0;
    printf("1..%d\n", LINE / 4);
    for (size_t offset = 0; offset < LINE; offset += 4) {
        memset(memory, FILL, sizeof memory);
        bool ok = works((wg_t *)(void *)(memory + offset)) && others_are_untouched(offset);
        printf("%sok %d - at %d\n", ok ? "" : "not ", (int)offset / 4 + 1, (int)offset);
        fflush(stdout); /* the next may be the last */
        status |= !ok;
    }
    return status;
}
