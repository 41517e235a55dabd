/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* semaphore.cc - a semaphore that is posted once for each task */
#include "../workloads.hh"

struct Semaphore {
    sem_t finished;

    explicit Semaphore(int)
    {
        sem_init(&finished, 0, 0);
    }

    ~Semaphore()
    {
        sem_destroy(&finished);
    }
};

struct Group : Semaphore {
    static constexpr int can =
        wait_again | wait_at_all | be_made | be_called | be_posted | be_timed;
    int tasks; /* what the one thread that waits knows anyway */

    explicit Group(int n) : Semaphore(n), tasks(n)
    {
    }

    void open(int n)
    {
        tasks = n;
    }

    void done()
    {
        sem_post(&finished);
    }

    void wait()
    {
        for (; tasks != 0; tasks--)
            while (sem_wait(&finished) != 0)
                ;
    }

    bool wait_until(const timespec &deadline)
    {
        while (tasks != 0 && sem_clockwait(&finished, CLOCK_MONOTONIC, &deadline) == 0)
            tasks--;
        return tasks == 0;
    }
};

int main(int argc, char **argv)
{
    return bench<Group, Semaphore>(argc, argv);
}
