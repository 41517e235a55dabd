# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# WG_NO_SPACES: stop if there is a space where Autotools cannot have one, which they would say late,
# or in no plain words.  To be called before AM_INIT_AUTOMAKE.
AC_DEFUN([WG_NO_SPACES], [
    AC_BEFORE([$0], [AM_INIT_AUTOMAKE])
    wg_folders=`pwd; cd "$srcdir" && pwd`
    AS_CASE([$wg_folders], [*[[\ \	]]*],
        [AC_MSG_ERROR([Autotools cannot build where the name of a folder has a space in it.
    Please move the source, or build in another place:
$wg_folders])])
    wg_folders=`test "$prefix" != NONE || prefix=$ac_default_prefix
        test "$exec_prefix" != NONE || exec_prefix=$prefix
        eval libdir=\"$libdir\"; eval echo \"$libdir\"`
    AS_CASE([$wg_folders], [*[[\ \	]]*],
        [AC_MSG_ERROR([libtool cannot install a library where the name of a folder has a space in it.
    Please choose another --libdir, or another --prefix:
$wg_folders])])
])
