/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* inline.h - a host's header: functions in line with external linkage, one of which
 * ends a task */
#ifndef TESTS_HOSTS_INLINE_H
#define TESTS_HOSTS_INLINE_H

#include <waitgroup.h>

#if defined(__GNUC_GNU_INLINE__) && !defined(__cplusplus)
#    define INLINE extern __inline__
#else
#    define INLINE inline
#endif

INLINE int finish_task(wg_t *wg)
{
    wg_defer_done(wg);
    return wg_count(wg);
}

#endif /* TESTS_HOSTS_INLINE_H */
