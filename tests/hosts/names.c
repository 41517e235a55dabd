/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that has macros of any name, from names.h: of each name that is in the library's
 * header but is neither the library's own nor the language's or the system's.  BEFORE says
 * where.  It has no other names itself. */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#if BEFORE
#    include "names.h"
#    include <waitgroup.h>
#else
#    include <waitgroup.h>

#    include "names.h"
#endif

static void wg_host_task(void *wg_host_group)
{
    wg_defer_done((wg_t *)wg_host_group);
}

static void wg_host_misuse(const wg_t *wg_host_group, const char *wg_host_line)
{
    (void)wg_host_group;
    (void)wg_host_line;
}

int main(void)
{
    static wg_t wg_host_static = WG_INITIALIZER;
    wg_t wg_host_group = WG_INITIALIZER;
    const struct timespec wg_host_past = {0, 0};
    if (wg_init(&wg_host_group) != 0 || wg_add(&wg_host_group, 2) != 0 ||
        wg_count(&wg_host_group) != 2 || wg_done(&wg_host_group) != 0)
        return 1;
    wg_host_task(&wg_host_group);
    if (wg_add(&wg_host_static, 1) != 0 ||
        wg_go(&wg_host_group, wg_host_task, &wg_host_static) != 0)
        return 1;
    wg_set_misuse_handler(wg_host_misuse);
    return wg_wait(&wg_host_static) != 0 || wg_wait(&wg_host_group) != 0 ||
           wg_trywait(&wg_host_group) != 0 ||
           wg_timedwait(&wg_host_group, &wg_host_past) != 0 ||
           wg_reltimedwait(&wg_host_group, &wg_host_past) != 0 ||
#ifdef CLOCK_REALTIME
           wg_clockwait(&wg_host_group, CLOCK_REALTIME, &wg_host_past) != 0 ||
#endif
           wg_tryadd(&wg_host_group, 1) != 0 || wg_close(&wg_host_group) != 0 ||
           wg_done_last(&wg_host_group) != WG_DRAINED || wg_destroy(&wg_host_group) != 0 ||
           WG_LAST == WG_DRAINED || wg_version() == 0 || WG_VERSION < 0;
}
