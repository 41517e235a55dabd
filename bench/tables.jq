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
                "Only one processor at a time has the counter in its cache. For how long differs from process to process."],
               ["^(1, 2|2)[.].* / .*std::latch",
                "`std::latch` is inlined: its done is the bare instruction, with no call."],
               ["^(1, 2|2)[.].* / bare atomics",
                "A call stores its return address, and a locked instruction waits for that store: see [what a call costs](benchmarks-tried.md#what-a-call-costs)."],
               ["^(1, 2|2)[.]", "Both are calls with one atomic instruction each, and differ by a few others."],
               [" / .*Go WaitGroup, goroutines", "Go switches goroutines itself, without the system."],
               ["^5[.] until done returns.* / .*Go WaitGroup", "Go marks the waiters as ready; their threads are woken after done has returned."],
               ["^4[.].*on one processor / |^5[.].* 1 waiter,",
                "A semaphore alone has no counter to change, no lock to take and no queue to look through."],
               ["^4[.].*(asleep|short wait), on two",
                "Here a sleeping processor has to be woken, which takes longer in some processes than in others."],
               ["^4[.] of 100 short waits", "A task of 1 µs that is interrupted is a longer one."],
               ["^5[.]", "The library wakes each waiter by a system call of its own. A futex wakes all by one."],
               ["^6[.].* 1 task, on one.* / .*std::latch",
                "`std::latch` yields before it sleeps, which here is the whole wait. With more tasks it is a switch in vain."],
               ["^6[.].*on one", "Each done is a call, whose store has to be waited for: see [what a call costs](benchmarks-tried.md#what-a-call-costs)."],
               ["^6[.]", "It is up to the scheduler whether four workers share a processor, use both, or sleep."],
               ["^9[.].*large", "The library finds its waiter among the others."],
               ["^9[.]", "The kernel looks through all that sleep in a slot of its futex table. In a large table these are few."],
               ["^10[.].*turns", "A bare futex counts no waiters, and takes no lock."],
               ["^12[.] tryadd and done, 1", "It is a compare-and-swap, which has to load first."],
               ["^12[.] tryadd", "A compare-and-swap is repeated if others have changed the word meanwhile."],
               ["", "Not looked into."])
              | . as [$name, $reason] | select($target | test($name)) | $reason);

if $part == "readme" then
    "| what | libwaitgroup | counter, mutex and condition variable |",
    "|---|---:|---:|",
    ({"a task: add and done": ["pair", 1, 2, "time"],
      "a wait for a task of 1 µs: from the end of the task to that of the wait": ["brief_free", 1000, 2, "time"],
      "a wait that sleeps: from the last done to the end of the wait": ["parked", 0, 2, "time"]} | to_entries[]
     | "| \(.key) | **\(shown(.value; "waitgroup"))** | \(shown(.value; "mutex")) |"),
    "",
    "\(measured).",
    "",
    "![what tasks and waits take, as multiples of what a condition variable takes](doc/benchmarks/summary.svg)"
elif $part == "summary" then
    "* Counting a task in and out takes **\(shown(["pair", 1, 2, "time"]; "waitgroup"))**; with a counter, a mutex and a condition variable it",
    "  takes \(shown(["pair", 1, 2, "time"]; "mutex")).",
    "* A wait for a task of 1 µs returns **\(shown(["brief_free", 1000, 2, "time"]; "waitgroup"))** after the task has ended, with a condition",
    "  variable \(shown(["brief_free", 1000, 2, "time"]; "mutex")) after it: the library does not put a thread to sleep at once.",
    "* A waiter that does sleep is woken in **\(shown(["parked", 0, 1, "time"]; "waitgroup"))** on one processor, with a condition variable in",
    "  \(shown(["parked", 0, 1, "time"]; "mutex")).",
    "* Eight sleeping waiters are back after **\(shown(["many", 8, 1, "last"]; "waitgroup"))** on one processor, \(times_as(["many", 8, 1, "last"]; "latch")) times what `std::latch`",
    "  takes: the library wakes each by a system call, the latch all by one.",
    "* Staying awake is bounded: a wait of 1 ms takes **\(times_as(["sleeping", 1000000, 2, "cpu"]; "mutex")) times** the processor time that it takes with",
    "  a condition variable.",
    "",
    "| what | " + (first_peers | map(if .[0] == "waitgroup" then "**\(.[1])**" else .[1] end) | join(" | ")) + " |",
    "|---|" + (first_peers | map("---:|") | join("")),
    (first_rows[] | .title as $title | .cell as $cell
     | "| \($title) | " + ([first_peers[][0] as $peer | shown($cell; $peer)] | join(" | ")) + " |"),
    "",
    "*Woken*: the waiters sleep, and the time runs from the last done until the last of them is back. *A turn*:",
    "two threads wait for each other in turn; with more pairs, the time is divided by the turns of all. The",
    "*busy programs* do nothing but use the processors. A dash: there is no such operation. Go's column is of",
    "goroutines, which Go switches without the system.",
    "",
    "\(measured).",
    "",
    "![the same table as a plot: each row divided by what a condition variable takes](benchmarks/summary.svg)"
