/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A group that is closed: whoever tries is counted, or refused, and looks at which
 * of the two. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <waitgroup.h>

struct server {
    wg_t requests;
    int refused;
};

/* A thread that is there anyway may try: the group is closed before the wait. */
static void *serve(void *arg)
{
    struct server *server = arg;
    if (wg_tryadd(&server->requests, 1) != 0)
        return NULL;
    puts("serving");
    wg_done(&server->requests);
    return NULL;
}

static void *serve_many(void *arg)
{
    struct server *server = arg;
    while (wg_tryadd(&server->requests, 1) == 0)
        wg_done(&server->requests);
    return NULL;
}

static int come_in(struct server *server)
{
    int error = wg_tryadd(&server->requests, 1), again;
    server->refused += error != 0;
    again = error == 0 ? wg_tryadd(&server->requests, 1) : error;
    if ((error = again) == 0 && !wg_tryadd(&server->requests, 1))
        wg_add(&server->requests, -2);
    switch (wg_tryadd(&server->requests, 2)) {
    case 0:
        wg_add(&server->requests, -2);
        break;
    default:
        return wg_tryadd(&server->requests, 1);
    }
    return error;
}

static void leave(wg_t *wg)
{
    if (wg_done_last(wg) == WG_DRAINED)
        free(wg);
}

int main(void)
{
    static struct server server;
    wg_t *wg = calloc(1, sizeof *wg);
    pthread_t thread;
    if (wg == NULL || pthread_create(&thread, NULL, serve, &server) != 0 ||
        pthread_create(&thread, NULL, serve_many, &server) != 0)
        return 1;
    if (come_in(&server) == 0)
        wg_done(&server.requests);
    wg_close(&server.requests);
    wg_wait(&server.requests);
    if (wg_tryadd(wg, 1) == 0)
        leave(wg);
    if (wg_close(wg) == WG_DRAINED)
        free(wg);
}
