/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * The counter rises again, and falls, while the one that brought it to 0 is on its way into
 * reached_0().  A done that came before the end was seen by the waiters it released.
 *
 * Catches: wg_word_end_round() without acquire, or as a plain store.
 */
// flags:
// flags: -DALIGN=4
// flags: -DSECOND
// flags: -DSECOND -DALIGN=4
// flags: -DSECOND -DSPIN
#include "platform.h"

static uint64_t before_done;
static int worked, seen[2];

/* Add and done, with a look at the word that the done has met. */
static void *pair(void *unused)
{
    (void)unused;
    __atomic_store_n(&worked, 1, __ATOMIC_RELAXED);
    wg_add(wg, 1);
    before_done = wg_word_add(wg_word_of(wg), wg_word_tasks(-1));
    follow_up(wg, before_done, -1, "wg_done");
    return NULL;
}

static void *see(void *number)
{
    wait_and_see(0);
    seen[(intptr_t)number] = __atomic_load_n(&worked, __ATOMIC_RELAXED);
    return NULL;
}

int main(void)
{
    wg = group(1);
    pthread_t parked = start(see, 0);
    await_parked(wg, 1);
    pthread_t racing = start(pair, 0);
#ifdef SECOND
    pthread_t last = start(doner, 0); /* ends the round, or the second waiter does */
    see((void *)1);
    assert_payload(1);
    end(last);
#else
    wg_done(wg);
#endif
    end(parked);
    end(racing);
    if (wg_word_waiters(before_done) != 0)
        assert(seen[0] + seen[1] >= (int)wg_word_waiters(before_done));
    assert(word(wg) == 0);
    dispose(wg);
}
