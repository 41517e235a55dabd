/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host whose runtime has functions of a race detector's names, for other arguments: Go's,
 * built with -race.  To call them is a crash. */
#include <stdlib.h>

#include "work.h"

void __tsan_acquire(void *thread, void *address);
void __tsan_release(void *thread, void *address);

void __tsan_acquire(void *thread, void *address)
{
    (void)thread;
    (void)address;
    abort();
}

void __tsan_release(void *thread, void *address)
{
    (void)thread;
    (void)address;
    abort();
}

int main(void)
{
    work();
    in_child(work);
    return 0;
}
