/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Three groups whose waiters share a bucket.  They come in one order and their rounds end
 * in another, so that rings are taken out of the middle of the tree with others below them;
 * or the waiter at the root gives up (-DHASTY), the first of two of its group.
 *
 * Catches: uproot() or replace() that loses those below.
 */
// flags: -DSIDES={LEFT,RIGHT}
// flags: -DSIDES={LEFT,LEFT}
// flags: -DSIDES={RIGHT,RIGHT} -DALIGN=4
// flags: -DSIDES={LEFT,RIGHT} -DHASTY
// flags: -DSIDES={RIGHT,LEFT} -DHASTY -DGIVE_UP=BY_CANCELLATION
// flags: -DSIDES={LEFT,RIGHT} -DTASK
#define GROUPS 3
#define COUNT_PARKED
#define WG_LOT_HELP 1
#include "groups.h"
#include "platform.h"

static void *give_up_in_0(void *unused)
{
    (void)unused;
    wait_hastily(groups[0]);
    return NULL;
}

int main(void)
{
    pthread_t threads[5];
    int started = 0;
    make_groups();
#ifdef HASTY
    threads[started++] = start(give_up_in_0, 0);
    await_ever_parked(started);
#endif
    for (int i = 0; i < GROUPS; i++) {
        threads[started++] = start(wait_in, i);
        await_ever_parked(started);
    }
#ifdef TASK
    threads[started++] = start(done_in, 0);
#else
    done_in((void *)0);
#endif
    done_in((void *)1);
    done_in((void *)2);
    for (int i = 0; i < started; i++)
        end(threads[i]);
    check_groups();
}
