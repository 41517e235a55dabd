/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* annotate.c - the annotations of Valgrind's tools and of ThreadSanitizer */
#include <config.h>

#include "annotate.h"

#ifndef WG_COMPILED_BY_DETECTOR

#    include <pthread.h>

#    ifdef HAVE_VALGRIND_DRD_H
#        include <valgrind/helgrind.h>
/* After helgrind.h, whose annotations it leaves in place; they are the same in both tools. */
#        include <valgrind/drd.h>
#    endif

/* As in <sanitizer/tsan_interface.h>, but for const.  Null, if nothing in the program has been
 * compiled by ThreadSanitizer. */
#    ifdef __ELF__
__attribute__((weak)) void __tsan_acquire(const void *object);
__attribute__((weak)) void __tsan_release(const void *object);
#    else
/* A reference that may stay open is not to be had everywhere. */
static void (*const __tsan_acquire)(const void *object) = NULL;
static void (*const __tsan_release)(const void *object) = NULL;
#    endif

bool wg_detector_at_work;

static __attribute__((constructor)) void look_for_detector(void)
{
    wg_detector_at_work = __tsan_release != NULL;
#    ifdef HAVE_VALGRIND_DRD_H
    /* Valgrind's other tools have no use for annotations: they would only count them. */
    bool helgrind =
        VALGRIND_DO_CLIENT_REQUEST_EXPR(0, _VG_USERREQ__HG_GET_ABITS, &wg_detector_at_work,
                                        NULL, 1, 0, 0) != 0;
    bool drd = DRD_GET_DRD_THREADID != 0;
    wg_detector_at_work |= helgrind | drd;
#    endif
}

/* An object goes by a tag, which outlives it.  ThreadSanitizer forgets an address whose memory is
 * freed, while waiters of a group that is gone may still be on their way.  DRD never forgets one on
 * a stack, and breaks off when there is a semaphore one day.  If two objects have the same tag, a
 * race may be missed. */
#    define TAG_BITS 16
static char tags[1 << TAG_BITS];

static char *tag_of(const void *object)
{
    uint64_t hash = (uint64_t)(uintptr_t)object * UINT64_C(0x9E3779B97F4A7C15);
    return &tags[hash >> (64 - TAG_BITS)];
}

void wg_tell_before(const void *object)
{
    const char *tag = tag_of(object);
#    ifdef HAVE_VALGRIND_DRD_H
    ANNOTATE_HAPPENS_BEFORE(tag);
#    endif
    if (__tsan_release != NULL)
        __tsan_release(tag);
}

void wg_tell_after(const void *object)
{
    const char *tag = tag_of(object);
#    ifdef HAVE_VALGRIND_DRD_H
    ANNOTATE_HAPPENS_AFTER(tag);
#    endif
    if (__tsan_acquire != NULL)
        __tsan_acquire(tag);
}

/* Until it is allocated anew.  To ThreadSanitizer the library's accesses are invisible. */
void wg_unchecked(const void *memory, size_t size)
{
#    ifdef HAVE_VALGRIND_DRD_H
    VALGRIND_HG_DISABLE_CHECKING(memory, size);
    ANNOTATE_BENIGN_RACE_SIZED(memory, size, "atomics");
#    endif
    (void)memory;
    (void)size;
}

void wg_look_away(bool away)
{
#    ifdef HAVE_VALGRIND_DRD_H
    if (away)
        VALGRIND_DISABLE_ERROR_REPORTING;
    else
        VALGRIND_ENABLE_ERROR_REPORTING;
#    endif
    (void)away;
}

/* Below the stack pointer all is new to Valgrind by itself.  Above it are errno, the program's
 * thread-local variables, and what the C library keeps of a thread. */
void wg_thread(bool ends)
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
            VALGRIND_HG_CLEAN_MEMORY(&attributes, size);
        pthread_attr_destroy(&attributes);
    }
    wg_look_away(false);
#    endif
    (void)ends;
}

#endif
