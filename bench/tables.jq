# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# tables.jq - the results in Markdown: what the README shows, what doc/benchmarks.md shows first, and
# its tables

include "common";

. as $all
| .results as $results
| .peers as $peers

| def cell($c; $m): first($results[] | select(.workload == $c[0] and .parameter == $c[1]
                          and .cpus == $c[2] and .metric == ($c[3] // "time") and .peer == $m));

  # A table with a row for each peer and a column for each [workload, parameter, cpus, metric,
  # title, limit].  The ratio is to the limit, if there is one.
  def table($columns):
      "| peer | " + ($columns | map(.[4]) | join(" | ")) + " |",
      "|---|" + ($columns | map("---:|") | join("")),
      ($peers[] as $peer
       | [$columns[] | . as $c
          | (cell($c; $peer.name) // null) as $own
          | (cell($c; ($c[5] // "")) // null) as $limit
          | if $own == null then "–"
            else ($own.median | duration)
                 + (if $limit != null and $limit.median > 0
                    then " (\($own.median / $limit.median | digits))" else "" end)
            end] as $cells
       | select($cells | any(. != "–"))
       | "| \(if $peer.kind == "library" then "**\($peer.label)**"
              elif $peer.kind == "limit" then "*\($peer.label)*"
              else $peer.label end)"
         + (if $peer.calls == "inlined" and $peer.kind != "limit" then " ¹" else "" end)
         + (if $peer.rounds == "made anew" and $peer.name != "join" then " ²" else "" end)
         + " | " + ($cells | join(" | ")) + " |"),
      "| *spread of libwaitgroup* | " + ([$columns[] | . as $c
          | (cell($c; "waitgroup") // null)
          | if . == null then "–" else "\(.q1 | duration) to \(.q3 | duration)" end]
          | join(" | ")) + " |",
      "";
  def on($c): if $c == 1 then "on one processor" else "on two processors" end;
  def beside($c): if $c == "2+2" then ", beside two programs" else "" end;
  def count($n; $what): "\($n) \($what)\(if $n == 1 then "" else "s" end)";

  def one($cell; $peer): $all | median_of($cell; $peer);
  def shown($cell; $peer): one($cell; $peer) | if . == null then "–" else duration end;
  def times_as($cell; $peer):
      one($cell; "waitgroup") as $own | one($cell; $peer)
      | if . == null or $own == null then "–" else "\($own / . | digits)" end;
  def measured:
      "Measured on \(.machine.date), \(.machine.cpu), \(.machine.used | split(",") | length) processors\(if .machine.virtual != "" then " of a virtual machine" else "" end), \(.machine.system)";

  # Why a target is missed: of those that match what it is, and of whom, the first.
  def why:
      "\(.what) / \(.of // "")" as $target
      | first((["^(1, 2|2)[.].* (2|8) threads",
                "One word is in the cache of one processor at a time, and for how long differs from process to process."],
               ["^(1, 2|2)[.].* / std::latch",
                "`std::latch` is inlined: its done is the bare instruction, with no call."],
               ["^(1, 2|2)[.].* / bare atomics",
                "A call stores its return address, and a locked instruction waits for that store: see *bare atomics, a store before each*."],
               ["^(1, 2|2)[.]", "Each is a call with one atomic instruction. The rest is a few others."],
               [" / Go WaitGroup, goroutines", "Go switches goroutines by itself, without the system."],
               ["^5[.] until done returns.* / Go", "Go marks the waiters, and wakes their threads after done has returned."],
               ["^4[.].*on one processor / |^5[.].* 1 waiter,",
                "A semaphore alone has no counter to change, no lock to take and no queue to look through."],
               ["^4[.].*(parked|short wait), on two",
                "Here a sleeping processor has to be woken, which takes longer in some processes than in others."],
               ["^4[.] short waits", "A task of 1 µs that is interrupted is a longer one."],
               ["^5[.]", "The library posts a semaphore for each waiter. A futex wakes all by one system call."],
               ["^6[.].* 1 task, on one.* / std::latch",
                "`std::latch` yields once before it sleeps, which here is the whole wait. With more tasks it is a switch in vain."],
               ["^6[.].*on one", "Each done is a call, and its store is waited for: see [what was tried](benchmarks-tried.md#what-a-call-costs)."],
               ["^6[.]", "It is up to the scheduler whether four workers share a processor, use both, or sleep."],
               ["^9[.].*large", "The library finds its waiter among the others."],
               ["^9[.]", "The kernel looks through all that sleep in a slot of its futex table. In a large one it does not."],
               ["^10[.].*turns", "A bare futex counts nobody, and takes no lock."],
               ["^12[.] tryadd and done, 1", "It is a compare-and-swap, which has to load first."],
               ["^12[.] tryadd", "A compare-and-swap is repeated where others have changed the word meanwhile."],
               ["", "Not looked into."])
              | . as [$name, $reason] | select($target | test($name)) | $reason);

if $part == "readme" then
    "| what | libwaitgroup | counter, mutex and condition variable |",
    "|---|---:|---:|",
    ({"a task: add and done": ["pair", 1, 2, "time"],
      "a short wait: from the end of a task of 1 µs": ["brief_free", 1000, 2, "time"]} | to_entries[]
     | "| \(.key) | **\(shown(.value; "waitgroup"))** | \(shown(.value; "mutex")) |"),
    (["memory", 1000000, 2, "bytes"]
     | "| size | **\(one(.; "waitgroup")) bytes** | \(one(.; "mutex")) bytes |"),
    "",
    "\(measured).",
    "",
    "![what tasks and waits take, beside others](doc/benchmarks/summary.svg)"
elif $part == "summary" then
    "A task takes \(shown(["pair", 1, 2, "time"]; "waitgroup")), from its add to its done; with a counter, a mutex and a condition",
    "variable it takes \(shown(["pair", 1, 2, "time"]; "mutex")). A wait for a task of 1 µs, not bound to a processor, is over",
    "\(shown(["brief_free", 1000, 2, "time"]; "waitgroup")) after the task, since it stays awake for so long; with a condition variable",
    "\(shown(["brief_free", 1000, 2, "time"]; "mutex")). One waiter that sleeps is woken in \(shown(["parked", 0, 1, "time"]; "waitgroup")) on one processor, with a",
    "semaphore in \(shown(["parked", 0, 1, "time"]; "semaphore")). The last of eight is back after \(shown(["many", 8, 1, "last"]; "waitgroup")) there, which is \(times_as(["many", 8, 1, "last"]; "latch")) times",
    "what `std::latch` takes: it wakes all by one system call, the library each by one. Staying awake is",
    "bounded: beside two busy programs, 16 pairs of threads that take turns need \(times_as(["turns_free", 32, "2+2", "time"]; "mutex")) times as long",
    "as with a condition variable, and a wait for a task that sleeps for 1 ms needs \(times_as(["sleeping", 1000000, 2, "cpu"]; "mutex")) times its",
    "processor time.",
    "",
    "| what | " + (first_peers | map(if .[0] == "waitgroup" then "**\(.[1])**" else .[1] end) | join(" | ")) + " |",
    "|---|" + (first_peers | map("---:|") | join("")),
    (first_rows[] | .title as $title | .cell as $cell
     | "| \($title) | " + ([first_peers[][0] as $peer | shown($cell; $peer)] | join(" | ")) + " |"),
    "",
    "\(measured).",
    "A dash: it has no such operation. Go is its goroutines, which Go switches without the system.",
    "",
    "![the same as multiples of what a condition variable takes](benchmarks/summary.svg)"
else
"Measured on \(.machine.date) with `scripts/bench`: \(.machine.repetitions) repetitions of \(.machine.milliseconds) ms for each number.",
"",
"| what | which |",
"|---|---|",
"| processor | \(.machine.cpu), \(.machine.cpus) processors, of which \(.machine.used) used, \(.machine.cores)\(if .machine.virtual != "" then "; a virtual machine (\(.machine.virtual))" else "" end) |",
"| kernel | \(.machine.kernel) |",
"| system | \(.machine.system), \(.machine.libc) |",
"| compilers | \(.machine.compiler), -O2 -g |",
"| other programs | at most \(.machine.others) % of a processor in each repetition\(if .machine.who != "" then " (\(.machine.who))" else "" end), the hypervisor \(.machine.steal) %\(if .machine.lost != "0" then "; \(.machine.lost) repetitions with more were thrown away" else "" end) |",
($peers[] | select(.version != "") | "| \(.label) | \(.version) |"),
"",
(if (.machine.others | tonumber) > 5 then
    "**Others were using the machine.** Then two processors are seldom there at the same time, and what",
    "needs both is worth little: 2 and more threads on one word or on words of their own, and handovers",
    "from one processor to the other.", "" else empty end),
"¹ inlined into the program that calls it; all others are called. ² an object for one round: a new",
"one is made for each, and that is measured too.",
"",
"### 1, 2. Adding and finishing",
"",
"The threads are bound to the two processors in turn. One add and one done, the counter never 0; in parentheses the ratio to bare atomics.",
"",
table([1, 2, 8 | ["pair", ., 2, "time", count(.; "thread"), "atomics"]]),
"The same, and no other task: one thread goes from 0 to 1 and back each time, two as often as the other",
"one is not between the two calls. Of eight, nearly always one has been interrupted there, so they",
"would do the above once more.",
"",
table([1, 2 | ["round", ., 2, "time", count(.; "thread"), "atomics"]]),
"The end of a task alone.",
"",
table([1, 2, 8 | ["done", ., 2, "time", count(.; "thread"), "atomics"]]),
"### 3, 8. Idle wait; init and destroy",
"",
"In parentheses the ratio to empty calls; for init and destroy these are followed by a",
"compare-and-swap.",
"",
table([["idle", 1, 2, "time", "idle wait", "calls"], ["init", 1, 2, "time", "init and destroy", "calls"]]),
"### 4. From done to the return of wait",
"",
"The two threads are bound to one processor each. In parentheses the ratio to a bare futex.",
"",
table([["parked", 0, 2, "time", "parked, two processors", "futex"],
       ["brief", 1000, 2, "time", "short wait, two processors", "futex"],
       ["beside", 1000, 2, "time", "the same beside another program", "futex"],
       ["parked", 0, 1, "time", "parked, one processor", "futex"]]),
"How many of a hundred short waits have slept:",
"",
"| peer | slept |", "|---|---:|",
($peers[] | .name as $name | (cell(["brief", 1000, 2, "slept%"]; $name) // empty)
 | .median as $m | "| \(first($peers[] | select(.name == $name) | .label)) | \($m | digits) |"),
"",
"### 5. Many waiters",
"",
"Nothing is bound.",
"",
((2, 1) as $c
 | ("done", "last") as $m
 | "Until \(if $m == "done" then "done has returned" else "the last waiter has returned" end), \(on($c)); in parentheses the ratio to a bare futex.",
   "",
   table([1, 8, 64, 512 | ["many", ., $c, $m, count(.; "waiter"), "futex"]])),
"Posts by the thread that completes, the most that were counted: "
 + ([$results[] | select(.workload == "posts")] | group_by(.parameter)
    | map("\(map(.max) | max) for \(count(.[0].parameter; "waiter"))") | join(", ")) + ".",
"",
"![until the last waiter has returned, two processors](benchmarks/many_last.svg)",
"![until the last waiter has returned, one processor](benchmarks/many_last_1.svg)",
"",
"### 6. Rounds of tiny tasks for four threads",
"",
"Nothing is bound. A round; in parentheses the ratio to a bare futex.",
"",
table([(2, 1) as $c | 1, 16, 256
       | ["pool", ., $c, "time", "\(count(.; "task")), \(on($c))", "futex"]]),
"The processor time of it, of all threads.",
"",
table([(2, 1) as $c | 1, 16, 256
       | ["pool", ., $c, "cpu", "\(count(.; "task")), \(on($c))", "futex"]]),
"### 7. Memory",
"",
"| peer | bytes of a group | on the heap | resident, of each of a million |",
"|---|---:|---:|---:|",
($peers[] | select(.kind != "limit") | . as $peer
 | (cell(["memory", 1000000, 2, "bytes"]; .name) // empty) as $bytes
 | "| \($peer.label) | \($bytes.median) | \(cell(["memory", 1000000, 2, "heap"]; $peer.name).median | digits) | \(cell(["memory", 1000000, 2, "resident"]; $peer.name).median | digits) |"),
"",
"### 9. Growth",
"",
"From done to the return of the wait, on one processor, while others are parked on as many other",
"groups. In parentheses the ratio to a bare futex.",
"",
table([0, 100, 1000, 10000 | ["growth", ., 1, "time", count(.; "other"), "futex"]]),
"A bare futex grows as well: threads whose futexes share a slot of the kernel's table hold up each",
"other. In a large table, of 16384 slots, what grows is the library. On one processor; in parentheses the",
"ratio to the time with none.",
"",
"| parked | " + ([0, 100, 1000, 10000 | count(.; "other")] | join(" | ")) + " |",
"|---|---:|---:|---:|---:|",
(["on as many other groups", "growth", "waitgroup"],
 ["on one other group in the same bucket", "shared", "counted"],
 ["on as many other groups, in a large futex table", "growth_large", "waitgroup"],
 ["on one other group in the same bucket, in a large futex table", "shared_large", "counted"],
 ["*on as many other bare futexes*", "growth", "futex"],
 ["*on as many other bare futexes, in a large futex table*", "growth_large", "futex"]
 | . as [$title, $workload, $peer]
 | (cell([$workload, 0, 1]; $peer) // null) as $none
 | "| \($title) | " + ([0, 100, 1000, 10000
     | (cell([$workload, ., 1]; $peer) // null)
     | if . == null then "–"
       else (.median | duration)
            + (if $none == null then "" else " (\(.median / $none.median | digits))" end)
       end] | join(" | ")) + " |"),
"",
"![growth](benchmarks/growth.svg)",
"",
"### 10. Groups of their own",
"",
"The threads are bound to the two processors in turn. Add, done and idle wait: the time that passes, divided by how often all threads together have",
"done the three; in parentheses the ratio to bare atomics.",
"",
table([1, 2, 8, 64 | ["own", ., 2, "time", count(.; "thread"), "atomics"]]),
((1, 2) as $c
 | "Pairs of threads that wait for each other in turns, \(on($c)): the time that passes, divided by",
   "the turns of all threads; in parentheses the ratio to a bare futex.",
   "",
   table([2, 8, 64, (512 | select($c == 1)) | ["turns", ., $c, "time", count(.; "thread"), "futex"]]),
   "Of a hundred turns of the library's, so many find the other thread asleep and post: "
    + ([$results[] | select(.workload == "turns" and .cpus == $c and .metric == "posts%"
                            and ([.parameter] | inside([2, 8, 64])))]
       | map("\(.median | digits) with \(count(.parameter; "thread"))") | join(", ")) + "."
    + (if $c == 2 then "\nWhere these are few, the waits are over while they spin, and the time says nothing of the buckets."
       else "" end),
   ""),
"![taking turns](benchmarks/turns.svg)",
"",
"### 11. Threads that are not bound",
"",
"Two processors, of which the scheduler decides who gets them; alone, and beside two other programs",
"that are busy. Processor time is that of all threads of the process, in the program and in the",
"system. In parentheses the ratio to a mutex and condition variable.",
"",
"A turn of pairs of threads that wait for each other: the time that passes, divided by the turns of all.",
"",
((2, 8, 32) as $n | count($n / 2; "pair") as $pairs
 | table([(2, "2+2") as $c | (["time", $pairs], ["cpu", "processor time"]) as [$m, $title]
          | ["turns_free", $n, $c, $m, "\($title)\(beside($c))", "mutex"]])),
"Waiters that arrive while two tasks work, for 100 µs of processor time each.",
"",
((8, 32) as $n
 | table([(2, "2+2") as $c
          | (["time", "until the work of both is done, \($n) waiters"],
             ["last", "until the last waiter has returned"],
             ["cpu", "processor time"]) as [$m, $title]
          | ["arrivals", $n, $c, $m, "\($title)\(beside($c))", "mutex"]])),
"A wait for a task that takes 1 µs, from done to the return of wait; and rounds of a task that sleeps",
"for 1 ms.",
"",
table([(2, "2+2") as $c
       | ["brief_free", 1000, $c, "time", "short wait\(beside($c))", "mutex"],
         ["sleeping", 1000000, $c, "time", "1 ms of sleep\(beside($c))", "mutex"],
         ["sleeping", 1000000, $c, "cpu", "processor time\(beside($c))", "mutex"]]),
"Here all threads are bound to one of the two processors, once the library has been loaded: turns of",
"four pairs, and rounds of one tiny task for a worker that a semaphore wakes. And a wait whose",
"deadline has passed, `sem_clockwait` being that of the semaphore.",
"",
table([((["turns_late", 8, "4 pairs"], ["worker_late", 0, "a worker"]) as [$w, $p, $title]
        | [$w, $p, 2, "time", $title, "mutex"], [$w, $p, 2, "cpu", "processor time", "mutex"]),
       ["expired", 0, 2, "time", "deadline passed", "semaphore"]]),
"Beside two programs that are busy: done is called by a thread of nice 19, until the last waiter has",
"returned; and nine waiters of nice 19 have come first, until an ordinary one has returned.",
"",
table([(8, 32 | ["weak_end", ., "2+2", "last", "\(count(.; "waiter")), released by nice 19", "mutex"]),
       ["weak_waiters", 9, "2+2", "last", "after nine of nice 19", "mutex"]]),
"### 12. A group that can be closed",
"",
"The threads are bound to the two processors in turn. An addition that would be refused if the group",
"were closed, and one done, the counter never 0; then an addition that is refused. In parentheses the",
"ratio to bare atomics: a loop with a compare-and-swap, and a load.",
"",
table([("enter", "refused") as $w | 1, 2, 8
       | [$w, ., 2, "time",
          "\(if $w == "enter" then "add and done" else "refused" end), \(count(.; "thread"))",
          "atomics"]]),
"### An atomic addition, by the address of its 8 bytes",
"",
"| aligned | misaligned, within a cache line | across the end of a line |",
"|---:|---:|---:|",
"| " + ([0, 4, 60 | . as $offset
    | (cell(["split", $offset, 2, "signal"]; "split_lock") // null) as $signal
    | if $signal != null then "killed by signal \($signal.median)"
      else (cell(["split", $offset, 2]; "split_lock").median | duration) end] | join(" | ")) + " |",
"",
"## Targets",
"",
"Missed ones first. *Undecided*: the medians miss the target, but the library's first quartile reaches",
"it if it is compared with the other's third, so this run does not tell.",
"",
"| target | at most | measured | verdict | why, as far as is known |",
"|---|---|---:|---|---|",
(["missed", "undecided", "reached"][] as $verdict | .targets[] | select(.verdict == $verdict)
 | "| \(.what) | \(.limit)\(if .of then " of \(.of)" else "" end) | \(.shown) | \(if .verdict == "missed" then "**missed**" else .verdict end) | \(if .verdict == "reached" then "" else why end) |")
end
