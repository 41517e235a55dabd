/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Threads that try to add a task, while others may add and finish some by plain calls.
 * None of the additions is lost.  Another thread, which only looks at the counter, reports
 * all of them done; whoever waits has seen what came before each addition all the same, and
 * frees the group at once.
 *
 * Catches: wg_word_tryadd() without release, or in two steps.
 */
// flags: -DTRIERS=1
// flags: -DTRIERS=2
// flags: -DTRIERS=2 -DALIGN=4
// flags: -DTRIERS=3
// flags: -DTRIERS=2 -DPAIR
#include "platform.h"

static void *trier(void *number)
{
    payload[(intptr_t)number] = 1;
    int result = wg_tryadd(wg, 1);
    assert(result == 0);
    return NULL;
}

#ifdef PAIR
static void *pair(void *unused)
{
    (void)unused;
    wg_add(wg, TRIERS + 1);
    wg_add(wg, -TRIERS - 1);
    return NULL;
}
#endif

static void *finisher(void *unused)
{
    (void)unused;
    await(wg_word_counter(word(wg)) == TRIERS + 1);
    wg_add(wg, -TRIERS - 1);
    return NULL;
}

int main(void)
{
    pthread_t triers[TRIERS];
    wg = group(1);
    for (int i = 0; i < TRIERS; i++)
        triers[i] = start(trier, i);
#ifdef PAIR
    pthread_t racing = start(pair, 0);
    end(racing);
#endif
    pthread_t last = start(finisher, 0);
    wait_and_see(TRIERS);
    dispose(wg);
    end(last);
    for (int i = 0; i < TRIERS; i++)
        end(triers[i]);
    check_disposed(wg);
}
