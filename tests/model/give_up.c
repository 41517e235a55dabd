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
// flags: -DGIVE_UP=BY_CANCELLATION
// flags: -DGIVE_UP=BY_BOTH
// flags: -DLATE
#ifdef LATE
static void await_drained(void);
#    define BEFORE_DEADLINE() await_drained()
#endif
#include "platform.h"

#ifdef LATE
static void await_drained(void)
{
    await(wg_word_counter(word(wg)) == 0);
}
#endif

int main(void)
{
    wg = group(1);
    pthread_t task = start(doner, 0);
    int result = wait_hastily(wg);
#ifdef LATE
    assert(result == 0);
#else
    assert(result == 0 || result == GIVEN_UP);
#endif
    if (result != 0)
        wait_and_see(1);
    else
        assert_payload(1);
    dispose(wg);
    end(task);
    check_disposed(wg);
}
