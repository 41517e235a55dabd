/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * An addition that takes the counter above INT32_MAX, or just not, against the last task
 * and a waiter, or (-DONE) against one task of many.
 *
 * Catches: an undo that does not end the round; a misuse that is not undone.
 */
// flags:
// flags: -DALIGN=4
// flags: -DSPIN
// flags: -DONE
#include "platform.h"

static void *last(void *unused)
{
    (void)unused;
    payload[0] = 1;
    int result = wg_add(wg, -INT_MAX);
    assert(result == 0);
    return NULL;
}

static int add_one(void)
{
    int result = wg_add(wg, 1);
    assert(result == EOVERFLOW ? misuses == 1 : result == 0 && misuses == 0);
    return result;
}

static void *add_one_and_done(void *unused)
{
    (void)unused;
    if (add_one() == 0)
        wg_done(wg);
    return NULL;
}

int main(void)
{
    wg = group(INT_MAX);
#ifdef ONE
    pthread_t task = start(doner, 0);
    int result = add_one();
    end(task);
    assert(word(wg) == wg_word_tasks(result == 0 ? INT_MAX : INT_MAX - 1));
#else
    pthread_t task = start(last, 0);
    pthread_t over = start(add_one_and_done, 0);
    wait_and_see(1);
    end(task);
    end(over);
    assert(word(wg) == 0);
#endif
    dispose(wg);
}
