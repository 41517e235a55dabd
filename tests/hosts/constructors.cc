// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// A host with a global object that is at work before main() is, and after it.
#include "work.h"

static int result; // by tasks, read after a wait: race detectors have to know why

static void compute(void *)
{
    result++;
}

struct pool {
    pool()
    {
        round();
        work();
        in_child(work_alone);
    }
    ~pool()
    {
        round();
        work();
    }
    static void round()
    {
        wg_t wg = WG_INITIALIZER;
        go(&wg, compute, nullptr);
        HOPE(wg_wait(&wg) == 0);
        result++;
    }
};

static pool global;

int main()
{
    pool::round();
    HOPE(result == 4);
    return 0;
}
