# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# installed.sh - for the scripts among the tests: the library as it is installed, and who can use it
#
#   install_it            install into $prefix
#   flags --libs ...      what the .pc file there says; no $pkg_config, no flags
#   unusable COMPILER     why programs of COMPILER cannot be linked with what $CC has compiled;
#                         nothing if they can
#
# After tap.sh.

# The outer make's jobs and flags are not for the make run here.
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR

prefix=$work/prefix
pkg_config=${PKG_CONFIG:-pkg-config}
make=${MAKE:-make}

install_it()
{
    "$make" install prefix="$prefix" exec_prefix="$prefix" libdir="$prefix/lib" \
        includedir="$prefix/include" datarootdir="$prefix/share"
}

flags()
{
    # The file names the prefix that was configured; what counts is where it is now.
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig "$pkg_config" --define-variable=prefix="$prefix" \
        --define-variable=exec_prefix="$prefix" --define-variable=libdir="$prefix/lib" \
        --define-variable=includedir="$prefix/include" "$@" waitgroup
}

# The machine and the C library that programs of COMPILER are for.
system() # COMPILER...
{
    "$@" -dumpmachine | sed 's/-.*//'
    echo '#include <stdlib.h>' | "$@" $CFLAGS -dM -E -x c - |
        grep -E ' __(GLIBC|GLIBC_MINOR|SIZEOF_POINTER|BYTE_ORDER)__ ' | sort
}

unusable()
{
    if ! command -v "$1" >/dev/null; then
        echo "no $1"
        return
    fi
    case $CFLAGS in
    *-fsanitize* | *-flto*) echo "the library is built with a sanitizer, or for the linker" ;;
    *) [ "$(system $CC)" = "$(system "$1")" ] || echo "$CC compiles for another system than $1" ;;
    esac
}
