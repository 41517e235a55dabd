// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// unchecked.cocci - report a wg_tryadd() whose result is not used
//
// If the group is closed, nothing has been added.  Code that goes on as if it had been uses what
// may be gone, and its wg_done() takes away the count of another task.

@initialize:python@
@@
import os

@unchecked@
expression group, n;
position p;
@@
(
 wg_tryadd@p(group, n);
|
 (void)wg_tryadd@p(group, n)
)

@script:python@
p << unchecked.p;
@@
print('%s:%s:%d: result of wg_tryadd not used: the group may be closed'
      % (os.path.normpath(p[0].file), p[0].line, int(p[0].column) + 1))
