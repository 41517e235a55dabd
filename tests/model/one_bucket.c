/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Two groups whose waiters share a bucket, closed by two threads.  Waiters of one group
 * may be woken by those of the other, and each sees the work of its own group's task.
 *
 * Catches: a close that forgets those of the other group that are yet to be woken; a
 * release that is not passed on.
 */
// flags: -DWG_LOT_BATCH=1
// flags: -DWG_LOT_BATCH=1 -DALIGN=4
// flags: -DWG_LOT_BATCH=2
#include "platform.h"
#include "two_groups.h"

int main(void)
{
    pthread_t threads[4];
    make_two_groups();
    for (int i = 0; i < 4; i++) {
        threads[i] = start(wait_in, i % 2);
        await_parked(groups[i % 2], i / 2 + 1);
    }
    pthread_t task = start(done_in, 0);
    done_in((void *)1);
    for (int i = 0; i < 4; i++)
        end(threads[i]);
    end(task);
    check_two_groups();
}
