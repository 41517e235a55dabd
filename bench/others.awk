# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# others.awk - what has used the processors between two looks, in percent of one of them
#
#   awk -v self=PID -v hertz=HERTZ -f others.awk BEFORE AFTER
#
# A look is /proc/uptime, /proc/stat and the stat of each process.  Prints all that the kernel has
# accounted for; what of it was neither the process self nor a child that it has waited for; what a
# hypervisor has given to others meanwhile; and the names of those that have used most.
#
# A process has its own time and that of the children that it has waited for.  So the time of one that
# has come and gone is found in its parent's, and that of one that has gone, too, from before.

FNR == 1 {
    look++
    time[look] = $1
}

/^cpu / {
    busy[look] = $2 + $3 + $4 + $7 + $8
    steal[look] = $9
}

/^[0-9]+ \(/ && $1 != self {
    name = rest = $0
    sub(/^[0-9]+ \(/, "", name)
    sub(/\) .*/, "", name)
    sub(/.*\) /, "", rest)
    split(rest, field, " ")
    used = field[12] + field[13] + field[14] + field[15]
    process = $1 " " field[20] # when it began: another one may have got the number
    other[look] += used
    if (look == 1) {
        before[process] = used
        parent[$1] = field[2]
        number[$1] = process
    } else {
        after[process] = used
        called[process] = name
    }
}

END {
    tick = 100 / (hertz * (time[2] - time[1]))
    printf "%.1f %.1f %.1f", (busy[2] - busy[1]) * tick,
        (other[2] > other[1] ? other[2] - other[1] : 0) * tick, (steal[2] - steal[1]) * tick
    for (process in before)
        if (!(process in after)) {
            split(process, field, " ")
            heir = parent[field[1]]
            while (heir > 1 && !(number[heir] in after))
                heir = parent[heir]
            before[number[heir]] += before[process]
        }
    for (process in after)
        if (after[process] > before[process])
            more[called[process]] += after[process] - before[process]
    for (i = 1; i <= 3; i++) {
        most = ""
        for (name in more)
            if (most == "" || more[name] > more[most])
                most = name
        if (most == "" || more[most] * tick < 0.5)
            break
        printf "%s %s %.1f %%", (i > 1 ? "," : ""), most, more[most] * tick
        delete more[most]
    }
    print ""
}
