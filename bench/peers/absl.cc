/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* absl.cc - absl::BlockingCounter of Abseil: one thread waits, and once */
#include "../workloads.hh"

#include <absl/synchronization/blocking_counter.h>

struct Group {
    static constexpr int can = wait_at_all | look_once | be_made | be_called;
    absl::BlockingCounter counter;

    explicit Group(int tasks) : counter(tasks)
    {
    }

    void done()
    {
        counter.DecrementCount();
    }

    void wait()
    {
        counter.Wait();
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
