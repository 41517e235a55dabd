/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* constructor.h - what runs when the library is loaded */
#ifndef WG_CONSTRUCTOR_H
#define WG_CONSTRUCTOR_H

/* Runs before the constructors of the program, which may use the library.  Without a
 * priority, those of a static library would run after them.  101 is the first that is not
 * the system's. */
#ifdef __ELF__
#    define WG_CONSTRUCTOR __attribute__((constructor(101)))
#else
#    define WG_CONSTRUCTOR __attribute__((constructor))
#endif

#endif /* WG_CONSTRUCTOR_H */
