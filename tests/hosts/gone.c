/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host with a group that has been freed, whose stack frame is gone, or that is larger
 * than its memory, and one call on it; named by its arguments.  AddressSanitizer has to say
 * so, with the host compiled by it and the library not. */
#include <stdlib.h>
#include <string.h>

#include "work.h"

static wg_t *freed(void)
{
    wg_t *volatile wg = (wg_t *)malloc(sizeof *wg);
    HOPE(wg != NULL && wg_init(wg) == 0 && wg_add(wg, 1) == 0);
    free(wg);
    return wg;
}

/* The commonest mistake with timed waits: the tasks go on. */
static __attribute__((noinline)) void give_up(wg_t **kept)
{
    const struct timespec past = {0, 0};
    wg_t wg = WG_INITIALIZER;
    *kept = &wg;
    HOPE(wg_add(&wg, 1) == 0 && wg_timedwait(&wg, &past) == ETIMEDOUT);
}

static wg_t *left(void)
{
    wg_t *kept = NULL;
    give_up(&kept);
    return kept;
}

static wg_t *cut(void)
{
    volatile size_t size = sizeof(wg_t) - 4;
    return (wg_t *)malloc(size);
}

static void call_it(const char *call, wg_t *wg)
{
    const struct timespec past = {0, 0};
    int number = 0, result = 0;
    if (strcmp(call, "wg_init") == 0)
        result = wg_init(wg);
    else if (strcmp(call, "wg_add") == 0)
        result = wg_add(wg, 1);
    else if (strcmp(call, "wg_done") == 0)
        result = wg_done(wg);
    else if (strcmp(call, "wg_done_last") == 0)
        result = wg_done_last(wg);
    else if (strcmp(call, "wg_tryadd") == 0)
        result = wg_tryadd(wg, 1);
    else if (strcmp(call, "wg_close") == 0)
        result = wg_close(wg);
    else if (strcmp(call, "wg_go") == 0)
        result = wg_go(wg, count_up, &number);
    else if (strcmp(call, "wg_wait") == 0)
        result = wg_wait(wg);
    else if (strcmp(call, "wg_trywait") == 0)
        result = wg_trywait(wg);
    else if (strcmp(call, "wg_timedwait") == 0)
        result = wg_timedwait(wg, &past);
    else if (strcmp(call, "wg_clockwait") == 0)
        result = wg_clockwait(wg, CLOCK_MONOTONIC, &past);
    else if (strcmp(call, "wg_reltimedwait") == 0)
        result = wg_reltimedwait(wg, &past);
    else if (strcmp(call, "wg_count") == 0)
        result = wg_count(wg);
    else if (strcmp(call, "wg_destroy") == 0)
        result = wg_destroy(wg);
    else if (strcmp(call, "wg_defer_done_") == 0)
        done_by_scope(wg);
    else
        HOPE(strcmp(call, "a known call") == 0);
    printf("returned %d\n", result);
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        work();
        in_child(work_alone);
        return 0;
    }
    HOPE(argc == 3);
    call_it(argv[2], strcmp(argv[1], "freed") == 0  ? freed()
                     : strcmp(argv[1], "left") == 0 ? left()
                                                    : cut());
    return 0;
}
