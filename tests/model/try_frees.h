/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* try_frees.h - a call that succeeds if the counter is 0, and else a wait; then the group
 * is freed.  The scenario defines attempt(wg). */
#ifndef TESTS_MODEL_TRY_FREES_H
#define TESTS_MODEL_TRY_FREES_H

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
    int result = attempt(wg);
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

#endif /* TESTS_MODEL_TRY_FREES_H */
