/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host with functions of its own for memory: from main() on there is none.
 * Before, a little: the library's fork handler may take some, and without it the
 * process is aborted. */
#include <pthread.h>
#include <stdlib.h>

static _Alignas(16) char memory[1 << 20];
static size_t used;
static int is_over;

void *malloc(size_t size)
{
    size_t begin = used;
    if (is_over || size > sizeof memory - used)
        return NULL;
    used += (size + 15) / 16 * 16;
    return memory + begin;
}

void free(void *allocated)
{
    (void)allocated;
}

#include "work.h"

int main(void)
{
    wg_t wg = WG_INITIALIZER;
    int number = 0;
    is_over = 1;
    HOPE(wg_go(&wg, count_up, &number) == EAGAIN && number == 0 && wg_count(&wg) == 0);
    work();
    return 0;
}
