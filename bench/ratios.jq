# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# ratios.jq - the library beside each peer, a line for each number, in columns

def digits:
    if . >= 100 then round
    elif . >= 10 then (. * 10 | round) / 10
    else (. * 100 | round) / 100 end;
def duration:
    if . >= 1e6 then "\(. / 1e6 | digits) ms"
    elif . >= 1e3 then "\(. / 1e3 | digits) us"
    else "\(digits) ns" end;
def padded($n): . + " " * ([$n - length, 0] | max);
def row($widths): [., $widths] | transpose | map(.[1] as $n | .[0] | padded($n)) | join(" ") | sub(" +$"; "");

def compared($own; $peer):
    if $own == null or $peer == null or $peer.median == 0 then ["", "", ""]
    else [($own.median | duration), ($peer.median | duration),
          ($own.median / $peer.median | digits | tostring)] end;

.results as $results
| [14, 9, 5, 5, 10, 10, 10, 8, 10, 10, 5] as $widths
| (["workload", "parameter", "CPUs", "until", "peer", "library", "peer", "ratio",
    "CPU time", "peer", "ratio"] | row($widths)),
  ($results[]
   | select(.peer != "waitgroup" and .peer != "counted" and ([.metric] | inside(["time", "done", "last"])))
   | . as $peer
   | def of($who; $m): first($results[] | select(.workload == $peer.workload and .peer == $who
                             and .parameter == $peer.parameter and .cpus == $peer.cpus
                             and .metric == $m)) // null;
     of("waitgroup"; .metric) as $own
   | select($own != null)
   | [.workload, (.parameter | tostring), (.cpus | tostring), (.metric | sub("time"; "")), .peer]
     + compared($own; .)
     + (if .metric == "time" then compared(of("waitgroup"; "cpu"); of($peer.peer; "cpu")) else [] end)
   | row($widths))
