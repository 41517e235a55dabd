/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that is at work before any constructor has run, those of the library included. */
#include "work.h"

static void at_work(void)
{
    work();
    in_child(work);
}

static __attribute__((section(".preinit_array"), used)) void (*first)(void) = at_work;

int main(void)
{
    work();
    in_child(work);
    return 0;
}
