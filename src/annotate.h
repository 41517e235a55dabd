/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * annotate.h - tell race detectors and AddressSanitizer what they cannot see
 *
 * Helgrind and DRD run any program and understand pthreads, but not atomics.
 * ThreadSanitizer understands the atomics of what it has compiled, which the installed library is
 * not.  To all three, a task's work and what follows a wait would be a data race.  So where
 * one of them is at work, the library says what happens before what, in the terms of the
 * interface: each wg_add() and wg_done() before each wait and wg_destroy() that returns 0, and
 * the setting of a misuse handler before its calls.
 *
 * AddressSanitizer sees the accesses of what it has compiled.  So where it is at work, the library
 * asks it whether the memory of a group may be accessed, and lets it report if not.
 *
 * Where none is, each of these is the test of a flag, or none.  A library that is compiled by
 * ThreadSanitizer itself has none of it, so that its atomics are checked as they are.
 */
#ifndef WG_ANNOTATE_H
#define WG_ANNOTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_THREAD__)
#    define WG_COMPILED_BY_DETECTOR
#elif defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define WG_COMPILED_BY_DETECTOR
#    endif
#endif

/* Of what runs before a thread has said that its thread-local storage is new: the stack protector's
 * value, which the C library has just put there, is not to be looked at. */
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
#else
#    if defined(_WIN32) || defined(__CYGWIN__)
#        define WG_HIDDEN /* as all is that is not said to be exported */
#    else
#        define WG_HIDDEN __attribute__((visibility("hidden")))
#    endif

/* Constant, once the library has been loaded: is a race detector at work, and is any of them? */
extern bool wg_detector_at_work WG_HIDDEN;
extern bool wg_tool_at_work WG_HIDDEN;

/* This memory of the program's is about to be accessed, by atomics. */
__attribute__((cold)) void wg_access(void *memory, size_t size);

/* This memory is for atomics only, until it becomes something else. */
__attribute__((cold)) void wg_unchecked(const void *memory, size_t size);

/* When a thread is created, the C library may hand on to it what one that has ended had: its
 * stack, its thread-local storage, and the table of that.  The lock by which it does so is unknown
 * to Valgrind.  So from look_away(true) to look_away(false) nothing is reported that the calling
 * thread does: within pthread_create(), where nothing but the C library is at work.  And of its own
 * thread-local storage a thread says, when it begins, that nobody has touched it before, and when
 * it ends, that whoever does so from now on need not be checked. */
void wg_look_away(bool away);
void wg_thread(bool ends);
#endif

__attribute__((cold)) void wg_tell_before(const void *object);
__attribute__((cold)) void wg_tell_after(const void *object);

/* What this thread has done so far happens before whatever follows a wg_happens_after() of the
 * same object in another thread later on.  The object is an address, and not looked at. */
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
