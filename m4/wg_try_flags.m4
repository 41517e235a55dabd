# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# WG_TRY_CFLAGS(VARIABLE, FLAGS): append to VARIABLE those FLAGS that the compiler takes, each
# tried by itself.  -Werror makes compilers that only warn of an unknown flag refuse it; the
# user's flags are left out, for one that it does not know either would spoil it.
AC_DEFUN([WG_TRY_CFLAGS], [
    for wg_flag in m4_normalize([$2]); do
        AS_VAR_PUSHDEF([wg_cache], [wg_cv_cflag_$wg_flag])
        AC_CACHE_CHECK([whether $CC takes $wg_flag], [wg_cache],
            [wg_save_CFLAGS=$CFLAGS
             CFLAGS="-Werror $wg_flag"
             AC_COMPILE_IFELSE([AC_LANG_SOURCE([int main(void) { return 0; }])],
                 [AS_VAR_SET([wg_cache], [yes])], [AS_VAR_SET([wg_cache], [no])])
             CFLAGS=$wg_save_CFLAGS])
        AS_VAR_IF([wg_cache], [yes], [AS_VAR_APPEND([$1], [" $wg_flag"])])
        AS_VAR_POPDEF([wg_cache])
    done
])

# WG_TRY_LDFLAGS(VARIABLE, FLAG): append FLAG to VARIABLE if programs can be linked with it.
AC_DEFUN([WG_TRY_LDFLAGS], [
    AS_VAR_PUSHDEF([wg_cache], [wg_cv_ldflag_$2])
    AC_CACHE_CHECK([whether the linker takes $2], [wg_cache],
        [wg_save_LDFLAGS=$LDFLAGS
         LDFLAGS="$LDFLAGS $2"
         AC_LINK_IFELSE([AC_LANG_PROGRAM()],
             [AS_VAR_SET([wg_cache], [yes])], [AS_VAR_SET([wg_cache], [no])])
         LDFLAGS=$wg_save_LDFLAGS])
    AS_VAR_IF([wg_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
    AS_VAR_POPDEF([wg_cache])
])
