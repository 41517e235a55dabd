/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host with no habit of its own: what is bad is how it is built, or where it is run. */
#include "work.h"

int main(void)
{
    work();
    in_child(work);
    work();
    return 0;
}
