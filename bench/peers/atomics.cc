/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* atomics.cc - the limit: a bare atomic counter, and nobody sleeps */
#include "../workloads.hh"

struct Group {
    static constexpr int can = add_tasks | wait_again | look_at_idle;
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
        uint64_t old =
            __atomic_fetch_add(&counter, static_cast<uint64_t>(tasks), __ATOMIC_RELEASE);
        /* The old value is wanted: on x86, lock xadd and not lock add. */
        __asm__ __volatile__("" ::"r"(old));
    }

    void done()
    {
        add(-1);
    }

    void wait()
    {
        while (__atomic_load_n(&counter, __ATOMIC_ACQUIRE) != 0)
            relax();
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
