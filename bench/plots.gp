# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# plots.gp - the plots, from NAME.dat as plots.jq has written them, into NAME.svg

set terminal svg noenhanced size 900,460 font "sans-serif,12" background "white"
set key outside right
set grid
set style data linespoints
columns(name) = int(system("head -n 1 ".name.".dat | grep -o '\"[^\"]*\"' | wc -l"))

set logscale xy
set format y "%.0s %cs"
do for [name in "many_done many_last many_last_1"] {
    set output name.".svg"
    set title name eq "many_done" ? "Until done has returned, two CPUs" : \
        name eq "many_last" ? "Until the last waiter has returned, two CPUs" : \
        "Until the last waiter has returned, one CPU"
    set xlabel "waiters"
    plot for [i=2:columns(name)] name.".dat" using 1:(column(i)*1e-9) title columnheader(i) \
        linewidth (i == 2 ? 3 : 1)
}

set output "growth.svg"
set title "Release of one waiter, others parked on groups of their own, one CPU"
set xlabel "others parked"
set logscale x
set xtics ("0" 10, 100, "1,000" 1000, "10,000" 10000)
set xrange [8:12000]
set yrange [1e-7:]
plot for [i=2:columns("growth")] "growth.dat" using ($1 == 0 ? 10 : $1):(column(i)*1e-9) \
    title columnheader(i) linewidth (i == 2 ? 3 : 1)
set xtics autofreq
set xrange [*:*]
set yrange [*:*]

set logscale x 2
set format y "%.0s %c"
set xlabel "threads"
do for [name in "own turns"] {
    set output name.".svg"
    set title name eq "own" ? "add, done and idle wait on groups of their own, two CPUs" : \
        "Pairs of threads that wait for each other in turns, one CPU"
    set ylabel "times a second, all threads together"
    plot for [i=2:columns(name)] name.".dat" using 1:(1e9/column(i)) title columnheader(i) \
        linewidth (i == 2 ? 3 : 1)
}
