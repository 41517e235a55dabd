# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# plots.gp - the plots, from what plots.jq has written, into NAME.svg
#
# Each peer has a colour, a marker and a dash of its own, so that any one of the three will do.

set terminal svg noenhanced size 900,620 font "sans-serif,13" background "white"
set encoding utf8
set micro
set grid
set border linewidth 0.5

set linetype 1 linecolor rgb "#000000" linewidth 3 dashtype 1 pointtype 7 pointsize 0.8
set linetype 2 linecolor rgb "#d55e00" linewidth 1.5 dashtype 2 pointtype 4
set linetype 3 linecolor rgb "#0072b2" linewidth 1.5 dashtype 3 pointtype 8
set linetype 4 linecolor rgb "#009e73" linewidth 1.5 dashtype 4 pointtype 5
set linetype 5 linecolor rgb "#cc79a7" linewidth 1.5 dashtype 5 pointtype 2
set linetype 6 linecolor rgb "#777777" linewidth 1 dashtype 1 pointtype 6

# The first plot: a row for each row of the table.  Each peer has a line of its own within it, so that
# no marker hides another.
set output "summary.svg"
set logscale x
set format x "%g"
set xlabel "less is better: time, divided by that of the condition variable,\nwhich stands after each row's name"
set xrange [0.005:50]
set yrange [*:*] reverse
set offsets 0, 0, 0.6, 0.6
set key at screen 0.97, 0.98 top right horizontal reverse Left samplen 1
set lmargin 38
set tmargin 4
plot "summary.dat" using (1):1:ytic(strcol(2).", ".strcol(3)) with points pointtype -1 notitle, \
    "" using 4:($1 - 0.32) with points linetype 1 pointsize 1.1 title "libwaitgroup", \
    "" using 5:($1 - 0.16) with points linetype 2 title "condition variable", \
    "" using 6:1 with points linetype 3 title "semaphore", \
    "" using 7:($1 + 0.16) with points linetype 4 title "std::latch", \
    "" using 8:($1 + 0.32) with points linetype 5 title "Go"

# The others: lines that are named where they end.
reset
set terminal svg noenhanced size 900,460 font "sans-serif,13" background "white"
set grid
set border linewidth 0.5
set style data linespoints
set key off
set rmargin 30
set logscale xy
set format y "%.0s %cs"
do for [name in "many_last many_last_1 turns growth"] {
    set output name.".svg"
    set title name eq "many_last" ? "Until the last of so many waiters has returned, two processors" : \
        name eq "many_last_1" ? "Until the last of so many waiters has returned, one processor" : \
        name eq "turns" ? "A turn of threads that wait for each other in pairs, one processor" : \
        "One waiter woken, while others are parked on groups of their own, one processor"
    set xlabel name eq "turns" ? "threads" : name eq "growth" ? "others parked" : "waiters"
    set xtics (1, 2, 8, 64, 512)
    set xrange [1:600]
    if (name eq "growth") {
        set xtics ("0" 10, 100, "1,000" 1000, "10,000" 10000)
        set xrange [8:12000]
    }
    load name.".labels"
    plot for [i=2:7] name.".dat" using ($1 == 0 ? 10 : $1):i linetype i-1
    unset label
    unset arrow
}
