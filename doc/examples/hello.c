/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* The smallest use of a wait group: cc hello.c $(pkg-config --cflags --libs waitgroup) */

#include <pthread.h>
#include <stdio.h>
#include <waitgroup.h>

static void *work(void *arg)
{
    puts("working");
    wg_done(arg);
    return NULL;
}

int main(void)
{
    wg_t wg = WG_INITIALIZER;
    pthread_t thread;
    for (int i = 0; i < 10; i++) {
        wg_add(&wg, 1);
        if (pthread_create(&thread, NULL, work, &wg) != 0)
            wg_done(&wg);
        else
            pthread_detach(thread);
    }
    wg_wait(&wg);
    puts("all done");
}
