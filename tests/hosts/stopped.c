/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that others stop and let go on while its threads sleep in waits: as a shell does,
 * and as a debugger does.  No wait ends by that. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "work.h"

static wg_t gate = WG_INITIALIZER;

static void wait_long(void *unused)
{
    const struct timespec hour = {3600, 0};
    (void)unused;
    HOPE(wg_reltimedwait(&gate, &hour) == 0);
}

static void wait_for_ever(void *unused)
{
    (void)unused;
    HOPE(wg_wait(&gate) == 0);
}

/* Ends when it is told to, by a byte. */
static void sleep_until_told(int in, int out)
{
    wg_t tasks = WG_INITIALIZER;
    char byte = 0;
    HOPE(wg_add(&gate, 1) == 0);
    HOPE(wg_go(&tasks, wait_long, NULL) == 0 && wg_go(&tasks, wait_for_ever, NULL) == 0);
    HOPE(write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1);
    HOPE(wg_count(&tasks) == 2);
    HOPE(wg_done(&gate) == 0 && wg_wait(&tasks) == 0);
    work();
    _exit(0);
}

static void stop_and_continue(pid_t child)
{
    int status = 0;
    HOPE(kill(child, SIGSTOP) == 0);
    HOPE(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    HOPE(kill(child, SIGCONT) == 0);
}

/* Returns whether it is allowed to. */
static int trace(pid_t child)
{
    int status = 0;
    if (ptrace(PTRACE_ATTACH, child, NULL, NULL) != 0)
        return 0;
    HOPE(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    HOPE(ptrace(PTRACE_DETACH, child, NULL, NULL) == 0);
    return 1;
}

int main(void)
{
    int to[2], from[2], status = 0, i;
    char byte = 0;
    HOPE(pipe(to) == 0 && pipe(from) == 0);
    pid_t child = fork();
    HOPE(child >= 0);
    if (child == 0)
        sleep_until_told(to[0], from[1]);
    HOPE(read(from[0], &byte, 1) == 1);
    for (i = 0; i < 20; i++) {
        stop_and_continue(child);
        trace(child);
    }
    HOPE(write(to[1], &byte, 1) == 1);
    HOPE(waitpid(child, &status, 0) == child && status == 0);
    return 0;
}
