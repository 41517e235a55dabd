/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* nsync.cc - nsync_counter of google/nsync */
#include "../workloads.hh"

#include <nsync.h>

struct Group {
    static constexpr int can =
        add_tasks | wait_at_all | wait_many | look_at_idle | be_made | be_called;
    nsync::nsync_counter counter;

    explicit Group(int tasks)
        : counter(nsync::nsync_counter_new(static_cast<uint32_t>(tasks)))
    {
    }

    ~Group()
    {
        nsync::nsync_counter_free(counter);
    }

    void add(int tasks)
    {
        nsync::nsync_counter_add(counter, tasks);
    }

    void done()
    {
        nsync::nsync_counter_add(counter, -1);
    }

    void wait()
    {
        nsync::nsync_counter_wait(counter, nsync::nsync_time_no_deadline);
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
