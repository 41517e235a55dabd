/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that allows itself no system calls but futex() and clock_gettime(), in all
 * its threads, once they run: any other one kills it.  A wait, and what ends it,
 * need no more. */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "work.h"

#define ALLOW(number)                                                                      \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),                                     \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static wg_t gate = WG_INITIALIZER, begun = WG_INITIALIZER, rounds = WG_INITIALIZER;

static void use(void)
{
    const struct timespec past = {0, 0};
    int i;
    HOPE(wg_wait(&gate) == 0);
    for (i = 0; i < 1000; i++) {
        HOPE(wg_add(&rounds, 1) == 0);
        (void)!wg_timedwait(&rounds, &past);
        (void)!wg_clockwait(&rounds, CLOCK_MONOTONIC, &past);
        (void)!wg_reltimedwait(&rounds, &past);
        HOPE(wg_done(&rounds) == 0);
    }
}

static void *be_task(void *tasks)
{
    HOPE(wg_done(&begun) == 0);
    use();
    HOPE(wg_done((wg_t *)tasks) == 0);
    /* It never ends: that would take more calls. */
    wg_add(&gate, 1);
    wg_wait(&gate);
    return NULL;
}

int main(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(__NR_futex),
#ifdef __NR_futex_time64
        ALLOW(__NR_futex_time64),
        ALLOW(__NR_clock_gettime64),
#endif
        ALLOW(__NR_clock_gettime),
        ALLOW(__NR_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog filter = {sizeof rules / sizeof rules[0], rules};
    wg_t tasks = WG_INITIALIZER;
    int i;
    HOPE(wg_add(&gate, 1) == 0);
    for (i = 0; i < 3; i++) {
        pthread_t thread;
        HOPE(wg_add(&tasks, 1) == 0 && wg_add(&begun, 1) == 0);
        HOPE(pthread_create(&thread, NULL, be_task, &tasks) == 0);
    }
    /* What a thread needs to begin is not the library's. */
    HOPE(wg_wait(&begun) == 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
                &filter) != 0)
        return 77;
    HOPE(wg_done(&gate) == 0);
    HOPE(wg_wait(&tasks) == 0 && wg_destroy(&tasks) == 0);
    _exit(0);
}
