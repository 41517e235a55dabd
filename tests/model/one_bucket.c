/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Two groups whose waiters share a bucket, their rounds ended by two threads; each waiter
 * sees the work of its own group's task.  With -DSTOPPED the waiters of the first group are
 * stopped while they sleep, and its task after its first post: the second group is not
 * concerned.
 *
 * Catches: the end of a round that forgets those of the other group that are yet to be
 * woken; a release of whoever has been taken in the bucket.
 */
// flags:
// flags: -DALIGN=4
// flags: -DSTOPPED
// flags: -DSTOPPED -DALIGN=4
#define WG_LOT_HELP 1
#include "groups.h"
#include "platform.h"

int main(void)
{
    pthread_t threads[4];
    make_groups();
    for (int i = 0; i < 4; i++) {
#ifdef STOPPED
        threads[i] = start(i % 2 == 0 ? wait_stopped_in : wait_in, i % 2);
#else
        threads[i] = start(wait_in, i % 2);
#endif
        await_parked(groups[i % 2], i / 2 + 1);
    }
#ifdef STOPPED
    pthread_t task = start(done_slowly_in, 0);
#else
    pthread_t task = start(done_in, 0);
#endif
    done_in((void *)1);
    end(threads[1]);
    end(threads[3]);
    resume();
    end(threads[0]);
    end(threads[2]);
    end(task);
    check_groups();
}
