// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// A module of C++20 with the header in its global fragment; with -DIMPORT, the host
// that imports it.
#ifdef IMPORT

#    include "work.h"

import tasks;

int main()
{
    wg_t wg = WG_INITIALIZER;
    HOPE(begin(&wg) == 0 && wg_count(&wg) == 1);
    HOPE(end(&wg) == 0 && wg_wait(&wg) == 0);
    work();
    return 0;
}

#else

module;
#    include <waitgroup.h>
export module tasks;

export int begin(wg_t *wg)
{
    return wg_add(wg, 1);
}

export int end(wg_t *wg)
{
    wg_defer_done(wg);
    return 0;
}

#endif
