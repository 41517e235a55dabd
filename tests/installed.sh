# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# installed.sh - for the scripts among the tests: the library as it is installed, who can use it, and
# whether it works
#
#   install_it            install below $root, so that its libraries are in $lib and its header is
#                         in $include, both wherever configure was told to put them
#   flags --libs ...      what the .pc file there says; no $pkg_config, no flags
#   value_of NAME         a variable of the Makefile, with those that it is made of
#   instrumented          why programs that are compiled without $CFLAGS cannot be linked with the
#                         library; nothing if they can
#   unusable COMPILER     why programs of COMPILER cannot be linked with what $CC has compiled;
#                         nothing if they can
#   takes COMPILER FLAG...
#                         does it take them, and do its programs run?  So that what a compiler or a
#                         linker does not have is skipped, and not taken for a failure
#   runs PROGRAM [FOLDER] the example hello, with a shared library in FOLDER: does it print what it
#                         should?
#
# After tap.sh.

# The outer make's jobs and flags are not for the make run here.
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR LD_LIBRARY_PATH

pkg_config=${PKG_CONFIG:-pkg-config}
make=${MAKE:-make}

value_of()
{
    printf 'include Makefile\nvalue:\n\t@echo $(%s)\n' "$1" | "$make" -s -f - value
}

# Not with another prefix: that leaves alone the folders which configure was told of one by one, and
# so the files would go into the system's own.
root=$work/root
lib=$root$(value_of libdir)
# shellcheck disable=SC2034 # for those that read this
include=$root$(value_of includedir)
install_it()
{
    "$make" install DESTDIR="$root"
}

# What the file says, with where it is put before.
flags()
{
    PKG_CONFIG_PATH=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root "$pkg_config" "$@" waitgroup
}

# The machine and the C library that programs of COMPILER are for.
system() # COMPILER...
{
    "$@" -dumpmachine | sed 's/-.*//'
    echo '#include <stdlib.h>' | "$@" $CFLAGS -dM -E -x c - |
        grep -E ' __(GLIBC|GLIBC_MINOR|SIZEOF_POINTER|BYTE_ORDER)__ ' | sort
}

instrumented()
{
    case $CFLAGS in
    *-fsanitize* | *-flto*) echo "the library is built with a sanitizer, or for the linker" ;;
    esac
}

unusable()
{
    ! lacks_compiler "$1" | grep . && ! instrumented | grep . || return 0
    [ "$(system $CC)" = "$(system "$1")" ] || echo "$CC compiles for another system than $1"
}

takes()
{
    suffix=c
    case $1 in *++*) suffix=cc ;; esac
    echo 'int main(void) { return 0; }' >"$work/empty.$suffix"
    "$@" "$work/empty.$suffix" -o "$work/empty" 2>"$work/refused" &&
        timeout -s KILL 60 "$work/empty"
}

runs()
{
    LD_LIBRARY_PATH=${2-} "$1" >"$work/ran" || return 1
    cat "$work/ran"
    [ "$(grep -c '^task [123]$' "$work/ran")" = 3 ] && [ "$(tail -n 1 "$work/ran")" = 'all done' ]
}
