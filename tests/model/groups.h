/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* groups.h - several groups, each with one task, whose waiters share a bucket */
#ifndef TESTS_MODEL_GROUPS_H
#define TESTS_MODEL_GROUPS_H

#include "platform.h"

#ifndef GROUPS
#    define GROUPS 2
#endif

static wg_t *groups[GROUPS];

/* Where the keys of more than two stand in a tree: the first one at its root, if it is
 * there, and the others below it at its left or right. */
#define LEFT 0
#define RIGHT 1
/* clang-format off */
#ifndef SIDES
#    define SIDES {LEFT, LEFT}
#endif
/* clang-format on */

static inline bool fits(const void *root, const void *key, int side)
{
    const uint64_t one = hash_of(root), other = hash_of(key);
    return one >> (64 - BUCKET_BITS) == other >> (64 - BUCKET_BITS) &&
           (GROUPS == 2 || (int)(other << BUCKET_BITS >> 63) == side);
}

static inline void make_groups(void)
{
    static const int sides[] = SIDES;
    const int many = 8000;
    char *memory = malloc(many * sizeof(wg_t) + ALIGN);
    wg_t *array = (wg_t *)(memory + ALIGN);
    int found = 0;
    for (int i = 0; i < many && found < GROUPS; i++)
        if (found == 0 ||
            fits(wg_sema_of(groups[0]), wg_sema_of(&array[i]), sides[found - 1]))
            groups[found++] = &array[i];
    assert(found == GROUPS);
    for (int i = 0; i < GROUPS; i++) {
        wg_init(groups[i]);
        wg_add(groups[i], 1);
    }
    wg_lot_unlock(wg_lot_lock(wg_sema_of(groups[0])));
}

static inline void check_groups(void)
{
    for (int i = 0; i < GROUPS; i++)
        assert(word(groups[i]) == 0);
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

static inline void *wait_stopped_in(void *number)
{
    stop_asleep = true;
    return wait_in(number);
}

static inline void *done_slowly_in(void *number)
{
    stop_before_lock = 2;
    return done_in(number);
}

#endif /* TESTS_MODEL_GROUPS_H */
