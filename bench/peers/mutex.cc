/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* mutex.cc - a mutex, a condition variable, a counter and a flag */
#include "../workloads.hh"

struct Group {
    static constexpr int can = add_tasks | wait_again | wait_at_all | wait_many |
                               look_at_idle | be_made | be_called | be_timed | be_closed;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t zero = PTHREAD_COND_INITIALIZER;
    int counter;
    bool closed = false;

    explicit Group(int tasks) : counter(tasks)
    {
    }

    ~Group()
    {
        pthread_cond_destroy(&zero);
        pthread_mutex_destroy(&mutex);
    }

    void open(int tasks)
    {
        add(tasks);
    }

    void add(int tasks)
    {
        pthread_mutex_lock(&mutex);
        counter += tasks;
        pthread_mutex_unlock(&mutex);
    }

    void done()
    {
        pthread_mutex_lock(&mutex);
        if (--counter == 0)
            pthread_cond_broadcast(&zero);
        pthread_mutex_unlock(&mutex);
    }

    void wait()
    {
        pthread_mutex_lock(&mutex);
        while (counter != 0)
            pthread_cond_wait(&zero, &mutex);
        pthread_mutex_unlock(&mutex);
    }

    bool wait_until(const timespec &deadline)
    {
        pthread_mutex_lock(&mutex);
        while (counter != 0 &&
               pthread_cond_clockwait(&zero, &mutex, CLOCK_MONOTONIC, &deadline) == 0)
            ;
        const bool over = counter == 0;
        pthread_mutex_unlock(&mutex);
        return over;
    }

    void close()
    {
        pthread_mutex_lock(&mutex);
        closed = true;
        pthread_mutex_unlock(&mutex);
    }

    bool try_add(int tasks)
    {
        pthread_mutex_lock(&mutex);
        const bool open = !closed;
        if (open)
            counter += tasks;
        pthread_mutex_unlock(&mutex);
        return open;
    }
};

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
