/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* What values.c includes. */
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
};

void inspect(int farm, const wg_t *wg);
void fence(struct field *, const char *);

static inline void swap_names(struct field *a, struct field *b)
{
    const char *c = a->crop;
    a->crop = b->crop;
    b->crop = c;
}

#endif
