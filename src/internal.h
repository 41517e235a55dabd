/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* internal.h - what the parts of the library declare for each other, and for nobody else */
#ifndef WG_INTERNAL_H
#define WG_INTERNAL_H

/* A function is WG_INTERNAL where it is declared.  An object is WG_INTERNAL_OBJECT where
 * it is declared, and WG_INTERNAL where it is defined.  Where all parts are one file,
 * both macros say "static" (unconfigured.h). */
#ifndef WG_INTERNAL
#    if defined(_WIN32) || defined(__CYGWIN__)
#        define WG_INTERNAL /* all is hidden that is not exported */
#    else
#        define WG_INTERNAL __attribute__((visibility("hidden")))
#    endif
#    define WG_INTERNAL_OBJECT extern WG_INTERNAL
#endif

#endif /* WG_INTERNAL_H */
