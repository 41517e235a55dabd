/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * wg_destroy() against a wait and the task: as if one came after the other.  A wait that
 * comes second is reported; one that is in progress makes wg_destroy() return EBUSY.
 *
 * Catches: wg_word_destroy() without acquire, or one that says that it has destroyed the
 * group and has not; a destroyed group that a wait takes for one to wait for, or for one
 * with a round to end.
 */
// flags: -DWAIT=wg_wait
// flags: -DWAIT=wg_wait -DALIGN=4
// flags: -DWAIT=wg_wait -DSPIN
// flags: -DWAIT=wg_trywait
// flags: -DWAIT=wait_hastily
// flags: -DWAIT=wait_hastily -DGIVE_UP=BY_BOTH
#include "platform.h"

static int outcome;

static void *wait_once(void *unused)
{
    (void)unused;
    outcome = WAIT(wg);
    if (outcome == 0)
        assert_payload(1);
    return NULL;
}

int main(void)
{
    wg = group(1);
    pthread_t task = start(doner, 0);
    pthread_t waiting = start(wait_once, 0);
    int result = wg_destroy(wg);
    assert(result == 0 || result == EBUSY);
    if (result == 0)
        assert_payload(1);
    end(task);
    end(waiting);
    assert(misuses == (outcome == EINVAL));
    assert(outcome != EINVAL || result == 0);
    assert(word(wg) == (result == 0 ? WG_DESTROYED : 0));
    dispose(wg);
}
