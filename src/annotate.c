/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* annotate.c - what the library tells Valgrind's tools, ThreadSanitizer and
 * AddressSanitizer */
#include <config.h>

#include "annotate.h"

#ifndef WG_COMPILED_BY_DETECTOR

#    include <pthread.h>

#    include "constructor.h"

#    ifdef HAVE_VALGRIND_DRD_H
#        include <valgrind/helgrind.h>
/* After helgrind.h, whose annotations it keeps.  They are the same in both tools. */
#        include <valgrind/drd.h>
#    endif

/* As in <sanitizer/tsan_interface.h> and <sanitizer/asan_interface.h>, and as the code that
 * these compile calls (GCC knows those by itself).  Null if nothing in the program has been
 * compiled by them. */
#    ifdef __ELF__
__attribute__((weak)) void __tsan_acquire(void *object);
__attribute__((weak)) void __tsan_release(void *object);
__attribute__((weak)) void __tsan_func_entry(void *caller);
__attribute__((weak)) void *__asan_region_is_poisoned(void *begin, size_t size);
__attribute__((weak)) void __asan_report_load_n(void *address, intptr_t size);
#    else
/* Not every system has references that may stay open. */
static void (*const __tsan_acquire)(void *object) = NULL;
static void (*const __tsan_release)(void *object) = NULL;
static void (*const __tsan_func_entry)(void *caller) = NULL;
static void *(*const __asan_region_is_poisoned)(void *begin, size_t size) = NULL;
static void (*const __asan_report_load_n)(void *address, intptr_t size) = NULL;
#    endif

/* Go's race detector has the first two names as well, for functions with other arguments.
 * It does not compile C, so it does not need the third. */
static bool is_thread_sanitizer(void)
{
    return (__tsan_acquire != NULL) & (__tsan_release != NULL) &
           (__tsan_func_entry != NULL);
}

static bool is_address_sanitizer(void)
{
    return (__asan_region_is_poisoned != NULL) & (__asan_report_load_n != NULL);
}

WG_INTERNAL bool wg_detector_at_work, wg_tool_at_work;

static WG_CONSTRUCTOR void look_for_tools(void)
{
    wg_detector_at_work = is_thread_sanitizer();
#    ifdef HAVE_VALGRIND_DRD_H
    /* Valgrind's other tools do not need annotations: they would only count them. */
    bool helgrind =
        VALGRIND_DO_CLIENT_REQUEST_EXPR(0, _VG_USERREQ__HG_GET_ABITS, &wg_detector_at_work,
                                        NULL, 1, 0, 0) != 0;
    bool drd = DRD_GET_DRD_THREADID != 0;
    wg_detector_at_work |= helgrind | drd;
#    endif
    wg_tool_at_work = wg_detector_at_work | is_address_sanitizer();
}

/* An object is known by a tag, which outlives it.  ThreadSanitizer forgets an address whose
 * memory is freed, but waiters of a freed group may still be on their way.  DRD never
 * forgets an address on a stack, and breaks off if a semaphore lies there one day.  If two
 * objects have the same tag, a race may be missed. */
#    define TAG_BITS 16
static char tags[1 << TAG_BITS];

static char *tag_of(const void *object)
{
    uint64_t hash = (uint64_t)(uintptr_t)object * UINT64_C(0x9E3779B97F4A7C15);
    return &tags[hash >> (64 - TAG_BITS)];
}

void wg_tell_before(const void *object)
{
    char *tag = tag_of(object);
#    ifdef HAVE_VALGRIND_DRD_H
    ANNOTATE_HAPPENS_BEFORE(tag);
#    endif
    if (is_thread_sanitizer())
        __tsan_release(tag);
}

void wg_tell_after(const void *object)
{
    char *tag = tag_of(object);
#    ifdef HAVE_VALGRIND_DRD_H
    ANNOTATE_HAPPENS_AFTER(tag);
#    endif
    if (is_thread_sanitizer())
        __tsan_acquire(tag);
}

/* Until the memory is allocated again.  ThreadSanitizer does not see the library's
 * accesses. */
void wg_unchecked(const void *memory, size_t size)
{
#    ifdef HAVE_VALGRIND_DRD_H
    VALGRIND_HG_DISABLE_CHECKING(memory, size);
    ANNOTATE_BENIGN_RACE_SIZED(memory, size, "atomics");
#    endif
    (void)memory;
    (void)size;
}

/* AddressSanitizer says what became of memory that may not be accessed, and ends the
 * process. */
void wg_access(void *memory, size_t size)
{
    if (wg_detector_at_work)
        wg_unchecked(memory, size);
    if (is_address_sanitizer())
        if (__asan_region_is_poisoned(memory, size) != NULL)
            __asan_report_load_n(memory, (intptr_t)size);
}

WG_UNPROTECTED void wg_look_away(bool away)
{
#    ifdef HAVE_VALGRIND_DRD_H
    if (away)
        VALGRIND_DISABLE_ERROR_REPORTING;
    else
        VALGRIND_ENABLE_ERROR_REPORTING;
#    endif
    (void)away;
}

/* To Valgrind, all below the stack pointer is new.  Above it are errno, the program's
 * thread-local variables, and what the C library keeps of a thread.  DRD forgets nothing of
 * a stack, where it checks nothing, and nothing of a piece of memory that begins on one.
 * To DRD the stack ends with a page, so each page is declared by itself. */
#    if defined(HAVE_VALGRIND_DRD_H) && defined(HAVE_PTHREAD_GETATTR_NP)
static void clean_pages(uintptr_t from, size_t size)
{
    const uintptr_t page = 4096 /* or a part of one */, end = from + size;
    for (uintptr_t next; from < end; from = next) {
        next = from - from % page + page;
        VALGRIND_HG_CLEAN_MEMORY(from, (next < end ? next : end) - from);
    }
}
#    endif

WG_UNPROTECTED void wg_thread(bool ends)
{
#    if defined(HAVE_VALGRIND_DRD_H) && defined(HAVE_PTHREAD_GETATTR_NP)
    pthread_attr_t attributes;
    if (!wg_detector_at_work)
        return;
    wg_look_away(true);
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        void *stack = NULL;
        size_t size = 0;
        (void)pthread_attr_getstack(&attributes, &stack, &size);
        size -= (size_t)((char *)&attributes - (char *)stack);
        if (ends)
            wg_unchecked(&attributes, size);
        else
            clean_pages((uintptr_t)&attributes, size);
        pthread_attr_destroy(&attributes);
    }
    wg_look_away(false);
#    endif
    (void)ends;
}

#endif
