/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * busy.c - run a program beside as many others, all busy, as there are processors
 *
 *     busy PROGRAM [ARGUMENT...]
 *
 * They are of the same priority, are bound to nothing, and end with the program.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    cpu_set_t set;
    if (argc < 2 || sched_getaffinity(0, sizeof set, &set) != 0)
        return 2;
    const pid_t program = getpid();
    for (int i = CPU_COUNT(&set); i > 0; i--) {
        const pid_t other = fork();
        if (other < 0) {
            perror("fork");
            return 77;
        }
        if (other == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != program)
                return 0;
            for (;;)
                __asm__ __volatile__("");
        }
    }
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 127;
}
