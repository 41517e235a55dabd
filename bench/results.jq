# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# results.jq - from the lines of all processes: medians, quartiles, and what has been reached

# Between the two values that are next to it, in proportion.
def quantile(q):
    sort | ((length - 1) * q) as $x | ($x | floor) as $i
    | .[$i] + ($x - $i) * ((.[$i + 1] // .[$i]) - .[$i]);

[inputs | split("\t")
 | {workload: .[0], parameter: (.[1] | tonumber), cpus: (.[2] | tonumber), peer: .[3],
    metric: .[4], value: (.[5] | tonumber)}]
| group_by([.workload, .parameter, .cpus, .peer, .metric])
| map(.[0] + (map(.value) | {n: length, median: quantile(0.5), q1: quantile(0.25),
                             q3: quantile(0.75), min: min, max: max}) | del(.value))
| . as $results
| $peers[0] as $peers
| ($peers | map({(.name): .}) | add) as $by_name

# The median of one measurement, or null.
| def value($w; $p; $c; $peer; $m):
      first($results[] | select(.workload == $w and .parameter == $p and .cpus == $c
                                and .peer == $peer and .metric == $m) | .median) // null;
  def time($w; $p; $c; $peer): value($w; $p; $c; $peer; "time");
  def rounded: if . >= 100 then round else (. * 100 | round) / 100 end;

  # The best of those peers for which among holds, as {peer, median}.
  def best($w; $p; $c; $m; among):
      [$results[] | select(.workload == $w and .parameter == $p and .cpus == $c and .metric == $m)
       | select($by_name[.peer] | . != null and .kind != "limit" and .kind != "library" and among)]
      | min_by(.median);

  # A ratio that is to be at most so much.
  def target($what; $value; $to; $of; $limit):
      if $value == null or $to == null or $to == 0 then empty
      else ($value / $to) as $ratio
           | {what: $what, limit: $limit, measured: $ratio, counted: false,
              reached: ($ratio <= $limit),
              said: "target \($limit) of \($of), measured \($ratio | rounded)"}
      end;
  def against($what; $w; $p; $c; $m; $limit; $who; among):
      best($w; $p; $c; $m; among) as $best
      | target("\($what), to the best \($who)"; value($w; $p; $c; "waitgroup"; $m); $best.median;
               $by_name[$best.peer].label; $limit);
  def number($what; $value; $limit):
      if $value == null then empty
      else {what: $what, limit: $limit, measured: $value, counted: true,
            reached: ($value <= $limit),
            said: "at most \($limit), counted \($value | rounded)"}
      end;
  def worst($w; $p; $c; $m):
      first($results[] | select(.workload == $w and .parameter == $p and .cpus == $c
                                and .peer == "counted" and .metric == $m) | .max) // null;
  def on($c): if $c == 1 then "on one CPU" else "on two CPUs" end;
  def waiters($n): if $n == 1 then "1 waiter" else "\($n) waiters" end;
  def threads($n): if $n == 1 then "1 thread" else "\($n) threads" end;
  def native: .kind == "thread";
  # To the best of the system's threads, and to Go's, of which one may be awake and look for work.
  def against_threads($what; $w; $p; $c; $m; $limit):
      against($what; $w; $p; $c; $m; $limit; "thread peer"; native),
      against($what; $w; $p; $c; $m; $limit; "of Go's threads"; .kind == "gothread");
  # How much more one of them needs for each time with so many threads than with the first number.
  def grown($w; $from; $to; $peer):
      time($w; $from; 2; $peer) as $before | time($w; $to; 2; $peer) as $after
      | if $before == null or $after == null then null else $after / $before end;

{
    machine: $machine[0],
    peers: $peers,
    targets: ([
        ({pair: "1, 2. add+done, never to 0", round: "1, 2. add+done, to 0",
          done: "2. done"} | to_entries[]) as $w
        | (1, 2, 8) as $n
        | "\($w.value), \(threads($n))" as $what
        | target("\($what), to the limit"; time($w.key; $n; 2; "waitgroup");
                 time($w.key; $n; 2; "atomics"); "bare atomics"; 1.25),
          if $w.key == "round" then
              against($what; $w.key; $n; 2; "time"; 1; "peer that counts up as well";
                      .counts == "up and down"),
              against($what; $w.key; $n; 2; "time"; 1; "peer of all"; true)
          else
              against($what; $w.key; $n; 2; "time"; 1; "peer"; true)
          end
    ] + [
        target("3. idle wait, to the limit"; time("idle"; 1; 2; "waitgroup");
               time("idle"; 1; 2; "calls"); "an empty call"; 1.3),
        against("3. idle wait"; "idle"; 1; 2; "time"; 1; "native peer that is called";
                native and .calls == "called")
    ] + [
        (["parked", 0, 2, "4. handover, parked"], ["brief", 1000, 2, "4. handover, short wait"],
         ["parked", 0, 1, "4. handover, parked"]) as [$w, $p, $c, $what]
        | against_threads("\($what), \(on($c))"; $w; $p; $c; "time"; 1.05),
          against("\($what), \(on($c))"; $w; $p; $c; "time"; 1.05; "peer"; true)
    ] + [
        number("4. short waits of 100 that sleep"; value("brief"; 1000; 2; "waitgroup"; "slept%"); 1),
        number("4. yields of a waiter on one CPU"; worst("yields"; 0; 1; "yields"); 0)
    ] + [
        (2, 1) as $c | (1, 8, 64, 512) as $n
        | number("5. posts by the completing thread, \(waiters($n)), \(on($c))";
                 worst("posts"; $n; $c; "posts"); 8),
          against_threads("5. until done returns, \(waiters($n)), \(on($c))"; "many"; $n; $c; "done"; 1.05),
          against_threads("5. until the last waiter returns, \(waiters($n)), \(on($c))";
                          "many"; $n; $c; "last"; 1.15)
    ] + [
        (2, 1) as $c | (1, 16, 256) as $n
        | against_threads("6. round of \($n) task\(if $n == 1 then "" else "s" end), \(on($c))";
                          "pool"; $n; $c; "time"; 1)
    ] + [
        number("7. bytes of a group"; value("memory"; 1000000; 2; "waitgroup"; "bytes"); 12),
        number("7. bytes of a group on the heap"; value("memory"; 1000000; 2; "waitgroup"; "heap"); 0)
    ] + [
        target("8. init and destroy, to the limit"; time("init"; 1; 2; "waitgroup");
               time("init"; 1; 2; "calls"); "two empty calls and a compare-and-swap"; 1.3)
    ] + [
        (100, 1000, 10000) as $n
        | target("9. handover with \($n) parked on as many other groups";
                 time("growth"; $n; 2; "waitgroup"); time("growth"; 0; 2; "waitgroup");
                 "that with none"; 1.5),
          target("9. handover with \($n) parked on one other group of the bucket";
                 time("shared"; $n; 2; "counted"); time("shared"; 0; 2; "counted");
                 "that with none"; 1.5)
    ] + [
        (2, 8, 64) as $n
        | target("10. groups of their own, \(threads($n)) compared with 1";
                 grown("own"; 1; $n; "waitgroup"); grown("own"; 1; $n; "atomics");
                 "what bare atomics do"; 1.25),
          target("10. taking turns, \(threads($n)), to the limit"; time("turns"; $n; 2; "waitgroup");
                 time("turns"; $n; 2; "futex"); "bare futexes"; 1.25)
    ]),
    results: $results
}
