/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * harness.hh - what the workloads are made of: clocks, processors, threads, medians
 *
 * Nothing here depends on what is measured.  All of it is as little as possible of what any
 * of the peers is made of: threads meet at plain atomics and at a bare futex.
 */
#ifndef BENCH_HARNESS_HH
#define BENCH_HARNESS_HH

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "../src/cpu.h"

/* The exit status of a program that cannot do what it was asked for on this machine. */
constexpr int not_here = 77;

[[noreturn]] inline void fail(int status, const char *what)
{
    perror(what);
    fflush(stdout);
    _exit(status);
}

/* Time. */

inline int64_t now()
{
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Of all threads of the process together, in the program and in the system. */
inline int64_t processor_time()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Of the calling thread. */
inline int64_t own_processor_time()
{
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* For how long a process measures. */
inline int64_t duration;

/* Processors. */

inline std::vector<int> allowed_cpus()
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        fail(1, "sched_getaffinity");
    std::vector<int> cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set))
            cpus.push_back(cpu);
    return cpus;
}

/* As the process was started, before any thread of it has been bound to one. */
inline const std::vector<int> cpus = allowed_cpus();

/* Bind the calling thread to the nth of them.  Never the main thread, which stands for the
 * process: a peer may ask the system how many processors there are. */
inline void stay_on(size_t n)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpus[n % cpus.size()], &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fail(1, "sched_setaffinity");
}

/* Where a number of threads run. */
enum class Placed {
    in_turn, /* bound to the one processor and the next in turn */
    on_one,  /* all bound to the first */
    freely   /* where the scheduler puts them */
};

inline void place(Placed placed, size_t thread)
{
    if (placed != Placed::freely)
        stay_on(placed == Placed::on_one ? 0 : thread);
}

/* Of the calling thread alone: Linux has it for each. */
inline void have_low_priority()
{
    if (setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19) != 0)
        fail(not_here, "setpriority");
}

/* Give way while looking at what another thread is about to change. */
inline void relax()
{
    if (cpus.size() == 1)
        sched_yield();
    else
        wg_cpu_pause();
}

template <class T> void until(const std::atomic<T> &value, T wanted)
{
    while (value.load(std::memory_order_acquire) != wanted)
        relax();
}

/* A value that threads sleep on. */

inline long futex(const void *address, int operation, uint32_t value)
{
    return syscall(SYS_futex, address, operation | FUTEX_PRIVATE_FLAG, value, nullptr);
}

struct Gate {
    std::atomic<uint32_t> value{0};

    void set(uint32_t v)
    {
        value.store(v);
        futex(&value, FUTEX_WAKE, INT_MAX);
    }

    void await(uint32_t v)
    {
        for (uint32_t seen; (seen = value.load()) != v;)
            futex(&value, FUTEX_WAIT, seen);
    }
};

/* Threads.  Small stacks, as there may be ten thousand. */

template <class Body> pthread_t start(Body body)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    auto *copy = new Body(std::move(body));
    pthread_t thread;
    int error = pthread_create(
        &thread, &attributes,
        [](void *argument) -> void * {
            Body own = std::move(*static_cast<Body *>(argument));
            delete static_cast<Body *>(argument);
            own();
            return nullptr;
        },
        copy);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        errno = error;
        fail(not_here, "pthread_create");
    }
    return thread;
}

inline void join(pthread_t thread)
{
    pthread_join(thread, nullptr);
}

/* A thread whose state can be watched from outside: what /proc says of it. */
class Watched
{
    pid_t id = 0;

  public:
    /* By the thread itself. */
    void enter()
    {
        id = gettid();
    }

    bool asleep() const
    {
        char line[256];
        snprintf(line, sizeof line, "/proc/self/task/%d/stat", id);
        int stat = open(line, O_RDONLY | O_CLOEXEC);
        if (stat < 0)
            fail(not_here, line);
        ssize_t size = read(stat, line, sizeof line - 1);
        close(stat);
        line[size > 0 ? size : 0] = '\0';
        const char *end = strrchr(line, ')'); /* of the thread's name */
        return end != nullptr && end[1] == ' ' && end[2] == 'S';
    }
};

/* Wait until the first n of them sleep.  Twice, since one may be on its way
 * through a lock. */
inline void until_asleep(const std::vector<Watched> &threads, size_t n)
{
    for (int i = 0; i < 2; i++)
        for (size_t thread = 0; thread < n; thread++)
            while (!threads[thread].asleep())
                sched_yield();
}

