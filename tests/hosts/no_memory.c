/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host with functions of its own in the place of the C library's: there is no memory, and no
 * thread. */
#include <pthread.h>
#include <stdlib.h>

void *malloc(size_t size)
{
    (void)size;
    return NULL;
}

void free(void *memory)
{
    (void)memory;
}

#include "work.h"

int main(void)
{
    wg_t wg = WG_INITIALIZER;
    int number = 0;
    HOPE(wg_go(&wg, count_up, &number) == EAGAIN && number == 0 && wg_count(&wg) == 0);
    work();
    return 0;
}
