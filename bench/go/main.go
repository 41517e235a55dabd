// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// The workloads of ../workloads.hh for Go's sync.WaitGroup: the same measurements and the same
// output, in Go, since a WaitGroup is part of Go's scheduler.
package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// Set by the linker, if each goroutine is to be locked to a thread of its own.
var locked string

var duration time.Duration

func start(body func()) {
	go func() {
		if locked != "" {
			runtime.LockOSThread()
		}
		body()
	}()
}

// The processors that the process may use, as it was started.
var cpus = func() (list []int) {
	var set [128]uint64
	syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(set), uintptr(unsafe.Pointer(&set)))
	for cpu := 0; cpu < 64*len(set); cpu++ {
		if set[cpu/64]>>(cpu%64)&1 != 0 {
			list = append(list, cpu)
		}
	}
	return
}()

// As far as a goroutine has a thread.
func stayOn(n int) {
	if locked != "" {
		var set [128]uint64
		cpu := cpus[n%len(cpus)]
		set[cpu/64] |= 1 << (cpu % 64)
		syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(set), uintptr(unsafe.Pointer(&set)))
	}
}

// Processor time of the calling thread, or of all of them, in nanoseconds.
const (
	ofProcess = 2
	ofThread  = 3
)

func processorTime(clock uintptr) int64 {
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}

// What something takes, in nanoseconds, also of processor time.
type price struct {
	time, cpu float64
}

func reportPrice(p price) {
	report("time", p.time)
	report("cpu", p.cpu)
}

func report(metric string, value float64) {
	fmt.Printf("%s %.4g\n", metric, value)
}

func median(values []float64) float64 {
	sort.Float64s(values)
	return values[len(values)/2]
}

func perTime(elapsed time.Duration, times int) float64 {
	return float64(elapsed) / float64(times)
}

// The batches are a loop of the body's, which Go would not inline.
func cost(batchOf func(times int)) price {
	const enough = 20 * time.Microsecond
	batch, calls := 1, 0
	spent := processorTime(ofProcess)
	var costs []float64
	for begin := time.Now(); time.Since(begin) < duration || len(costs) < 3; {
		before := time.Now()
		batchOf(batch)
		elapsed := time.Since(before)
		calls += batch
		if elapsed < enough && len(costs) == 0 && batch < 1000000 {
			batch *= 2
		} else {
			costs = append(costs, perTime(elapsed, batch))
		}
	}
	return price{median(costs), float64(processorTime(ofProcess)-spent) / float64(calls)}
}

// How often a goroutine has done what counts; on a cache line of its own.
type times struct {
	n int64
	_ [120]byte
}

func (t *times) add(more int64) {
	atomic.StoreInt64(&t.n, t.n+more)
}

type flag struct {
	set int32
}

func (f *flag) get() bool {
	return atomic.LoadInt32(&f.set) != 0
}

func (f *flag) raise() {
	f.change(true)
}

func (f *flag) change(set bool) {
	var value int32
	if set {
		value = 1
	}
	atomic.StoreInt32(&f.set, value)
}

// Where goroutines run that are locked to threads.
type placed int

const (
	inTurn placed = iota
	onOne
	freely
)

// Bound to the processors in turn only if there are as many: of more, Go runs one for each processor
// at a time, and has them take turns without regard to which processor they are bound to.
func costTogether(threads int, body func(thread int, n *times, over *flag)) price {
	all := make([]times, threads)
	var over flag
	var missing, end sync.WaitGroup
	missing.Add(threads)
	end.Add(threads)
	begin := make(chan bool)
	for i := 0; i < threads; i++ {
		i := i
		start(func() {
			if threads <= len(cpus) {
				stayOn(i)
			}
			missing.Done()
			<-begin
			body(i, &all[i], &over)
			end.Done()
		})
	}
	missing.Wait()

	sum := func() (n int64) {
		for i := range all {
			n += atomic.LoadInt64(&all[i].n)
		}
		return
	}
	var costs []float64
	first := time.Now()
	before, n := first, int64(0)
	spent := processorTime(ofProcess)
	close(begin)
	for time.Since(first) < duration || len(costs) == 0 {
		time.Sleep(500 * time.Microsecond)
		whole := !over.get()
		t, m := time.Now(), sum()
		if (whole || len(costs) == 0) && m != n {
			costs = append(costs, float64(t.Sub(before))/float64(m-n))
		}
		before, n = t, m
		if !whole {
			break
		}
	}
	cpu := float64(processorTime(ofProcess)-spent) / float64(n)
	over.raise()
	end.Wait()
	return price{median(costs), cpu}
}

