/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that begins without the C library's start files.  It has the shared library:
 * pthread_atfork(), which a static one refers to, needs one of these files. */
#include "work.h"

void _start(void);

#if defined(__x86_64__) || defined(__i386__)
/* The system does not call it. */
__attribute__((force_align_arg_pointer))
#endif
void _start(void)
{
    work();
    in_child(work_alone);
    _exit(0);
}
