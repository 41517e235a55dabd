/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * absent.h - what the tests name of POSIX, where configure has not found it: on Windows
 *
 * Pages of memory and alarms are made of what there is.  Processes and signals are only
 * declared, so that all tests compile; those that are about them are skipped (NEEDS_FORK,
 * NEEDS_SIGNALS).
 */
#ifndef TESTS_ABSENT_H
#define TESTS_ABSENT_H

#include <config.h>

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * Pages.
 */
#ifdef HAVE_MMAP
#    include <sys/mman.h>
#else
#    define PROT_NONE 0
#    define PROT_READ 1
#    define PROT_WRITE 2
#    define MAP_PRIVATE 0
#    define MAP_ANONYMOUS 0
#    define MAP_FAILED NULL

/* Windows' own, without its header, which is full of other names. */
__declspec(dllimport) void *__stdcall VirtualAlloc(void *, size_t, unsigned long,
                                                   unsigned long);
__declspec(dllimport) int __stdcall VirtualProtect(void *, size_t, unsigned long,
                                                   unsigned long *);
__declspec(dllimport) int __stdcall VirtualFree(void *, size_t, unsigned long);

static inline unsigned long protection(int access)
{
    enum { PAGE_NOACCESS_ = 1, PAGE_READONLY_ = 2, PAGE_READWRITE_ = 4 };
    return access == PROT_NONE   ? PAGE_NOACCESS_
           : access == PROT_READ ? PAGE_READONLY_
                                 : PAGE_READWRITE_;
}

static inline void *mmap(void *where, size_t size, int access, int flags, int file,
                         int64_t offset)
{
    enum { MEM_COMMIT_ = 0x1000, MEM_RESERVE_ = 0x2000 };
    (void)flags;
    (void)file;
    (void)offset;
    return VirtualAlloc(where, size, MEM_RESERVE_ | MEM_COMMIT_, protection(access));
}

static inline int mprotect(void *page, size_t size, int access)
{
    unsigned long before;
    return VirtualProtect(page, size, protection(access), &before) ? 0 : -1;
}

static inline int munmap(void *page, size_t size)
{
    enum { MEM_RELEASE_ = 0x8000 };
    (void)size;
    return VirtualFree(page, 0, MEM_RELEASE_) ? 0 : -1;
}
#endif

/*
 * Alarms.
 */
#if !HAVE_DECL_ALARM
static inline void *sound_the_alarm(void *seconds)
{
    struct timespec left = {(time_t)(intptr_t)seconds, 0};
    nanosleep(&left, NULL);
    fputs("Alarm clock\n", stderr);
    abort();
}

static inline unsigned alarm(unsigned seconds)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, sound_the_alarm, (void *)(intptr_t)seconds) !=
        0)
        abort();
    pthread_attr_destroy(&attributes);
    return 0;
}
#endif

/*
 * Processes.
 */
#ifdef HAVE_FORK
#    include <sys/wait.h>
#    define NEEDS_FORK(test) cmocka_unit_test(test)
#else
#    define NEEDS_FORK(test) SKIPPED(test, "there is no fork()")
#    define fork() (-(pid_t)1)
#    define pipe(ends) ((ends)[0] = (ends)[1] = -1, 0)
#    define setenv(name, value, overwrite) ((void)0)
#    define execl(...) ((void)0)
#    define waitpid(child, status, options) (*(status) = 0, (child))
#    define WIFEXITED(status) ((status) == 0)
#    define WIFSIGNALED(status) ((status) != 0)
#    define WEXITSTATUS(status) (status)
#    define WTERMSIG(status) (status)
#    define _SC_PAGESIZE 0
#    define sysconf(name) 4096
#endif

/*
 * Signals.
 */
#ifdef HAVE_SIGACTION
#    define NEEDS_SIGNALS(test) cmocka_unit_test(test)
#else
#    define NEEDS_SIGNALS(test) SKIPPED(test, "there are no signals between threads")
#    define SIGUSR1 30
#    define SIGUSR2 31
#    define SIGALRM 14
#    define SIGKILL 9
#    define SA_RESTART 1
#    define sigset_t int
#    define sigemptyset(set) (*(set) = 0)
#    define sigaddset(set, number) ((void)(set))
#    define sigismember(set, number) (*(set))
#    undef SIG_SETMASK
#    define SIG_SETMASK 0
#    undef pthread_sigmask
#    define pthread_sigmask(how, set, before) ((void)(set), (void)(before))

struct sigaction {
    void (*sa_handler)(int);
    int sa_flags;
};

static inline int sigaction(int number, const struct sigaction *action,
                            struct sigaction *before)
{
    (void)number;
    (void)action;
    (void)before;
    return 0;
}
#endif

/* Whose formats printf() knows: what GCC calls so there is Microsoft's. */
#ifdef __MINGW_PRINTF_FORMAT
#    define PRINTF __MINGW_PRINTF_FORMAT
#else
#    define PRINTF printf
#endif

/* As be_skipped() is in its place, but the test is not without use. */
/* clang-format off */
#define SKIPPED(test, reason) \
    { #test " # SKIP " reason, 0 ? (test) : be_skipped, NULL, NULL, NULL }
/* clang-format on */

#endif /* TESTS_ABSENT_H */
