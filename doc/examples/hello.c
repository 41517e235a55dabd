/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* The smallest use of a wait group: cc hello.c $(pkg-config --cflags --libs waitgroup) */

#include <errno.h>
#include <stdio.h>
#include <waitgroup.h>

static void work(void *number)
{
    printf("task %d\n", *(int *)number);
}

int main(void)
{
    wg_t wg = WG_INITIALIZER;
    int numbers[] = {1, 2, 3};
    for (int i = 0; i < 3; i++)
        if (wg_go(&wg, work, &numbers[i]) == EAGAIN)
            work(&numbers[i]);
    wg_wait(&wg);
    puts("all done");
}
