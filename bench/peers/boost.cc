/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* boost.cc - boost::latch */
#include "../workloads.hh"

#include <boost/thread/latch.hpp>

struct Group {
    static constexpr int can =
        wait_again | wait_at_all | wait_many | look_at_idle | be_made;
    boost::latch latch;

    explicit Group(int tasks) : latch(static_cast<size_t>(tasks))
    {
    }

    void open(int tasks)
    {
        latch.reset(static_cast<size_t>(tasks));
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
