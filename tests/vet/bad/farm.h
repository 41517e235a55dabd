/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* What copies.c includes: the rules have to know these types there, and check
 * this file too. */
#ifndef FARM_H
#define FARM_H

#include <stdlib.h>
#include <waitgroup.h>

struct field {
    const char *crop;
    wg_t wg;
};

struct farm {
    const char *name;
    struct field fields[2];
    struct farm *next;
    void *spare;
};

void inspect(int farm, wg_t wg); /* bad: passed by value */
void fence(struct field);        /* bad: passed by value */

static inline void swap_fields(struct field *a, struct field *b)
{
    struct field c = *a; /* bad: copied by assignment */
    *a = *b;             /* bad: copied by assignment */
    *b = c;              /* bad: copied by assignment */
}

#endif
