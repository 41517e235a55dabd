/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* futex.cc - the limit: an atomic counter, a bare futex, and no spinning */
#include "../workloads.hh"

struct Group {
    static constexpr int can =
        add_tasks | wait_again | wait_at_all | wait_many | look_at_idle;
    uint32_t counter;

    explicit Group(int tasks) : counter(static_cast<uint32_t>(tasks))
    {
    }

    void open(int tasks)
    {
        add(tasks);
    }

    void add(int tasks)
    {
        __atomic_fetch_add(&counter, static_cast<uint32_t>(tasks), __ATOMIC_RELEASE);
    }

    void done()
    {
        if (__atomic_sub_fetch(&counter, 1, __ATOMIC_RELEASE) == 0)
            futex(&counter, FUTEX_WAKE, INT_MAX);
    }

    void wait()
    {
        for (uint32_t seen; (seen = __atomic_load_n(&counter, __ATOMIC_ACQUIRE)) != 0;)
            futex(&counter, FUTEX_WAIT, seen);
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
