/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* add.h - adding to a counter on behalf of another call of the library */
#ifndef WG_ADD_H
#define WG_ADD_H

#include "waitgroup.h"

/* wg_add(), but a misuse is reported as one of call. */
int wg_add_as(wg_t *wg, int delta, const char *call);

#endif /* WG_ADD_H */
