/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* latch.cc - std::latch of the C++ library */
#include "../workloads.hh"

#include <latch>

struct Group {
    static constexpr int can = wait_at_all | wait_many | look_at_idle | be_made;
    std::latch latch;

    explicit Group(int tasks) : latch(tasks)
    {
    }

    void done()
    {
        latch.count_down();
    }

    void wait()
    {
        latch.wait();
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
