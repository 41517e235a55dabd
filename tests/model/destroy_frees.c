/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * wg_destroy() against the last task, and against a waiter that is known to be parked: if
 * it returns 0, the task's work is seen, and the group freed at once.
 *
 * Catches: wg_word_destroy() without acquire.
 */
// flags:
// flags: -DALIGN=4
// flags: -DTASKS=3
// flags: -DPARKED
// flags: -DPARKED -DTASKS=2 -DALIGN=4
// flags: -DPARKED -DTASKS=3
#include "platform.h"

#ifndef TASKS
#    define TASKS 1
#endif

int main(void)
{
    pthread_t tasks[TASKS];
    wg = group(TASKS);
#ifdef PARKED
    pthread_t parked = start(waiter, 0);
    await_parked(wg, 1);
#endif
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    int result = wg_destroy(wg);
    assert(result == 0 || result == EBUSY);
    if (result == 0)
        assert_payload(TASKS);
    else
        wait_and_see(TASKS);
    dispose(wg);
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
#ifdef PARKED
    end(parked);
#endif
    check_disposed(wg);
    assert(misuses == 0);
}
