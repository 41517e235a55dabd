/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A waiter that may give up, and the task: it has seen the task's work if it returns 0, and
 * frees the group at once.  The task may be anywhere, in particular between its addition
 * and the lock.
 *
 * With -DLATE, the time is over when the counter is known to be 0, and the task may be
 * stopped before the lock, or before its post: then the wait has succeeded.
 *
 * Catches: wg_word_unregister() without acquire; a result that is not that of the counter.
 */
// flags:
// flags: -DALIGN=4
// flags: -DSPIN
// flags: -DGIVE_UP=BY_CANCELLATION
// flags: -DGIVE_UP=BY_BOTH
// flags: -DTASKS=2 -DGIVE_UP=BY_BOTH
// flags: -DTASKS=3
// flags: -DLATE
// flags: -DLATE -DTASKS=2
// flags: -DTASKS=2 -DCLOSED
#ifdef LATE
static void await_drained(void);
#    define BEFORE_DEADLINE() await_drained()
#endif
#include "platform.h"

#ifndef TASKS
#    define TASKS 1
#endif

#ifdef LATE
static void await_drained(void)
{
    await(wg_word_counter(word(wg)) == 0);
}
#endif

int main(void)
{
    pthread_t tasks[TASKS];
    wg = group(TASKS);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    int result = wait_hastily(wg);
#ifdef LATE
    assert(result == 0);
#else
    assert(result == 0 || result == GIVEN_UP);
#endif
    if (result != 0)
        wait_and_see(TASKS);
    else
        assert_payload(TASKS);
    dispose(wg);
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
    check_disposed(wg);
}
