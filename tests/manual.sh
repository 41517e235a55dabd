# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# manual.sh - the displays among the examples of a manual page: programs, each followed by what it
# prints
#
#   displays PAGE        how many there are
#   display NUMBER PAGE  the text of one

displays()
{
    awk '/^\.Sh / { on = $2 == "EXAMPLES" }
         on && /^\.Bd -literal/ { n++ }
         END { print n + 0 }' "$1"
}

display()
{
    awk -v number="$1" '
        /^\.Sh / { on = $2 == "EXAMPLES" }
        /^\.Ed/ { inside = 0 }
        on && inside && n == number { gsub(/\\-/, "-"); gsub(/\\e/, "\\"); print }
        /^\.Bd -literal/ && on { n++; inside = 1 }' "$2"
}
