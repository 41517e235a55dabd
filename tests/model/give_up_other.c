/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A waiter gives up, and another one, which may free the group: at once if the first is
 * known to have parked (-DPARKED), otherwise when it has ended.
 *
 * Catches: wg_word_unregister() without release, or outside of the lock; giving up that
 * does not wait for its post; that looks at the word again after unregistering; that may
 * be cancelled while it waits for its post (with both).
 */
// flags: -DPARKED
// flags: -DPARKED -DGIVE_UP=BY_CANCELLATION
// flags: -DPARKED -DGIVE_UP=BY_BOTH
// flags: -DPARKED -DALIGN=4
// flags: -DPARKED -DSPIN
// flags: -DPARKED -DTASKS=2 -DGIVE_UP=BY_BOTH
// flags:
// flags: -DGIVE_UP=BY_CANCELLATION
// flags: -DSPIN
// flags: -DTASKS=2
// flags: -DPARKED -DCLOSED
#ifdef PARKED
#    define COUNT_PARKED
#endif
#include "platform.h"

#ifndef TASKS
#    define TASKS 1
#endif

int main(void)
{
    pthread_t tasks[TASKS];
    wg = group(TASKS);
    pthread_t hasty = start(hasty_waiter, 0);
#ifdef PARKED
    await_ever_parked(1);
#endif
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    wait_and_see(TASKS);
#ifdef PARKED
    dispose(wg);
    end(hasty);
#else
    end(hasty);
    dispose(wg);
#endif
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
    check_disposed(wg);
}
