/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * wg_close() against wg_destroy(), as if one came after the other: a close in between does
 * not keep the group from being destroyed, and one that comes second is reported.  With
 * tasks, or a waiter that is known to be parked, wg_destroy() may also return EBUSY.  If it
 * returns 0, the work of the tasks is seen.
 *
 * Catches: wg_word_destroy() that gives up, or says that it has destroyed the group and has
 * not, when it is closed meanwhile; a close of a destroyed group that is not reported.
 */
// flags:
// flags: -DALIGN=4
// flags: -DCLOSERS=2
// flags: -DTASKS=1
// flags: -DTASKS=2 -DALIGN=4
// flags: -DTASKS=1 -DPARKED
// flags: -DTASKS=1 -DPARKED -DALIGN=4
#include "platform.h"

#ifndef CLOSERS
#    define CLOSERS 1
#endif
#ifndef TASKS
#    define TASKS 0
#endif

static int results[CLOSERS];

static void *closer(void *number)
{
    results[(intptr_t)number] = wg_close(wg);
    return NULL;
}

int main(void)
{
    pthread_t closers[CLOSERS], tasks[TASKS + 1];
    wg = group(TASKS);
#ifdef PARKED
    pthread_t parked = start(waiter, 0);
    await_parked(wg, 1);
#endif
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(doner, i);
    for (int i = 0; i < CLOSERS; i++)
        closers[i] = start(closer, i);
    int result = wg_destroy(wg);
    assert(result == 0 || (result == EBUSY && TASKS > 0));
    if (result == 0)
        assert_payload(TASKS);
    int late = 0, drained = 0;
    for (int i = 0; i < CLOSERS; i++) {
        end(closers[i]);
        late += results[i] == EINVAL;
        drained += results[i] == WG_DRAINED;
    }
    for (int i = 0; i < TASKS; i++)
        end(tasks[i]);
#ifdef PARKED
    end(parked);
#endif
    assert(misuses == late && (late == 0 || result == 0));
    assert(drained == (late < CLOSERS) || (TASKS > 0 && drained == 0));
    assert(word(wg) == (result == 0 ? WG_DESTROYED : WG_CLOSED));
    dispose(wg);
}
