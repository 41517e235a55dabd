/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host of two files that both include the inline functions of inline.h: this one, and
 * with -DOTHER the one where they are defined. */
#include "inline.h"

#ifdef __cplusplus
extern "C" int finish_elsewhere(wg_t *);
#else
int finish_elsewhere(wg_t *);
#endif

#ifdef OTHER

#    if defined(__cplusplus)
/* Each file has it. */
#    elif defined(__GNUC_GNU_INLINE__)
int finish_task(wg_t *wg)
{
    wg_defer_done(wg);
    return wg_count(wg);
}
#    else
extern inline int finish_task(wg_t *);
#    endif

int finish_elsewhere(wg_t *wg)
{
    return finish_task(wg);
}

#else

#    include "work.h"

int main(void)
{
    wg_t wg = WG_INITIALIZER;
    HOPE(wg_add(&wg, 2) == 0);
    HOPE(finish_task(&wg) == 2 && finish_elsewhere(&wg) == 1);
    HOPE(wg_wait(&wg) == 0);
    work();
    return 0;
}

#endif