const runs = 10

// As in harness.hh: new goroutines for each run, and the same work.
func costOfWork(threads int, where placed, times int, body func(thread int)) price {
	var elapsed, spent float64
	for run := 0; run < runs; run++ {
		var missing, end sync.WaitGroup
		missing.Add(threads)
		end.Add(threads)
		begin := make(chan bool)
		for i := 0; i < threads; i++ {
			i := i
			start(func() {
				if where == onOne {
					stayOn(0)
				}
				missing.Done()
				<-begin
				body(i)
				end.Done()
			})
		}
		missing.Wait()
		before, spentBefore := time.Now(), processorTime(ofProcess)
		close(begin)
		end.Wait()
		spent += float64(processorTime(ofProcess) - spentBefore)
		elapsed += float64(time.Since(before))
	}
	return price{elapsed / float64(runs*times), spent / float64(runs*times)}
}

func timesOf(each time.Duration) int {
	if n := int(duration / runs / each); n > 1 {
		return n
	}
	return 1
}

func costBy(threads int, batchOf func(times int)) price {
	if threads == 1 {
		return cost(batchOf)
	}
	return costTogether(threads, func(_ int, n *times, over *flag) {
		for ; !over.get(); n.add(100) {
			batchOf(100)
		}
	})
}

func addAndDone(threads int, rest int) {
	var wg sync.WaitGroup
	wg.Add(rest)
	reportPrice(costBy(threads, func(times int) {
		for i := 0; i < times; i++ {
			wg.Add(1)
			wg.Done()
		}
	}))
}

func pair(threads int) {
	addAndDone(threads, 1)
}

func round(threads int) {
	addAndDone(threads, 0)
}

func done(threads int) {
	batches := int(duration/500) / threads
	var wg sync.WaitGroup
	wg.Add(100*batches*threads + 1)
	reportPrice(costTogether(threads, func(_ int, n *times, over *flag) {
		for left := batches; !over.get(); n.add(100) {
			for i := 0; i < 100; i++ {
				wg.Done()
			}
			if left--; left == 0 {
				wg.Add(100 * batches)
				left = batches
			}
		}
	}))
}

func idle(int) {
	var wg sync.WaitGroup
	reportPrice(cost(func(times int) {
		for i := 0; i < times; i++ {
			wg.Wait()
		}
	}))
}

// While one looks at what another goroutine is about to change: where that one is awake, on
// another processor, it spins; where that one has been woken, it gives way, as goroutines do.
func relax() {
	if runtime.GOMAXPROCS(0) == 1 {
		runtime.Gosched()
	}
}

// Nothing tells whether a goroutine is parked, so it is given time.
const untilParked = 100 * time.Microsecond

func awaitParked() {
	for begin := time.Now(); time.Since(begin) < untilParked; {
		relax()
	}
}

func handover(task time.Duration, where placed) {
	var wg sync.WaitGroup
	var waiting, finished, over int64
	var returned int64
	epoch := time.Now()
	var all sync.WaitGroup
	all.Add(2)
	start(func() {
		if where == inTurn {
			stayOn(1)
		}
		for round := int64(1); atomic.LoadInt64(&over) == 0; round++ {
			wg.Add(1)
			atomic.StoreInt64(&waiting, round)
			wg.Wait()
			atomic.StoreInt64(&returned, int64(time.Since(epoch)))
			for atomic.LoadInt64(&finished) != round {
				runtime.Gosched()
			}
		}
		all.Done()
	})
	start(func() {
		if where == inTurn {
			stayOn(0)
		}
		var times []float64
		for round := int64(1); atomic.LoadInt64(&over) == 0; round++ {
			for atomic.LoadInt64(&waiting) != round {
				relax()
			}
			if task == 0 {
				awaitParked()
			}
			t0 := time.Since(epoch)
			t1 := t0
			for t1 < t0+task {
				t1 = time.Since(epoch)
			}
			wg.Done()
			var t2 int64
			for t2 == 0 {
				runtime.Gosched()
				t2 = atomic.SwapInt64(&returned, 0)
			}
			times = append(times, float64(t2-int64(t1)))
			if time.Since(epoch) > duration && len(times) >= 20 {
				atomic.StoreInt64(&over, 1)
			}
			atomic.StoreInt64(&finished, round)
		}
		report("time", median(times))
		all.Done()
	})
	all.Wait()
}

func brief(nanoseconds int) {
	handover(time.Duration(nanoseconds), inTurn)
}

