/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* two_groups.h - two groups, each with one task, whose waiters share a bucket */
#ifndef TESTS_MODEL_TWO_GROUPS_H
#define TESTS_MODEL_TWO_GROUPS_H

#include "platform.h"

static wg_t *groups[2];

static inline void make_two_groups(void)
{
    const int many = 1000;
    char *memory = malloc(many * sizeof(wg_t) + ALIGN);
    wg_t *array = (wg_t *)(memory + ALIGN);
    int i = 1;
    while (i < many && bucket_of(wg_sema_of(&array[i])) != bucket_of(wg_sema_of(&array[0])))
        i++;
    assert(i < many);
    groups[0] = &array[0];
    groups[1] = &array[i];
    wg_init(groups[0]);
    wg_init(groups[1]);
    wg_add(groups[0], 1);
    wg_add(groups[1], 1);
}

static inline void check_two_groups(void)
{
    assert(word(groups[0]) == 0 && word(groups[1]) == 0);
}

static inline void *wait_in(void *number)
{
    int result = wg_wait(groups[(intptr_t)number]);
    assert(result == 0);
    assert(payload[(intptr_t)number] == 1);
    return NULL;
}

static inline void *done_in(void *number)
{
    payload[(intptr_t)number] = 1;
    int result = wg_done(groups[(intptr_t)number]);
    assert(result == 0);
    return NULL;
}

#endif /* TESTS_MODEL_TWO_GROUPS_H */
