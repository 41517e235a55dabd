/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * One done too many, against the last task and a waiter.  Exactly one of the two dones is
 * reported, whichever comes second, and undone; the waiter returns.
 *
 * Catches: an undo that does not end the round; a misuse that is not undone.
 */
// flags: -DDONES=2
// flags: -DDONES=2 -DSPIN
// flags: -DDONES=2 -DWAITER
// flags: -DDONES=3
// flags: -DDONES=3 -DALIGN=4
// flags: -DDONES=3 -DCOUNT
#include "platform.h"

static int results[DONES];

static void *done(void *number)
{
    results[(intptr_t)number] = wg_done(wg);
    return NULL;
}

int main(void)
{
    pthread_t dones[DONES];
    wg = group(DONES - 1);
    for (int i = 0; i < DONES; i++)
        dones[i] = start(done, i);
#ifdef WAITER
    pthread_t second = start(waiter, 0);
#endif
#ifdef COUNT
    int count = wg_count(wg);
    assert(count >= 0 && count < DONES);
#endif
    wait_and_see(0);
    int sum = 0;
    for (int i = 0; i < DONES; i++) {
        end(dones[i]);
        sum += results[i];
    }
#ifdef WAITER
    end(second);
#endif
    assert(sum == EINVAL && misuses == 1);
    assert(word(wg) == 0);
    dispose(wg);
}
