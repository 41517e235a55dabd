/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * One done too many, against the last task and a waiter.  Exactly one of the two dones is
 * reported, whichever comes second, and undone; the waiter returns.
 *
 * Catches: an undo that does not close; a misuse that is not undone.
 */
// flags:
// flags: -DCOUNT
#include "platform.h"

static int results[2];

static void *done(void *number)
{
    results[(intptr_t)number] = wg_done(wg);
    return NULL;
}

int main(void)
{
    wg = group(1);
    pthread_t first = start(done, 0);
    pthread_t second = start(done, 1);
#ifdef COUNT
    int count = wg_count(wg);
    assert(count == 0 || count == 1);
#endif
    wait_and_see(0);
    end(first);
    end(second);
    assert(results[0] + results[1] == EINVAL && misuses == 1);
    assert(word(wg) == 0);
    dispose(wg);
}
