/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* stores.cc - the limit: a bare atomic counter, with a store before each addition */
#include "../workloads.hh"

struct Group {
    static constexpr int can = add_tasks | wait_again;
    alignas(8) uint64_t counter;

    explicit Group(int tasks) : counter(static_cast<uint64_t>(tasks))
    {
    }

    void open(int tasks)
    {
        add(tasks);
    }

    void add(int tasks)
    {
        /* A call stores its return address, and an atomic instruction waits for all stores.
         * To the thread's own stack, as a call does. */
        [[maybe_unused]] volatile int argument = tasks;
        uint64_t old =
            __atomic_fetch_add(&counter, static_cast<uint64_t>(tasks), __ATOMIC_RELEASE);
        /* The old value is wanted: on x86, lock xadd and not lock add. */
        __asm__ __volatile__("" ::"r"(old));
    }

    void done()
    {
        add(-1);
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
