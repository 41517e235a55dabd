/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* misuse.c - the misuse handler: the default, and the program's own */
#include <config.h>

#include "misuse.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "annotate.h"

/* As assert() does, whatever the program has done to its stderr.  Nothing may come between
 * the line and the abort. */
static void print_and_abort(const wg_t *wg, const char *what)
{
    /* Printing is a cancellation point. */
    int cancel_state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
#ifdef SIGPIPE
    /* A write to a pipe that nobody reads raises a signal. */
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
#endif

    (void)wg;
    if (fwide(stderr, 0) > 0)
        fwprintf(stderr, L"%s\n", what);
    else
        fprintf(stderr, "%s\n", what);
    fflush(stderr);
    abort();
}

/* The program's own handler, or null. */
static wg_misuse_fn chosen;

wg_misuse_fn wg_set_misuse_handler(wg_misuse_fn fn)
{
    /* Release, to the load in wg_misuse(): what the program has prepared for its handler.
     * Acquire, from the exchange by the thread that set the handler returned here: the
     * caller may go on to call it. */
    wg_happens_before(&chosen);
    wg_misuse_fn before = __atomic_exchange_n(&chosen, fn, __ATOMIC_ACQ_REL);
    wg_happens_after(&chosen);
    return before;
}

void wg_misuse(const wg_t *wg, const char *format, ...)
{
    int caller_errno = errno;
    char what[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);

    /* Acquire: see wg_set_misuse_handler(). */
    wg_misuse_fn handler = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);
    wg_happens_after(&chosen);
    (handler != NULL ? handler : print_and_abort)(wg, what);
    errno = caller_errno;
}