func briefFree(nanoseconds int) {
	handover(time.Duration(nanoseconds), freely)
}

func parked(int) {
	handover(0, inTurn)
}

func many(waiters int) {
	var wg sync.WaitGroup
	var waiting, left int64
	var last time.Time
	returned := make(chan bool)
	rounds := make([]chan bool, waiters)
	for i := range rounds {
		round := make(chan bool)
		rounds[i] = round
		start(func() {
			for <-round {
				atomic.AddInt64(&waiting, 1)
				wg.Wait()
				if atomic.AddInt64(&left, -1) == 0 {
					last = time.Now()
					returned <- true
				}
			}
		})
	}
	var untilDone, untilLast []float64
	for begin := time.Now(); time.Since(begin) < duration || len(untilDone) < 5; {
		waiting, left = 0, int64(waiters)
		wg.Add(1)
		for _, round := range rounds {
			round <- true
		}
		for atomic.LoadInt64(&waiting) != int64(waiters) {
			runtime.Gosched()
		}
		time.Sleep(untilParked)
		t0 := time.Now()
		wg.Done()
		t1 := time.Now()
		<-returned
		untilDone = append(untilDone, float64(t1.Sub(t0)))
		untilLast = append(untilLast, float64(last.Sub(t0)))
	}
	report("done", median(untilDone))
	report("last", median(untilLast))
}

//go:noinline
func tinyTask() {
	for i := 0; i < 50; i++ {
	}
}

func pool(tasks int) {
	const workers = 4
	var wg sync.WaitGroup
	next := int64(tasks)
	work := make(chan bool, workers)
	for i := 0; i < workers; i++ {
		start(func() {
			for range work {
				for atomic.AddInt64(&next, 1) <= int64(tasks) {
					tinyTask()
					wg.Done()
				}
			}
		})
	}
	if locked != "" {
		runtime.LockOSThread()
	}
	reportPrice(cost(func(times int) {
		for i := 0; i < times; i++ {
			wg.Add(tasks)
			atomic.StoreInt64(&next, 0)
			for j := 0; j < workers && j < tasks; j++ {
				work <- true
			}
			wg.Wait()
		}
	}))
}

func resident() float64 {
	line, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, _ := strconv.ParseFloat(strings.Fields(string(line))[1], 64)
	return pages * float64(os.Getpagesize())
}

func allocated() float64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.TotalAlloc)
}

func memory(groups int) {
	report("bytes", float64(unsafe.Sizeof(sync.WaitGroup{})))
	before := resident()
	array := make([]sync.WaitGroup, groups)
	heap := allocated()
	for i := range array {
		array[i].Add(1)
	}
	report("heap", math.Trunc((allocated()-heap)/float64(groups)))
	report("resident", (resident()-before)/float64(groups))
	runtime.KeepAlive(array)
}

func growth(others int) {
	groups := make([]sync.WaitGroup, others)
	var waiting int64
	for i := range groups {
		wg := &groups[i]
		start(func() {
			wg.Add(1)
			atomic.AddInt64(&waiting, 1)
			wg.Wait()
		})
	}
	for atomic.LoadInt64(&waiting) != int64(others) {
		runtime.Gosched()
	}
	time.Sleep(10 * time.Millisecond)
	handover(0, inTurn)
}

// A group on a cache line of its own.
type slot struct {
	wg sync.WaitGroup
	_  [128 - unsafe.Sizeof(sync.WaitGroup{})]byte
}

func own(threads int) {
	slots := make([]slot, threads)
	reportPrice(costTogether(threads, func(thread int, n *times, over *flag) {
		wg := &slots[thread].wg
		for ; !over.get(); n.add(100) {
			for i := 0; i < 100; i++ {
				wg.Add(1)
				wg.Done()
				wg.Wait()
			}
		}
	}))
}

// Pairs that take turns; the first of a pair asks over in each of them.
type pairs struct {
	slots []slot
	last  []flag
}

func makePairs(threads int) *pairs {
	p := pairs{make([]slot, threads), make([]flag, threads/2)}
	for i := 1; i < threads; i += 2 {
		p.slots[i].wg.Add(1)
	}
	return &p
}

func (p *pairs) take(me int, over func() bool, count func()) {
	mine, other, last := &p.slots[me].wg, &p.slots[me^1].wg, &p.last[me/2]
	leads := me%2 == 0
	for begun := leads; ; begun = true {
		if begun {
			mine.Add(1)
			if leads {
				last.change(over())
			}
			stop := last.get()
			other.Done()
			if stop {
				break
			}
		}
		mine.Wait()
		count()
	}
}

