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
// flags: -DPARKED
#include "platform.h"

int main(void)
{
    wg = group(1);
#ifdef PARKED
    pthread_t parked = start(waiter, 0);
    await_parked(wg, 1);
#endif
    pthread_t task = start(doner, 0);
    int result = wg_destroy(wg);
    assert(result == 0 || result == EBUSY);
    if (result == 0)
        assert_payload(1);
    else
        wait_and_see(1);
    dispose(wg);
    end(task);
#ifdef PARKED
    end(parked);
#endif
    check_disposed(wg);
    assert(misuses == 0);
}
