/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* add.h - adding a task on behalf of another call of the library */
#ifndef WG_ADD_H
#define WG_ADD_H

#include "internal.h"
#include "waitgroup.h"

/* wg_tryadd() of a delta above 0, but a misuse is reported as one of call. */
WG_INTERNAL int wg_tryadd_as(wg_t *wg, int delta, const char *call);

#endif /* WG_ADD_H */
