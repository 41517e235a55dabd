/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * annotate.h - tell race detectors and AddressSanitizer what they cannot see
 *
 * Helgrind and DRD run any program and understand pthreads, but not atomics.
 * ThreadSanitizer understands the atomics that it has compiled, and the installed library
 * is not among them.  To all three, a task's work and what follows a wait would be a data
 * race.  So where one of them is at work, the library tells it what happens before what, in
 * the terms of the interface: each addition before each wait, wg_destroy(), wg_done_last()
 * and wg_close() that has seen the counter at 0; a close before the calls that it refuses,
 * and before WG_DRAINED; and the setting of a misuse handler before its calls.
 *
 * AddressSanitizer sees the accesses that it has compiled.  So where it is at work, the
 * library asks it whether the memory of a group may be accessed, and if not lets it report
 * that.
 *
 * Where no tool is at work, each of these functions is the test of a flag, or nothing.  A
 * library that is compiled by ThreadSanitizer has none of them, so that its atomics are
 * checked as they are.
 */
#ifndef WG_ANNOTATE_H
#define WG_ANNOTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "internal.h"

#if defined(__SANITIZE_THREAD__)
#    define WG_COMPILED_BY_DETECTOR
#elif defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define WG_COMPILED_BY_DETECTOR
#    endif
#endif

/* For functions that run before a thread has declared its thread-local storage as new.  The
 * stack protector would look at its value there, which the C library has just written. */
#if defined(__has_attribute)
#    if __has_attribute(no_stack_protector)
#        define WG_UNPROTECTED __attribute__((no_stack_protector))
#    endif
#endif
#ifndef WG_UNPROTECTED
#    define WG_UNPROTECTED
#endif

#ifdef WG_COMPILED_BY_DETECTOR
#    define wg_detector_at_work false
#    define wg_tool_at_work false
#    define wg_access(memory, size) ((void)(memory))
#    define wg_unchecked(memory, size) ((void)0)
#    define wg_look_away(away) ((void)0)
#    define wg_thread(ends) ((void)0)
#    define wg_tell_before(object) ((void)(object))
#    define wg_tell_after(object) ((void)(object))
/* ThreadSanitizer knows sem_post(), but not sem_clockwait(), which has taken the post. */
void __tsan_acquire(void *object);
#    define wg_post_taken(semaphore) __tsan_acquire(semaphore)
#else
#    define wg_post_taken(semaphore) ((void)0)
/* Constant once the library has been loaded: is a race detector at work, and is any
 * tool? */
WG_INTERNAL_OBJECT bool wg_detector_at_work;
WG_INTERNAL_OBJECT bool wg_tool_at_work;

/* This memory of the program's is about to be accessed, by atomics. */
WG_INTERNAL __attribute__((cold)) void wg_access(void *memory, size_t size);

/* This memory is for atomics only, until it becomes something else. */
WG_INTERNAL __attribute__((cold)) void wg_unchecked(const void *memory, size_t size);

/* When the C library creates a thread, it may give it what an ended thread had: the stack,
 * the thread-local storage, and the table of that.  Valgrind does not know the lock by
 * which it does so.
 *
 * From wg_look_away(true) to wg_look_away(false), Valgrind reports nothing that the calling
 * thread does.  This is for pthread_create(), where only the C library is at work.
 *
 * wg_thread() tells about the calling thread's own thread-local storage: when the thread
 * begins, that nobody has touched it before; when the thread ends, that it need not be
 * checked from now on. */
WG_INTERNAL void wg_look_away(bool away);
WG_INTERNAL void wg_thread(bool ends);

WG_INTERNAL __attribute__((cold)) void wg_tell_before(const void *object);
WG_INTERNAL __attribute__((cold)) void wg_tell_after(const void *object);
#endif

/* What this thread has done so far happens before what follows a later wg_happens_after()
 * of the same object in another thread.  The object is an address that is not looked at. */
static inline void wg_happens_before(const void *object)
{
    if (__builtin_expect(wg_detector_at_work, 0))
        wg_tell_before(object);
}

static inline void wg_happens_after(const void *object)
{
    if (__builtin_expect(wg_detector_at_work, 0))
        wg_tell_after(object);
}

#endif /* WG_ANNOTATE_H */
