/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* semaphore.cc - a semaphore that is posted once for each task */
#include "../workloads.hh"

struct Group {
    static constexpr int can = wait_again | wait_at_all | be_made | be_called | be_posted;
    sem_t finished;
    int tasks; /* of the one thread that waits */

    explicit Group(int n) : tasks(n)
    {
        sem_init(&finished, 0, 0);
    }

    ~Group()
    {
        sem_destroy(&finished);
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
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
