# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# plots.jq - a plot's part for gnuplot
#
# summary: the rows of the first table, as multiples of what a condition variable takes.
# data: a row for each parameter, a column for each of some peers, in the order of $shown.
# labels: what stands at the right end of each line, none on top of another.

include "common";

# What a line looks like is told by its number, in plots.gp.
[first_peers[][0], "futex"] as $shown
| (.peers | map({(.name): .label}) | add) as $called
| . as $all
| {
    many_last: ["many", 2, "last"], many_last_1: ["many", 1, "last"],
    growth: ["growth", 1, "time"], turns: ["turns", 1, "time"]
  }[$plot] as $of
| [.results[] | select($of != null and .workload == $of[0] and .cpus == $of[1] and .metric == $of[2])
   | select(.peer as $peer | any($shown[]; . == $peer))] as $results
# A line needs two points.
| [$shown[] as $peer | $results | map(select(.peer == $peer)) | sort_by(.parameter)
   | select(length > 1) | {peer: $peer, last: .[-1]}] as $lines

| if $part == "summary" then
      first_rows | to_entries[] | .key as $row | .value
      | .title as $title | .cell as $cell
      | ($all | median_of($cell; "mutex")) as $mutex
      | select($mutex != null)
      | [$row, "\"\($title)\"", "\"\($mutex | duration)\""]
        + [first_peers[][0] as $peer | $all | median_of($cell; $peer)
           | if . == null then "NaN" else . / $mutex end]
      | join(" ")
  elif $part == "data" then
      $results | map(.parameter) | unique[] | . as $x
      | [$x] + [$shown[] as $peer
                | if any($lines[]; .peer == $peer) then
                      first($results[] | select(.parameter == $x and .peer == $peer) | .median * 1e-9)
                      // "NaN"
                  else "NaN" end]
      | join(" ")
  else
      ([$results[].median | log10] | (max - min) / 18) as $gap
      | $lines | map(.at = (.last.median | log10)) | sort_by(.at)
      | reduce range(0; 100 * length) as $n
          (.; ($n % length) as $i
              | if $i > 0 and .[$i].at - .[$i - 1].at < $gap then
                    ($gap - .[$i].at + .[$i - 1].at) as $less
                    | .[$i].at += $less / 2 | .[$i - 1].at -= $less / 2
                else . end)
      | .[]
      | (.at | exp10 * 1e-9) as $y
      | (.last.parameter | [., 1] | max) as $x
      | ((.peer as $peer | $shown | index($peer)) + 1) as $linetype
      | "set label \"\($called[.peer])\" at \($x * 1.35), \($y) textcolor linetype \($linetype)",
        "set arrow from \($x * 1.05), \(.last.median * 1e-9) to \($x * 1.3), \($y) nohead"
        + " linecolor \($linetype)"
  end
