/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host with all signals blocked, and with handlers on an alternate stack
 * while it waits. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "work.h"

static volatile sig_atomic_t handled;

static void handle(int signal_number)
{
    (void)signal_number;
    handled = handled + 1;
}

/* The thread of a task has the mask of its creator. */
static void look_at_mask(void *is_blocked)
{
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    *(int *)is_blocked = sigismember(&mask, SIGUSR1);
}

static void await_signals(void *unused)
{
    (void)unused;
    while (handled < 20)
        usleep(100);
}

int main(void)
{
    sigset_t all, none;
    wg_t wg = WG_INITIALIZER;
    int is_blocked = 0;
    sigfillset(&all);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    work();
    in_child(work);
    HOPE(wg_go(&wg, look_at_mask, &is_blocked) == 0);
    HOPE(wg_wait(&wg) == 0 && is_blocked == 1);

    /* No handler runs in the task. */
    HOPE(wg_go(&wg, await_signals, NULL) == 0);
    stack_t stack = {.ss_sp = malloc(64 * 1024), .ss_size = 64 * 1024};
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
    struct itimerval often = {{0, 500}, {0, 500}};
    HOPE(stack.ss_sp != NULL && sigaltstack(&stack, NULL) == 0);
    HOPE(sigaction(SIGALRM, &action, NULL) == 0);
    HOPE(setitimer(ITIMER_REAL, &often, NULL) == 0);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    HOPE(wg_wait(&wg) == 0 && handled >= 20);
    work();
    return 0;
}