/* How often the calling thread has gone to sleep so far. */
inline long sleeps()
{
    rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

/* Numbers. */

inline double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

inline double mean(const std::vector<double> &values)
{
    double sum = 0;
    for (double value : values)
        sum += value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

inline void report(const char *metric, double value)
{
    printf("%s %.4g\n", metric, value);
}

/* What something takes, in nanoseconds. */
struct Cost {
    double time;
    double cpu; /* processor time of the process */
};

inline void report(const Cost &cost)
{
    report("time", cost.time);
    report("cpu", cost.cpu);
}

/* Processor time since it was made, for each of so many times. */
class Spending
{
    int64_t begin = processor_time();

  public:
    double per(int64_t times) const
    {
        return static_cast<double>(processor_time() - begin) / static_cast<double>(times);
    }
};

/* What one call of body() costs: the median of many short batches, which an interruption of
 * one does not change. */
template <class Body> Cost cost(Body body)
{
    const int64_t enough =
        20'000; /* a batch, in nanoseconds: far above what the clock costs */
    int batch = 1;
    int64_t calls = 0;
    std::vector<double> costs;
    Spending spending;
    for (int64_t end = now() + duration, t = now(); t < end || costs.size() < 3;) {
        int64_t before = t;
        for (int i = 0; i < batch; i++)
            body();
        t = now();
        calls += batch;
        if (t - before < enough && costs.empty() && batch < 1'000'000)
            batch *= 2;
        else
            costs.push_back(static_cast<double>(t - before) / batch);
    }
    return {median(std::move(costs)), spending.per(calls)};
}

/* How often a thread has done what counts; on a cache line of its own. */
struct alignas(64) Times {
    std::atomic<int64_t> n{0};

    void operator+=(int64_t more)
    {
        n.store(n.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
};

/*
 * What so many threads together need for one time.  Each calls body(i, times, over),
 * which counts times and goes on until over, or says itself that it is over.  They are
 * looked at every half millisecond, and the median counts, so that an interruption does
 * not.  They are bound to one processor and the next in turn; left alone, all might be on
 * one for a while.
 */
template <class Body> Cost cost_together(int threads, Body body)
{
    std::vector<Times> times(static_cast<size_t>(threads));
    std::atomic<int> missing{threads};
    Gate begin;
    std::atomic<bool> over{false};
    std::vector<pthread_t> all;
    for (int i = 0; i < threads; i++)
        all.push_back(start([&, i] {
            stay_on(static_cast<size_t>(i));
            missing--;
            begin.await(1);
            body(i, times[static_cast<size_t>(i)], over);
        }));
    while (missing != 0)
        sched_yield();

    auto sum = [&] {
        int64_t n = 0;
        for (const Times &one : times)
            n += one.n;
        return n;
    };
    std::vector<double> costs;
    int64_t t = now(), n = 0;
    Spending spending;
    begin.set(1);
    for (int64_t end = t + duration; t < end || costs.empty();) {
        const timespec pause = {0, 500'000};
        nanosleep(&pause, nullptr);
        bool whole = !over;
        int64_t t0 = std::exchange(t, now()), n0 = std::exchange(n, sum());
        if ((whole || costs.empty()) && n != n0)
            costs.push_back(static_cast<double>(t - t0) / static_cast<double>(n - n0));
        if (!whole)
            break;
    }
    const double cpu = spending.per(n);
    over = true;
    for (pthread_t thread : all)
        join(thread);
    return {median(std::move(costs)), cpu};
}

/*
 * What threads need for one time, if each does its part, body(i), of so many times.  How
 * the scheduler places them, if it does, is part of what is measured: two that wait for
 * each other are fast on two processors and slow on one, and may stay there for seconds.
 * So there are new threads for each of several runs, and the work is the same in each.  In
 * a time that is the same, those that are fast would do most of it.
 */
constexpr int runs = 10;

template <class Body>
Cost cost_of_work(int threads, Placed placed, int64_t times, Body body)
{
    int64_t time = 0, cpu = 0;
    for (int run = 0; run < runs; run++) {
        std::atomic<int> missing{threads}, working{threads};
        Gate begin, end;
        std::vector<pthread_t> all;
        for (int i = 0; i < threads; i++)
            all.push_back(start([&, i] {
                place(placed, static_cast<size_t>(i));
                missing--;
                begin.await(1);
                body(i);
                if (--working == 0)
                    end.set(1);
            }));
        while (missing != 0)
            sched_yield();
        int64_t time_before = now(), cpu_before = processor_time();
        begin.set(1);
        end.await(1);
        cpu += processor_time() - cpu_before;
        time += now() - time_before;
        for (pthread_t thread : all)
            join(thread);
    }
    auto each = [&](int64_t sum) {
        return static_cast<double>(sum) / static_cast<double>(runs * times);
    };
    return {each(time), each(cpu)};
}

#endif /* BENCH_HARNESS_HH */
