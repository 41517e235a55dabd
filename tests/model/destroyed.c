/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Uses of a destroyed group are reported, each of them, also when several are made at the
 * same time; and they leave it destroyed.
 *
 * Catches: an addition to a destroyed group that is taken for one that drains it, or that
 * hides it from another call; an addition that is not undone.
 */
// flags: -DDELTA=1 -DOTHER=wg_wait
// flags: -DDELTA=VAST -DOTHER=wg_wait
// flags: -DDELTA=VAST -DOTHER=wg_trywait
// flags: -DDELTA=VAST -DOTHER=wg_done
// flags: -DDELTA=VAST -DOTHER=wg_done -DALIGN=4
// flags: -DDELTA=VAST -DOTHER=wg_destroy
// flags: -DDELTA=-1 -DOTHER=wg_destroy
#include "platform.h"

/* Brings the counter of a destroyed group to 0 for a moment. */
#define VAST (1 << 30)

static void *add_delta(void *unused)
{
    (void)unused;
    int result = wg_add(wg, DELTA);
    assert(result == EINVAL);
    return NULL;
}

static void *done(void *unused)
{
    (void)unused;
    int result = wg_done(wg);
    assert(result == EINVAL);
    return NULL;
}

int main(void)
{
    wg = group(0);
    int result = wg_destroy(wg);
    assert(result == 0);
    pthread_t first = start(add_delta, 0);
    pthread_t second = start(done, 0);
    result = OTHER(wg);
    assert(result == EINVAL);
    end(first);
    end(second);
    assert(misuses == 3);
    int count = wg_count(wg);
    assert(count == 0 && misuses == 4);
    assert(word(wg) == WG_DESTROYED);
    dispose(wg);
}