else
"Measured on \(.machine.date) with `scripts/bench`: \(.machine.repetitions) repetitions of \(.machine.milliseconds) ms for each number.",
"",
"| what | which |",
"|---|---|",
"| processor | \(.machine.cpu), \(.machine.cpus) processors, of which \(.machine.used) used, \(.machine.cores)\(if .machine.virtual != "" then "; a virtual machine (\(.machine.virtual))" else "" end) |",
"| kernel | \(.machine.kernel) |",
"| system | \(.machine.system), \(.machine.libc) |",
"| compilers | \(.machine.compiler), -O2 -g |",
"| other programs | at most \(.machine.others) % of a processor in each repetition, the hypervisor \(.machine.steal) %\(if .machine.lost != "0" then "; \(.machine.lost) repetitions with more were thrown away" else "" end) |",
($peers[] | select(.version != "") | "| \(.label) | \(.version) |"),
"",
(if (.machine.others | tonumber) > 5 then
    "**Others were using the machine.** Then two processors are seldom there at the same time, and what",
    "needs both is worth little: several threads on one group or on groups of their own, and a waiter woken",
    "on the other processor.", "" else empty end),
"### 1, 2. Adding and finishing tasks",
"",
"All threads use one group, and are bound to the two processors in turn. In parentheses the ratio to bare",
"atomics. First one add and one done; another task keeps the counter above 0.",
"",
table([1, 2, 8 | ["pair", ., 2, "time", count(.; "thread"), "atomics"]]),
"The same without another task. One thread takes the counter from 0 to 1 and back each time. Two threads do",
"so unless the other one is between its two calls. Of eight, nearly always one is there. They would only",
"repeat the first table, and are left out.",
"",
table([1, 2 | ["round", ., 2, "time", count(.; "thread"), "atomics"]]),
"Done alone.",
"",
table([1, 2, 8 | ["done", ., 2, "time", count(.; "thread"), "atomics"]]),
"### 3, 8. A wait with nothing to wait for; init and destroy",
"",
"In parentheses the ratio to empty calls. For init and destroy these are two calls and a compare-and-swap.",
"",
table([["idle", 1, 2, "time", "wait with nothing to wait for", "calls"], ["init", 1, 2, "time", "init and destroy", "calls"]]),
"### 4. One waiter: from done to the return of its wait",
"",
"One thread waits, another one calls done. On two processors each of them is bound to one. The other",
"program keeps the waiter's processor busy. In parentheses the ratio to a bare futex.",
"",
table([["parked", 0, 2, "time", "parked, two processors", "futex"],
       ["brief", 1000, 2, "time", "short wait, two processors", "futex"],
       ["beside", 1000, 2, "time", "short wait, beside another program", "futex"],
       ["parked", 0, 1, "time", "parked, one processor", "futex"]]),
"Of a hundred short waits on two processors, so many went to sleep: "
 + ([$peers[] | .label as $who | cell(["brief", 1000, 2, "slept%"]; .name) | select(.median < 99)
     | "\(.median | digits) with \($who)"] + ["more than 99 with all others"] | join(", ")) + ".",
"",
"### 5. Many waiters woken at once",
"",
"All waiters of one group sleep; then a thread calls done. The threads are not bound. In parentheses the",
"ratio to a bare futex. On one processor, done may return after the last wait: a waiter that has been woken",
"may run before the thread that woke it goes on.",
"",
((2, 1) as $c
 | ("done", "last") as $m
 | "Until \(if $m == "done" then "done has returned" else "the last wait has returned" end), \(on($c)):",
   "",
   table([1, 8, 64, 512 | ["many", ., $c, $m, count(.; "waiter"), "futex"]])),
