/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * unconfigured.h - in place of config.h, where all parts are one file
 *
 * scripts/amalgamate makes that file.  What configure finds out by programs, this one
 * concludes from what the compiler and the C library define.  Where that does not say
 * enough, it chooses what works everywhere: condition variables, and no extension.
 */
#ifndef WG_UNCONFIGURED_H
#define WG_UNCONFIGURED_H

/* All that the system has, unless the program has read its headers without that already. */
#ifndef _GNU_SOURCE
#    ifdef _FEATURES_H /* of glibc and of musl */
#        define WG_NO_EXTENSIONS
#    endif
#    define _GNU_SOURCE 1
#endif
#ifndef _DARWIN_C_SOURCE
#    define _DARWIN_C_SOURCE 1
#endif
#ifndef _NETBSD_SOURCE
#    define _NETBSD_SOURCE 1
#endif
#ifndef __EXTENSIONS__
#    define __EXTENSIONS__ 1
#endif

/* Where programs choose the size of time_t, that of this file has 64 bits, and the timed
 * waits are there for both sizes.  A program that includes this file makes the choice
 * itself. */
#if !defined(WG_STATIC) && !defined(_TIME_BITS) && !defined(_FEATURES_H)
#    define _TIME_BITS 64
#    ifndef _FILE_OFFSET_BITS
#        define _FILE_OFFSET_BITS 64
#    endif
#endif

#include <pthread.h>
#include <time.h>

#ifndef CLOCK_MONOTONIC
#    error "include waitgroup.c before the headers of the system, or define _GNU_SOURCE"
#endif

#if !defined(WG_STATIC) && defined(__TIMESIZE) && __TIMESIZE == 32 &&                      \
    defined(__USE_TIME_BITS64)
#    define WG_TIME32 1
#endif

/* On Linux, semaphores work within a process, and a wait that is cancelled takes no
 * post.  Who knows that this is so elsewhere defines it as 1.  To define it as 0 is
 * right everywhere. */
#ifndef WG_PARK_ON_SEMAPHORES
#    ifdef __linux__
#        define WG_PARK_ON_SEMAPHORES 1
#    endif
#elif !(WG_PARK_ON_SEMAPHORES + 0)
#    undef WG_PARK_ON_SEMAPHORES
#endif

#if defined(__GLIBC__) && !defined(__UCLIBC__) && !defined(WG_NO_EXTENSIONS)
#    if __GLIBC_PREREQ(2, 30) && defined(WG_PARK_ON_SEMAPHORES)
#        define HAVE_SEM_CLOCKWAIT 1
#    endif
#    if __GLIBC_PREREQ(2, 18)
#        define HAVE_PTHREAD_GETATTR_DEFAULT_NP 1
#    endif
#endif

#if defined(__APPLE__) || defined(_WIN32)
#    define HAVE_PTHREAD_COND_TIMEDWAIT_RELATIVE_NP 1
#endif

/* Helgrind and DRD are told what happens, if Valgrind's headers are there.  To define it
 * as 0 leaves that out. */
#ifndef WG_VALGRIND
#    define WG_VALGRIND 1
#endif
#if WG_VALGRIND && defined(__has_include)
#    if __has_include(<valgrind/drd.h>)
#        define HAVE_VALGRIND_DRD_H 1
#    endif
#endif
#if defined(__linux__) && !defined(WG_NO_EXTENSIONS)
#    define HAVE_PTHREAD_GETATTR_NP 1
#endif

/* All parts are one file. */
#ifndef WG_INTERNAL
#    define WG_INTERNAL static
#    define WG_INTERNAL_OBJECT static
#endif

#endif /* WG_UNCONFIGURED_H */
