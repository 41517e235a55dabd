/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* misuse.h - report a bug of the calling program to the handler it has chosen */
#ifndef WG_MISUSE_H
#define WG_MISUSE_H

#include "internal.h"
#include "waitgroup.h"

/* Call the misuse handler with the formatted line.  May not return. */
WG_INTERNAL __attribute__((cold, format(printf, 2, 3))) void
wg_misuse(const wg_t *wg, const char *format, ...);

#endif /* WG_MISUSE_H */