"The thread that calls done wakes some of the library's waiters itself, and these wake the others. The most",
"that it was seen to wake: "
 + ([$results[] | select(.workload == "posts")] | group_by(.parameter)
    | map("\(map(.max) | max) of \(.[0].parameter)") | join(", ")) + ".",
"",
"![until the last waiter has returned, two processors](benchmarks/many_last.svg)",
"![until the last waiter has returned, one processor](benchmarks/many_last_1.svg)",
"",
"### 6. Rounds of tiny tasks, done by a pool of four threads",
"",
"In a round, one thread adds so many tasks, of some 15 ns each. It wakes the pool's threads (for one task, only",
"one of them), and waits. The threads are not bound. In parentheses the ratio to a bare futex. How long a",
"round takes:",
"",
table([(2, 1) as $c | 1, 16, 256
       | ["pool", ., $c, "time", "\(count(.; "task")), \(on($c))", "futex"]]),
"The processor time of a round, of all threads together:",
"",
table([(2, 1) as $c | 1, 16, 256
       | ["pool", ., $c, "cpu", "\(count(.; "task")), \(on($c))", "futex"]]),
"### 7. Memory",
"",
"The bytes of one object, what it allocates on the heap besides, and by how much each of a million lets the",
"memory of the process grow.",
"",
"| peer | bytes | on the heap | of each of a million |",
"|---|---:|---:|---:|",
($peers[] | select(.kind != "limit") | . as $peer
 | (cell(["memory", 1000000, 2, "bytes"]; .name) // empty) as $bytes
 | "| \($peer.label) | \($bytes.median) | \(cell(["memory", 1000000, 2, "heap"]; $peer.name).median | digits) | \(cell(["memory", 1000000, 2, "resident"]; $peer.name).median | digits) |"),
"",
"### 9. One waiter woken, while thousands of others sleep",
"",
"From done to the return of the wait, on one processor. Meanwhile other threads are parked, each on a group",
"of its own. In parentheses the ratio to a bare futex.",
"",
table([0, 100, 1000, 10000 | ["growth", ., 1, "time", count(.; "other"), "futex"]]),
"A bare futex takes longer as well: a wake looks through all that sleep in the same slot of the kernel's",
"futex table. In a large table, of 16,384 slots, what is left is the library's own growth. The library has a",
"table, too, and its slots are called buckets. So in some rows of the next table, all others are parked on",
"one group, which is in the bucket of the group that is measured. In parentheses the ratio to the time with",
"no others.",
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
"![one waiter woken, while others are parked on groups of their own, one processor](benchmarks/growth.svg)",
"",
"### 10. Many groups at a time",
"",
"Each thread has a group of its own, on which it calls add, done and wait. The threads are bound to the two",
"processors in turn. The time is divided by how often all threads together have called the three. In",
"parentheses the ratio to bare atomics.",
"",
table([1, 2, 8, 64 | ["own", ., 2, "time", count(.; "thread"), "atomics"]]),
((1, 2) as $c
 | "Pairs of threads that take turns, \(on($c)): the time, divided by the turns of all. In parentheses",
   "the ratio to a bare futex.",
   "",
   table([2, 8, 64, (512 | select($c == 1)) | ["turns", ., $c, "time", count(.; "thread"), "futex"]]),
   "Of a hundred turns of the library's, so many find the other thread asleep, and wake it: "
    + ([$results[] | select(.workload == "turns" and .cpus == $c and .metric == "posts%"
                            and ([.parameter] | inside([2, 8, 64])))]
       | map("\(.median | digits) with \(count(.parameter; "thread"))") | join(", ")) + "."
    + (if $c == 2 then "\nHere nearly all waits are over before the waiter sleeps."
       else "" end),
   ""),
"![a turn of threads that wait for each other in pairs, one processor](benchmarks/turns.svg)",
"",
"### 11. Threads that are not bound",
"",
"The scheduler decides which threads get the two processors. Each workload is measured alone, and beside two",
"busy programs. Processor time is that of all threads of the process, in the program and in the system. In",
"parentheses the ratio to a mutex and condition variable.",
"",
"Pairs of threads that take turns: the time, divided by the turns of all.",
"",
((2, 8, 32) as $n | count($n / 2; "pair") as $pairs
 | table([(2, "2+2") as $c | (["time", $pairs], ["cpu", "processor time"]) as [$m, $title]
          | ["turns_free", $n, $c, $m, "\($title)\(beside($c))", "mutex"]])),
"Two tasks work for 100 µs of processor time each, and meanwhile so many waiters begin to wait.",
"",
((8, 32) as $n
 | table([(2, "2+2") as $c
          | (["time", "until the work of both is done, \($n) waiters"],
             ["last", "until the last waiter has returned"],
             ["cpu", "processor time"]) as [$m, $title]
          | ["arrivals", $n, $c, $m, "\($title)\(beside($c))", "mutex"]])),
"A short wait, from done to the return of the wait; and rounds of one task, which sleeps for 1 ms.",
"",
table([(2, "2+2") as $c
       | ["brief_free", 1000, $c, "time", "short wait\(beside($c))", "mutex"],
         ["sleeping", 1000000, $c, "time", "1 ms of sleep\(beside($c))", "mutex"],
         ["sleeping", 1000000, $c, "cpu", "processor time\(beside($c))", "mutex"]]),
"Here the library is loaded while the process may use two processors. Then all threads are bound to one of",
"them: for turns of four pairs, and for rounds of one task for a worker, which a semaphore wakes. The last",
"column is a wait whose deadline has passed. The semaphore's is `sem_clockwait`, and the ratio is to that.",
"",
table([((["turns_late", 8, "4 pairs"], ["worker_late", 0, "a worker"]) as [$w, $p, $title]
        | [$w, $p, 2, "time", $title, "mutex"], [$w, $p, 2, "cpu", "processor time", "mutex"]),
       ["expired", 0, 2, "time", "deadline passed", "semaphore"]]),
"Threads of the lowest priority, nice 19, beside two busy programs. First such a thread calls done, and the",
"time runs until the last waiter, of ordinary priority, has returned. Then nine waiters of nice 19 have come",
"before an ordinary one, and the time runs until that one has returned.",
"",
table([(8, 32 | ["weak_end", ., "2+2", "last", "\(count(.; "waiter")), released by nice 19", "mutex"]),
       ["weak_waiters", 9, "2+2", "last", "after nine of nice 19", "mutex"]]),
"### 12. A group that can be closed",
"",
"First `wg_tryadd`, which adds unless the group is closed, and one done; another task keeps the counter",
"above 0. Then a `wg_tryadd` that is refused. The threads are bound to the two processors in turn. In",
"parentheses the ratio to bare atomics: a loop with a compare-and-swap, and a load.",
"",
table([("enter", "refused") as $w | 1, 2, 8
       | [$w, ., 2, "time",
          "\(if $w == "enter" then "tryadd and done" else "refused" end), \(count(.; "thread"))",
          "atomics"]]),
"### Why the counter is aligned",
"",
"A group may lie at any multiple of 4, but its counter is in 8 bytes that are aligned to 8. An atomic",
"addition, by the address of its 8 bytes:",
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
"A target says how large a figure of the library may be: divided by another one's, or as a number that is counted.",
"*The best* is the fastest peer of all; *the best but Go* leaves out Go, which schedules its goroutines itself.",
"Of the \(.targets | length) targets, \([.targets[] | select(.verdict == "missed")] | length) are missed, \([.targets[] | select(.verdict == "undecided")] | length) undecided, and \([.targets[] | select(.verdict == "reached")] | length) reached.",
"",
(["missed", "undecided", "reached"][] as $verdict
 | ($verdict != "reached") as $reasons
 | [.targets[] | select(.verdict == $verdict)]
 | select(length > 0)
 | "### \($verdict[:1] | ascii_upcase)\($verdict[1:])",
   "",
   (if $verdict == "undecided" then
        "The medians miss the target. But the first quartile of the library, divided by the third of the other,",
        "reaches it. So this run does not tell.",
        ""
    else empty end),
   "| what | divided by | at most | measured |\(if $reasons then " why, as far as is known |" else "" end)",
   "|---|---|---:|---:|\(if $reasons then "---|" else "" end)",
   (.[] | "| \(.what) | \(.of // "–") | \(.limit) | \(.shown) |\(if $reasons then " \(why) |" else "" end)"),
   (if $reasons then "" else empty end))
end
