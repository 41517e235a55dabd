# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# tap.sh - for the scripts among the tests: say what passed, in TAP
#
#   check NAME COMMAND...   a test: passes if COMMAND succeeds; its output is shown if not
#   skip NAME REASON        a test that cannot be run here
#   lacks [PACKAGE COMMAND]...
#                           those of the commands that are missing, each with the package of Debian
#                           that has it, as the reason to skip something; nothing if all are there
#   lacks_compiler COMPILER the same for a compiler of C or C++
#   finish                  the plan, last of all
#
# $work is an empty folder that is removed in the end.

tests=0
work=$(mktemp -d "${TMPDIR:-/tmp}/waitgroup.XXXXXX") || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 99' HUP INT PIPE TERM

check()
{
    name=$1
    shift
    tests=$((tests + 1))
    if "$@" >"$work/output" 2>&1; then
        echo "ok $tests - $name"
    else
        echo "not ok $tests - $name"
        sed 's/^/# /' "$work/output"
    fi
}

skip()
{
    tests=$((tests + 1))
    echo "ok $tests - $1 # SKIP $2"
}

lacks()
{
    missing=
    while [ $# != 0 ]; do
        command -v "$2" >/dev/null || missing="$missing${missing:+, }no $2 (Debian: $1)"
        shift 2
    done
    echo "$missing"
}

lacks_compiler()
{
    lacks "$(echo "$1" | sed 's/^clang++/clang/')" "$1"
}

finish()
{
    echo "1..$tests"
}
