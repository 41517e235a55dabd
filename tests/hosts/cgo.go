// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// A host in Go: goroutines end tasks, and wait, on threads that are Go's.
package main

/*
#include <stdlib.h>
#include <waitgroup.h>

static int ended;

static void count_up(void *unused)
{
	(void)unused;
	__atomic_fetch_add(&ended, 1, __ATOMIC_RELAXED);
}

static int start(wg_t *wg)
{
	return wg_go(wg, count_up, NULL);
}

static int count_ended(void)
{
	return __atomic_load_n(&ended, __ATOMIC_RELAXED);
}
*/
import "C"

import "unsafe"

func hope(what string, is bool) {
	if !is {
		panic("not so: " + what)
	}
}

func main() {
	wg := (*C.wg_t)(C.calloc(1, C.sizeof_wg_t))
	for round := 0; round < 20; round++ {
		for task := 0; task < 4; task++ {
			hope("add", C.wg_add(wg, 1) == 0)
			go func() { hope("done", C.wg_done(wg) == 0) }()
			hope("go", C.start(wg) == 0)
		}
		hope("wait", C.wg_wait(wg) == 0)
		hope("ended", C.count_ended() == C.int(4*round+4))
	}
	hope("destroy", C.wg_destroy(wg) == 0)
	C.free(unsafe.Pointer(wg))
}
