/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* join.cc - pthread_join() */
#include "../workloads.hh"

struct Group {
    static constexpr int can = be_joined | be_called;
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
