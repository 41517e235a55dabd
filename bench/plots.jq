# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# plots.jq - the data of one plot for gnuplot: a row for each parameter, a column for each peer

{
    many_done: ["many", 2, "done"], many_last: ["many", 2, "last"],
    many_last_1: ["many", 1, "last"], growth: ["growth", 1, "time"], own: ["own", 2, "time"],
    turns: ["turns", 1, "time"]
}[$plot] as [$workload, $cpus, $metric]
| [.results[] | select(.workload == $workload and .cpus == $cpus and .metric == $metric)] as $results
| [.peers[] | select(.name as $name | any($results[]; .peer == $name))] as $peers
| (["x"] + ($peers | map(.label)) | map("\"\(.)\"") | join(" ")),
  ($results | map(.parameter) | unique[] | . as $x
   | [$x] + [$peers[] | .name as $name
             | first($results[] | select(.parameter == $x and .peer == $name) | .median) // "NaN"]
   | join(" "))