func turns(threads int) {
	p := makePairs(threads)
	reportPrice(costTogether(threads, func(me int, n *times, over *flag) {
		p.take(me, over.get, func() { n.add(1) })
	}))
}

func turnsOfWork(threads int, where placed) {
	p := makePairs(threads)
	each := timesOf(time.Duration(10000 * threads))
	reportPrice(costOfWork(threads, where, each*threads, func(me int) {
		left := each
		p.take(me, func() bool { left--; return left < 0 }, func() {})
	}))
}

func turnsFree(threads int) {
	turnsOfWork(threads, freely)
}

func turnsLate(threads int) {
	turnsOfWork(threads, onOne)
}

func worker(task time.Duration, where placed) {
	var wg sync.WaitGroup
	work := make(chan bool, 1)
	rounds := timesOf(10 * time.Microsecond)
	if task != 0 {
		rounds = timesOf(task)
	}
	reportPrice(costOfWork(2, where, rounds, func(thread int) {
		for round := 0; round < rounds; round++ {
			if thread == 0 {
				wg.Add(1)
				work <- true
				wg.Wait()
			} else {
				<-work
				if task != 0 {
					time.Sleep(task)
				}
				wg.Done()
			}
		}
	}))
}

func sleeping(nanoseconds int) {
	worker(time.Duration(nanoseconds), freely)
}

func workerLate(int) {
	worker(0, onOne)
}

func arrivals(waiters int) {
	const tasks = 2
	var wg sync.WaitGroup
	var left, awaited int64
	var worked [tasks]time.Time
	var last time.Time
	returned := make(chan bool, 1)
	leave := func() {
		if atomic.AddInt64(&left, -1) == 0 {
			returned <- true
		}
	}
	work := make([]chan bool, tasks)
	for i := range work {
		i, round := i, make(chan bool)
		work[i] = round
		start(func() {
			for range round {
				for end := processorTime(ofThread) + 100_000; processorTime(ofThread) < end; {
				}
				worked[i] = time.Now()
				wg.Done()
				leave()
			}
		})
	}
	arrive := make([]chan bool, waiters)
	for i := range arrive {
		round := make(chan bool)
		arrive[i] = round
		start(func() {
			for range round {
				wg.Wait()
				if atomic.AddInt64(&awaited, -1) == 0 {
					last = time.Now()
				}
				leave()
			}
		})
	}
	rounds := int(duration / (500 * time.Microsecond))
	if rounds < 5 {
		rounds = 5
	}
	var untilWorked, untilLast time.Duration
	spent := processorTime(ofProcess)
	for r := 0; r < rounds; r++ {
		atomic.StoreInt64(&left, int64(waiters+tasks))
		atomic.StoreInt64(&awaited, int64(waiters))
		wg.Add(tasks)
		t0 := time.Now()
		for _, round := range work {
			round <- true
		}
		for _, round := range arrive {
			round <- true
		}
		<-returned
		t1 := worked[0]
		if worked[1].After(t1) {
			t1 = worked[1]
		}
		untilWorked += t1.Sub(t0)
		untilLast += last.Sub(t0)
	}
	report("cpu", float64(processorTime(ofProcess)-spent)/float64(rounds))
	report("time", perTime(untilWorked, rounds))
	report("last", perTime(untilLast, rounds))
}

func traits(int) {
	fmt.Println("called")
	fmt.Println("used again")
	fmt.Println("up and down")
}

func main() {
	workloads := map[string]func(int){
		"traits": traits, "pair": pair, "round": round, "done": done, "idle": idle,
		"parked": parked, "brief": brief, "many": many, "pool": pool, "memory": memory,
		"growth": growth, "own": own, "turns": turns, "turns_free": turnsFree,
		"turns_late": turnsLate, "brief_free": briefFree, "sleeping": sleeping,
		"worker_late": workerLate, "arrivals": arrivals,
	}
	for _, name := range []string{"init", "beside", "expired", "weak_end", "weak_waiters"} {
		workloads[name] = func(int) {}
	}
	arguments := append(os.Args, "", "", "")
	measure, found := workloads[arguments[1]]
	if !found {
		fmt.Fprintf(os.Stderr, "usage: %s WORKLOAD PARAMETER MILLISECONDS\n", os.Args[0])
		os.Exit(2)
	}
	parameter, _ := strconv.Atoi(arguments[2])
	milliseconds, _ := strconv.Atoi(arguments[3])
	duration = time.Duration(milliseconds) * time.Millisecond
	debug.SetMaxThreads(20000)
	measure(parameter)
}
