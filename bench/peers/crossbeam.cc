/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* crossbeam.cc - crossbeam's WaitGroup, through crossbeam/lib.rs */
#include "../workloads.hh"

#include "../crossbeam/crossbeam.h"

struct Group {
    /* Not several waiters: each would need a handle of its own from the beginning, and be
     * one more that the others wait for. */
    static constexpr int can = add_tasks | wait_at_all | look_once | be_made | be_called;
    void *handle;

    explicit Group(int tasks) : handle(crossbeam_new())
    {
        add(tasks);
    }

    ~Group()
    {
        if (handle != nullptr)
            crossbeam_drop(handle);
    }

    void add(int tasks)
    {
        for (; tasks > 0; tasks--)
            crossbeam_clone(handle);
    }

    void done()
    {
        crossbeam_drop(handle);
    }

    void wait()
    {
        crossbeam_wait(handle);
        handle = nullptr;
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
