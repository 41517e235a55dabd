/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* waitgroup.hh - this library as one of the peers */
#ifndef BENCH_WAITGROUP_HH
#define BENCH_WAITGROUP_HH

#include "workloads.hh"

#include <waitgroup.h>

struct Group {
    static constexpr int can = add_tasks | wait_again | wait_at_all | wait_many |
                               look_at_idle | be_made | be_called | be_timed | be_closed;
    wg_t wg;

    explicit Group(int tasks)
    {
        wg_init(&wg);
        if (tasks != 0)
            wg_add(&wg, tasks);
    }

    ~Group()
    {
        wg_destroy(&wg);
    }

    void open(int tasks)
    {
        wg_add(&wg, tasks);
    }

    void add(int tasks)
    {
        wg_add(&wg, tasks);
    }

    void done()
    {
        wg_done(&wg);
    }

    void wait()
    {
        wg_wait(&wg);
    }

    bool wait_until(const timespec &deadline)
    {
        return wg_clockwait(&wg, CLOCK_MONOTONIC, &deadline) == 0;
    }

    void close()
    {
        wg_close(&wg);
    }

    bool try_add(int tasks)
    {
        return wg_tryadd(&wg, tasks) == 0;
    }
};

#endif /* BENCH_WAITGROUP_HH */
