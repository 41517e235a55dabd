# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# common.jq - numbers as they are printed, and what is shown first

def digits:
    if . >= 100 then round
    elif . >= 10 then (. * 10 | round) / 10
    else (. * 100 | round) / 100 end;

def duration:
    if . >= 1e6 then "\(. / 1e6 | digits) ms"
    elif . >= 1e3 then "\(. / 1e3 | digits) µs"
    else "\(digits) ns" end;

# The median of [workload, parameter, cpus, metric], or null.
def median_of($cell; $peer):
    first(.results[] | select(.workload == $cell[0] and .parameter == $cell[1]
                              and .cpus == $cell[2] and .metric == $cell[3] and .peer == $peer)
          | .median) // null;

# Of the first table and the first plot: columns, and rows.
def first_peers:
    [["waitgroup", "the library"], ["mutex", "condition variable"], ["semaphore", "semaphore"],
     ["latch", "std::latch"], ["go", "Go"]];
def first_rows:
    [["a task: add and done", "pair", 1, 2, "time"],
     ["a task: done alone", "done", 1, 2, "time"],
     ["a wait with nothing to wait for", "idle", 1, 2, "time"],
     ["a wait for a task of 1 µs", "brief_free", 1000, 2, "time"],
     ["one waiter woken, one processor", "parked", 0, 1, "time"],
     ["one waiter woken, two processors", "parked", 0, 2, "time"],
     ["eight waiters woken, one processor", "many", 8, 1, "last"],
     ["eight waiters woken, two processors", "many", 8, 2, "last"],
     ["a turn, 1 pair of threads", "turns_free", 2, 2, "time"],
     ["a turn, 16 pairs of threads", "turns_free", 32, 2, "time"],
     ["the same beside two busy programs", "turns_free", 32, "2+2", "time"],
     ["processor time of a wait of 1 ms", "sleeping", 1000000, 2, "cpu"]]
    | map({title: .[0], cell: .[1:]});
