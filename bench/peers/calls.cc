/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* calls.cc - the limit: calls of an empty function in a shared library, and of
 * one that loads */
#include "../workloads.hh"

#include "../limit.h"

struct Group {
    static constexpr int can =
        add_tasks | wait_again | look_at_idle | be_made | be_called | be_closed;
    uint64_t word;

    explicit Group(int) : word(0)
    {
        limit_nothing(&word, 0);
    }

    /* What a wg_destroy() cannot do without: nobody else may use the group from here on. */
    ~Group()
    {
        limit_nothing(&word, 0);
        uint64_t idle = 0;
        __atomic_compare_exchange_n(&word, &idle, 1, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED);
    }

    void open(int tasks)
    {
        limit_nothing(&word, tasks);
    }

    void add(int tasks)
    {
        limit_nothing(&word, tasks);
    }

    void done()
    {
        limit_nothing(&word, -1);
    }

    void wait()
    {
        limit_nothing(&word, 0);
    }

    void close()
    {
        word = 1;
    }

    bool try_add(int)
    {
        return limit_load(&word) == 0;
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
