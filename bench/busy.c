/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * busy.c - run a program beside as many others, all busy, as there are processors
 *
 *     busy PROGRAM [ARGUMENT...]
 *
 * They are of the same priority, are bound to nothing, and end with the program.  All are
 * waited for, so that their processor time is that of this process and its children.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0 in the child, which does not outlive this process. */
static pid_t start(void)
{
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) {
        perror("fork");
        exit(77);
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(127);
    }
    return child;
}

int main(int argc, char **argv)
{
    cpu_set_t set;
    pid_t others[CPU_SETSIZE];
    if (argc < 2 || sched_getaffinity(0, sizeof set, &set) != 0)
        return 2;
    const int n = CPU_COUNT(&set);
    for (int i = 0; i < n; i++) {
        others[i] = start();
        if (others[i] == 0)
            for (;;)
                __asm__ __volatile__("");
    }
    const pid_t program = start();
    if (program == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    int status = 0;
    while (waitpid(program, &status, 0) < 0)
        ;
    for (int i = 0; i < n; i++)
        kill(others[i], SIGKILL);
    for (int i = 0; i < n; i++)
        waitpid(others[i], NULL, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
