# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# results.jq - from the lines of all processes: medians, quartiles, and what has been reached

# Between the two values that are next to it, in proportion.
def quantile(q):
    sort | ((length - 1) * q) as $x | ($x | floor) as $i
    | .[$i] + ($x - $i) * ((.[$i + 1] // .[$i]) - .[$i]);

[inputs | split("\t")
 | {workload: .[0], parameter: (.[1] | tonumber), cpus: (.[2] | tonumber? // .), peer: .[3],
    metric: .[4], value: (.[5] | tonumber)}]
| group_by([.workload, .parameter, .cpus, .peer, .metric])
| map(.[0] + (map(.value) | {n: length, median: quantile(0.5), q1: quantile(0.25),
                             q3: quantile(0.75), min: min, max: max}) | del(.value))
| . as $results
| $peers[0] as $peers
| ($peers | map({(.name): .}) | add) as $by_name

# One measurement, or null.
| def found($w; $p; $c; $peer; $m):
      first($results[] | select(.workload == $w and .parameter == $p and .cpus == $c
                                and .peer == $peer and .metric == $m)) // null;
  def time($w; $p; $c; $peer): found($w; $p; $c; $peer; "time");
  def rounded: if . >= 100 then round else (. * 100 | round) / 100 end;
  # With as many digits as it takes to tell it from the limit that it exceeds.
  def rounded($limit):
      . as $x | rounded
      | if . != $limit or $x <= $limit then .
        else first((1e3, 1e4, 1e5) as $p | ($x * $p | round) / $p | select(. != $limit)) // $x end;

  # The one divided by the other; the quartiles are the least and the most that theirs allow.
  def ratio($a; $b):
      if $a == null or $b == null or $b.q1 == 0 then null
      else {median: ($a.median / $b.median), q1: ($a.q1 / $b.q3), q3: ($a.q3 / $b.q1)} end;

  # The best of those peers for which among holds.
  def best($w; $p; $c; $m; among):
      [$results[] | select(.workload == $w and .parameter == $p and .cpus == $c and .metric == $m)
       | select($by_name[.peer] | . != null and .kind != "limit" and .kind != "library" and among)]
      | min_by(.median);

  # A ratio that is to be at most so much.
  def target($what; $value; $to; $of; $limit):
      ratio($value; $to) | select(. != null)
      | {what: $what, limit: $limit, of: $of, measured: .median, shown: (.median | rounded($limit)),
         counted: false,
         verdict: (if .median <= $limit then "reached"
                   elif .q1 <= $limit then "undecided"
                   else "missed" end),
         said: "at most \($limit) times \($of), measured \(.median | rounded($limit))"};
  def against($what; $w; $p; $c; $m; $limit; $who; among):
      (best($w; $p; $c; $m; among) // empty) as $best
      | target($what; found($w; $p; $c; "waitgroup"; $m); $best;
               "\($who)\($by_name[$best.peer].label)"; $limit);
  def number($what; $value; $limit):
      if $value == null then empty
      else {what: $what, limit: $limit, measured: $value, shown: ($value | rounded), counted: true,
            verdict: (if $value <= $limit then "reached" else "missed" end),
            said: "at most \($limit), counted \($value | rounded)"}
      end;
  def worst($w; $p; $c; $m):
      first($results[] | select(.workload == $w and .parameter == $p and .cpus == $c
                                and .peer == "counted" and .metric == $m) | .max) // null;
  def on($c): if $c == 1 then "on one processor" else "on two processors" end;
  def waiters($n): if $n == 1 then "1 waiter" else "\($n) waiters" end;
  def threads($n): if $n == 1 then "1 thread" else "\($n) threads" end;
  def native: .kind == "thread";
  # To the best of the system's threads, and to Go's, of which one may be awake and look for work.
  def against_threads($what; $w; $p; $c; $m; $limit):
      against($what; $w; $p; $c; $m; $limit; "the best but Go: "; native),
      against($what; $w; $p; $c; $m; $limit; ""; .kind == "gothread");
  # How much more one of them needs with the second number of threads than with the first.
  def grown($w; $from; $to; $c; $peer): ratio(time($w; $to; $c; $peer); time($w; $from; $c; $peer));
  # The same as a target of its own.
  def growth($what; $w; $n; $peer):
      target($what; time($w; $n; 1; $peer); time($w; 0; 1; $peer); "the same with no others"; 1.5);

{
    machine: $machine[0],
    peers: $peers,
    targets: ([
        ({pair: "1, 2. add and done, counter above 0", round: "1, 2. add and done, counter back to 0",
          done: "2. done alone"} | to_entries[]) as $w
        | (if $w.key == "round" then 1, 2 else 1, 2, 8 end) as $n
        | "\($w.value), \(threads($n))" as $what
        | target($what; time($w.key; $n; 2; "waitgroup");
                 time($w.key; $n; 2; "atomics"); "bare atomics"; 1.25),
          if $w.key == "round" then
              against($what; $w.key; $n; 2; "time"; 1;
                      "the best that can add: "; .counts == "up and down"),
              against($what; $w.key; $n; 2; "time"; 1; "the best: "; true)
          else
              against($what; $w.key; $n; 2; "time"; 1; "the best: "; true)
          end
    ] + [
        target("3. wait with nothing to wait for"; time("idle"; 1; 2; "waitgroup");
               time("idle"; 1; 2; "calls"); "an empty call"; 1.3),
        against("3. wait with nothing to wait for"; "idle"; 1; 2; "time"; 1;
                "the best but Go that is called: "; native and .calls == "called")
    ] + [
        (["parked", 0, 2, "4. waiter asleep"], ["brief", 1000, 2, "4. short wait"],
         ["parked", 0, 1, "4. waiter asleep"]) as [$w, $p, $c, $what]
        | against_threads("\($what), \(on($c))"; $w; $p; $c; "time"; 1.05),
          against("\($what), \(on($c))"; $w; $p; $c; "time"; 1.05; "the best: "; true)
    ] + [
        number("4. of 100 short waits, those that sleep"; found("brief"; 1000; 2; "waitgroup"; "slept%").median; 1)
        | .counted = false,
        number("4. yields of a waiter, on one processor"; worst("yields"; 0; 1; "yields"); 0),
        target("4. awake before sleeping, on one processor"; found("yields"; 0; 1; "counted"; "awake");
               found("yields"; 0; 1; "counted"; "needed");
               "a lock, a compare-and-swap and an unlock"; 2)
    ] + [
        (2, 1) as $c | (1, 8, 64, 512) as $n
        | against_threads("5. until done returns, \(waiters($n)), \(on($c))"; "many"; $n; $c; "done"; 1.05),
          against_threads("5. until the last wait returns, \(waiters($n)), \(on($c))";
                          "many"; $n; $c; "last"; 1.15)
    ] + [
        (2, 1) as $c | (1, 16, 256) as $n
        | against_threads("6. round of \($n) task\(if $n == 1 then "" else "s" end), \(on($c))";
                          "pool"; $n; $c; "time"; 1)
    ] + [
        number("7. bytes of a group"; found("memory"; 1000000; 2; "waitgroup"; "bytes").median; 12),
        number("7. bytes of a group on the heap"; found("memory"; 1000000; 2; "waitgroup"; "heap").median; 0)
    ] + [
        target("8. init and destroy"; time("init"; 1; 2; "waitgroup");
               time("init"; 1; 2; "calls"); "two empty calls and a compare-and-swap"; 1.3)
    ] + [
        (100, 1000, 10000) as $n
        | "9. one waiter woken, \($n) others on as many groups" as $what
        | (if $n <= 1000 then growth($what; "growth"; $n; "waitgroup") else empty end),
          target("\($what), to that with none"; grown("growth"; 0; $n; 1; "waitgroup");
                 grown("growth"; 0; $n; 1; "futex"); "the same ratio of a bare futex"; 1.25),
          growth("\($what), in a large futex table"; "growth_large"; $n; "waitgroup"),
          ("9. one waiter woken, \($n) others on one group in its bucket" as $what
           | growth($what; "shared"; $n; "counted"),
             growth("\($what), in a large futex table"; "shared_large"; $n; "counted"))
    ] + [
        (2, 8, 64) as $n
        | target("10. groups of their own, \(threads($n)), to that with 1";
                 grown("own"; 1; $n; 2; "waitgroup"); grown("own"; 1; $n; 2; "atomics");
                 "the same ratio of bare atomics"; 1.25)
    ] + [
        (2, 8, 64, 512) as $n
        | target("10. taking turns, \(threads($n)), on one processor";
                 time("turns"; $n; 1; "waitgroup"); time("turns"; $n; 1; "futex"); "a bare futex";
                 1.25)
    ] + [
        (["a turn, 1 pair", "turns_free", 2, 2, "time", 0.02],
         ["a turn, 1 pair, beside two programs", "turns_free", 2, "2+2", "time", 1.1],
         ((8, 32) as $n
          | ["a turn, \($n / 2) pairs", "turns_free", $n, 2, "time", 1],
            ["a turn, \($n / 2) pairs, beside two programs", "turns_free", $n, "2+2", "time", 1]),
         ["a turn, 4 pairs, bound to one processor", "turns_late", 8, 2, "time", 1.25],
         ((8, 32) as $n
          | ["until two tasks are done, while \($n) waiters arrive", "arrivals", $n, 2, "time", 1.15],
            ["processor time of that, \($n) waiters", "arrivals", $n, 2, "cpu", 1.15]),
         ["processor time of a wait for a task that sleeps 1 ms", "sleeping", 1000000, 2, "cpu", 1.3],
         ["a round of a waiter and a worker, bound to one processor", "worker_late", 0, 2, "time", 1.25])
        as [$what, $w, $p, $c, $m, $limit]
        | target("11. \($what)"; found($w; $p; $c; "waitgroup"; $m); found($w; $p; $c; "mutex"; $m);
                 "a mutex and condition variable"; $limit)
    ] + [
        target("11. a wait whose deadline has passed"; time("expired"; 0; 2; "waitgroup");
               time("expired"; 0; 2; "semaphore"); "sem_clockwait"; 1.3)
    ] + [
        target("12. tryadd and done, 1 thread"; time("enter"; 1; 2; "waitgroup");
               time("pair"; 1; 2; "waitgroup"); "add and done"; 1.25),
        target("12. a refused tryadd, 1 thread"; time("refused"; 1; 2; "waitgroup");
               time("refused"; 1; 2; "calls"); "a call that loads"; 1.25),
        ((2, 8) as $n
         | ({enter: "tryadd and done", refused: "a refused tryadd"} | to_entries[]) as $w
         | target("12. \($w.value), \(threads($n))"; time($w.key; $n; 2; "waitgroup");
                  time($w.key; $n; 2; "mutex"); "a mutex and a flag"; 1))
    ]),
    results: $results
}
