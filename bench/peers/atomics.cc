/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* atomics.cc - the limit: a bare atomic counter, and nobody sleeps */
#include "../workloads.hh"

struct Group {
    static constexpr int can = add_tasks | wait_again | look_at_idle | be_closed;
    static constexpr uint64_t closed = UINT64_C(1) << 63;
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

    void close()
    {
        __atomic_fetch_or(&counter, closed, __ATOMIC_ACQ_REL);
    }

    bool try_add(int tasks)
    {
        uint64_t old = __atomic_load_n(&counter, __ATOMIC_ACQUIRE);
        do {
            if ((old & closed) != 0)
                return false;
        } while (!__atomic_compare_exchange_n(&counter, &old,
                                              old + static_cast<uint64_t>(tasks), false,
                                              __ATOMIC_RELEASE, __ATOMIC_RELAXED));
        return true;
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
