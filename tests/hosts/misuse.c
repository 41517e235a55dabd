/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that misuses a group, after it has done things to its stderr; or with "assert",
 * one with an assertion that fails, which has to look the same. */
#define _GNU_SOURCE
#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "work.h"

static void ignore(int signal_number)
{
    (void)signal_number;
}

/* The habits. */
static void prepare(const char *habit)
{
    static char buffer[4096];
    if (strcmp(habit, "buffered") == 0) {
        setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
        fputs("before\n", stderr);
    } else if (strcmp(habit, "wide") == 0) {
        fwide(stderr, 1);
    } else if (strcmp(habit, "wide, buffered") == 0) {
        setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
        fputws(L"before\n", stderr);
    } else if (strcmp(habit, "locked") == 0) {
        flockfile(stderr);
    } else if (strcmp(habit, "cancelled") == 0) {
        pthread_cancel(pthread_self());
    } else if (strcmp(habit, "SIGABRT blocked") == 0) {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, NULL);
    } else if (strcmp(habit, "SIGABRT ignored") == 0) {
        signal(SIGABRT, SIG_IGN);
    } else if (strcmp(habit, "SIGABRT handled") == 0) {
        signal(SIGABRT, ignore);
    } else if (strcmp(habit, "another") == 0) {
#ifdef __GLIBC__
        stderr = fdopen(dup(2), "w");
        HOPE(stderr != NULL);
#endif
    } else {
        HOPE(strcmp(habit, "none") == 0);
    }
}

int main(int argc, char **argv)
{
    wg_t wg = WG_INITIALIZER;
    HOPE(argc == 3);
    prepare(argv[1]);
    if (strcmp(argv[2], "assert") == 0)
        assert(!"negative counter: more done than added");
    wg_done(&wg);
    return 1;
}
