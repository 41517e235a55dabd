# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# windows.sh - who can use the library on Windows, as it is built in the current folder
#
#   sh tests/arch/windows.sh TRIPLET COMPILER [RUN]
#
# For scripts/check-arch; prints TAP.  RUN is a command that runs a program with the path of its DLLs
# in $DLL_PATH; without it programs are linked, and not run.
srcdir=$(cd "$(dirname "$0")/../.." && pwd)
triplet=$1 CC=$2 run=${3-}
# shellcheck source=/dev/null
. "$srcdir/tests/tap.sh"
# shellcheck source=/dev/null
. "$srcdir/tests/installed.sh"
CFLAGS='-O2 -Wall -Wextra -Werror'
hello=$srcdir/doc/examples/hello.c
dlls=$root$(value_of bindir):$(dirname "$($CC -print-file-name=libwinpthread-1.dll)")
prefix=$root$(value_of prefix)
build=$PWD

runs() # PROGRAM
{
    [ -n "$run" ] || return 0
    DLL_PATH=$dlls $run "$1" >"$work/said" || return 1
    cat "$work/said"
    grep -qx 'all done' "$work/said"
}

imports() # PROGRAM
{
    "$triplet-objdump" -p "$1" | grep 'DLL Name: libwaitgroup-0\.dll'
}

# What the version script has, which the linker need not know.
exports_the_interface()
{
    sed -n '/global:/,/local:/s/^ *\(wg_[a-z_]*\);$/\1/p' "$srcdir/src/waitgroup.map" |
        sort >"$work/wanted"
    "$triplet-objdump" -p "${dlls%%:*}/libwaitgroup-0.dll" |
        sed -n 's/^\t\[ *[0-9]*\]\( +base\[ *[0-9]*\] *[0-9a-f]*\)\{0,1\} \([a-z_]*\)$/\2/p' |
        sort >"$work/exported"
    [ -s "$work/wanted" ] && diff "$work/wanted" "$work/exported"
}

header() # COMPILER... FILE
{
    "$@" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror -I"$include" \
        -o "$work/header.o"
}

shared()
{
    $CC $CFLAGS "$hello" $(flags --cflags --libs) -lpthread -o "$work/shared.exe" &&
        imports "$work/shared.exe" && runs "$work/shared.exe"
}

static()
{
    $CC $CFLAGS -static "$hello" $(flags --static --cflags --libs) -o "$work/static.exe" &&
        ! imports "$work/static.exe" && runs "$work/static.exe"
}

by_cmake() # TARGET
(
    mkdir "$work/$1" && cd "$work/$1" || return 1
    cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.13)
project(program C)
find_package(waitgroup 0.1 REQUIRED)
find_package(Threads REQUIRED)
add_executable(program $hello)
target_link_libraries(program waitgroup::$1 Threads::Threads)
END
    cat >toolchain.cmake <<END
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_C_COMPILER $CC)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
END
    cmake -DCMAKE_TOOLCHAIN_FILE="$PWD/toolchain.cmake" -DCMAKE_PREFIX_PATH="$prefix" . &&
        cmake --build . && runs "$PWD/program.exe"
)

by_meson()
(
    mkdir "$work/meson" && cd "$work/meson" || return 1
    cat >meson.build <<END
project('program', 'c')
executable('program', 'hello.c', dependencies: [dependency('waitgroup'), dependency('threads')])
END
    cp "$hello" .
    cat >cross <<END
[binaries]
c = '$CC'
pkgconfig = '$(command -v "$pkg_config")'
[properties]
pkg_config_libdir = '$lib/pkgconfig'
sys_root = '$root'
[host_machine]
system = 'windows'
cpu_family = '${triplet%%-*}'
cpu = '${triplet%%-*}'
endian = 'little'
END
    sed -i "s/'i686'/'x86'/" cross
    meson setup --cross-file cross build && meson compile -C build && runs "$PWD/build/program.exe"
)

example() # NAME
{
    program=$build/doc/examples/.libs/$1.exe
    [ -e "$program" ] || return 1
    [ -z "$run" ] || DLL_PATH=$dlls $run "$program"
}

check 'make install' install_it
check 'the DLL exports the interface' exports_the_interface
echo '#include <waitgroup.h>' | tee "$work/header.c" >"$work/header.cc"
check 'the header, C' header $CC -std=c99 -c "$work/header.c"
for compiler in "$triplet-g++-posix" "clang --target=$triplet" "clang++ --target=$triplet"; do
    case $compiler in
    *-posix) why=$(lacks "g++-mingw-w64-$(echo "${triplet%%-*}" | tr _ -)-posix" "$compiler") ;;
    *) why=$(lacks_compiler "${compiler%% *}") ;;
    esac
    case $compiler in *++*) file=header.cc ;; *) file=header.c ;; esac
    if [ -z "$why" ]; then
        check "the header, $compiler" header $compiler -c "$work/$file"
    else
        skip "the header, $compiler" "$why"
    fi
done
why=$(lacks pkgconf "$pkg_config")
if [ -z "$why" ]; then
    check 'pkg-config, the DLL' shared
    check 'pkg-config --static' static
else
    skip 'pkg-config' "$why"
fi
why=$(lacks cmake cmake)
if [ -z "$why" ]; then
    check 'CMake, the DLL' by_cmake waitgroup
    check 'CMake, the static library' by_cmake waitgroup_static
else
    skip 'CMake' "$why"
fi
why=$(lacks meson meson ninja-build ninja pkgconf "$pkg_config")
if [ -z "$why" ]; then
    check 'Meson' by_meson
else
    skip 'Meson' "$why"
fi
for name in hello fan_out leaders; do
    check "the example $name" example $name
done
skip 'the example map_reduce' 'there is no getline()'
skip 'the examples last_out and tcp_proxy' 'there are no POSIX sockets and no poll()'
finish
