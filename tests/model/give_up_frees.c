/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * A waiter gives up after the counter has become 0 and while another one is parked: its
 * wait has succeeded, so the other is released, and the group freed at once.
 *
 * Catches: giving up that returns 0 and leaves the end to the task; wg_word_end_round()
 * without release.
 */
// flags:
// flags: -DALIGN=4
// flags: -DGIVE_UP=BY_BOTH
// flags: -DTASKS=2 -DALIGN=4
// flags: -DTASKS=2 -DSPIN
// flags: -DTASKS=3
// flags: -DTASKS=2 -DCLOSED
#include "platform.h"

#ifndef TASKS
#    define TASKS 1
#endif

int main(void)
{
    pthread_t tasks[TASKS];
    wg = group(TASKS);
    pthread_t parked = start(waiter, 0);
    await_parked(wg, 1);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    int result = wait_hastily(wg);
    assert(result == 0 || result == GIVEN_UP);
    if (result != 0)
        wait_and_see(TASKS);
    else
        assert_payload(TASKS);
    dispose(wg);
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
    end(parked);
    check_disposed(wg);
}
