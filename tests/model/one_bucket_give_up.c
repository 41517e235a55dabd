/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Two groups whose waiters share a bucket, and one of the waiters gives up:
 *
 *   CASE 1   one waiter on each group, all unordered
 *   CASE 2   the first of two waiters on a group that comes second in the bucket
 *   CASE 3   the first of two waiters on a group that comes first in the bucket
 *
 * Catches: wg_lot_leave() that loses the rings of other groups (CASE 3); giving up that
 * does not unregister.
 */
// flags: -DCASE=1 -DWG_LOT_HELP=1
// flags: -DCASE=1 -DWG_LOT_HELP=1 -DGIVE_UP=BY_CANCELLATION
// flags: -DCASE=2 -DWG_LOT_HELP=1
// flags: -DCASE=2 -DWG_LOT_HELP=1 -DGIVE_UP=BY_BOTH -DALIGN=4
// flags: -DCASE=3 -DWG_LOT_HELP=1
// flags: -DCASE=3 -DWG_LOT_HELP=1 -DGIVE_UP=BY_CANCELLATION
#if CASE == 3
#    define COUNT_PARKED
#endif
#include "groups.h"
#include "platform.h"

static void *give_up_in(void *number)
{
    wait_hastily(groups[(intptr_t)number]);
    return NULL;
}

int main(void)
{
    make_groups();
#if CASE == 1
    pthread_t hasty = start(give_up_in, 1);
    pthread_t patient = start(wait_in, 0);
    pthread_t task = start(done_in, 0);
    done_in((void *)1);
    end(task);
#elif CASE == 2
    pthread_t other = start(wait_in, 1);
    await_parked(groups[1], 1);
    pthread_t hasty = start(give_up_in, 0);
    pthread_t patient = start(wait_in, 0);
    pthread_t task = start(done_in, 1);
    done_in((void *)0);
    end(other);
    end(task);
#else
    pthread_t hasty = start(give_up_in, 0);
    await_ever_parked(1);
    pthread_t patient = start(wait_in, 0);
    pthread_t other = start(wait_in, 1);
    done_in((void *)0);
    done_in((void *)1);
    end(other);
#endif
    end(hasty);
    end(patient);
    check_groups();
}
