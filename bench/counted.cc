/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * counted.cc - what the library promises in numbers of calls, counted and not timed
 *
 *     counted WORKLOAD PARAMETER MILLISECONDS
 *
 * as in workloads.hh.  The functions of the system that the library calls are this
 * program's, which count and then call the system's.  The library is the shared one, as
 * it is installed.
 */
#include "waitgroup.hh"

#include <dlfcn.h>

template <class Function> Function *next(Function *, const char *name)
{
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

static std::atomic<long> all_posts, all_waits; /* of the threads that have ended */
static thread_local struct Calls {
    long posts = 0, waits = 0;

    ~Calls()
    {
        all_posts += posts;
        all_waits += waits;
    }
} calls;
static thread_local long yields;
static thread_local int64_t slept_at;
static thread_local const void *locked;

extern "C" int sem_post(sem_t *semaphore) noexcept
{
    static auto *real = next(sem_post, "sem_post");
    calls.posts++;
    return real(semaphore);
}

extern "C" int sem_wait(sem_t *semaphore)
{
    static auto *real = next(sem_wait, "sem_wait");
    slept_at = now();
    return real(semaphore);
}

extern "C" int sched_yield() noexcept
{
    static auto *real = next(sched_yield, "sched_yield");
    yields++;
    return real();
}

extern "C" int pthread_mutex_lock(pthread_mutex_t *mutex) noexcept
{
    static auto *real = next(pthread_mutex_lock, "pthread_mutex_lock");
    locked = mutex;
    return real(mutex);
}

/* 5.  The posts by the thread whose wg_done() releases so many. */
static void count_posts(int waiters)
{
    wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    std::vector<Watched> watched(static_cast<size_t>(waiters));
    std::atomic<int> waiting{0};
    std::vector<pthread_t> threads;
    for (Watched &waiter : watched)
        threads.push_back(start([&] {
            waiter.enter();
            waiting++;
            wg_wait(&wg);
        }));
    until_others_sleep(watched, waiting);
    calls.posts = 0;
    wg_done(&wg);
    report("posts", static_cast<double>(calls.posts));
    for (pthread_t thread : threads)
        join(thread);
}

/* 4.  What a wait does before it sleeps: how often it gives way, and how long it takes,
 * beside what it cannot do without to be counted and queued. */
static void count_yields(int)
{
    std::vector<double> awake, needed, counts;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    uint64_t word = 0;
    for (int i = 0; i < 100; i++) {
        wg_t wg = WG_INITIALIZER;
        wg_add(&wg, 1);
        std::vector<Watched> watched(1);
        std::atomic<int> waiting{0};
        pthread_t thread = start([&] {
            watched[0].enter();
            waiting++;
            int64_t begin = now();
            pthread_mutex_lock(&lock);
            __sync_bool_compare_and_swap(&word, 0, 0);
            pthread_mutex_unlock(&lock);
            needed.push_back(static_cast<double>(now() - begin));
            yields = 0;
            begin = now();
            wg_wait(&wg);
            awake.push_back(static_cast<double>(slept_at - begin));
            counts.push_back(static_cast<double>(yields));
        });
        until_others_sleep(watched, waiting);
        wg_done(&wg);
        join(thread);
    }
    report("yields", *std::max_element(counts.begin(), counts.end()));
    report("awake", median(awake));
    report("needed", median(needed));
}

/* The lock that the library takes for a group stands for the group's bucket. */
static const void *bucket_of(wg_t *wg)
{
    static const timespec past = {};
    wg_add(wg, 1);
    if (wg_timedwait(wg, &past) == 0)
        fail(1, "a wait for a task");
    wg_done(wg);
    return locked;
}

/* 9.  The handover of workload 4, while others sleep on one other group in the
 * same bucket. */
static void shared_bucket(int others)
{
    static Slot<Group> slots[1 << 16];
    Slot<Group> *own = new Slot<Group>, *other = slots;
    while (other != std::end(slots) && bucket_of(&(*other)->wg) != bucket_of(&(*own)->wg))
        other++;
    if (other == std::end(slots)) {
        fputs("no two groups share a bucket\n", stderr);
        exit(1);
    }
    other->open(1);
    std::vector<Watched> watched(static_cast<size_t>(others));
    std::atomic<int> waiting{0};
    for (Watched &waiter : watched)
        start([&] {
            waiter.enter();
            waiting++;
            (*other)->wait();
        });
    until_others_sleep(watched, waiting);
    handover(*own, 0);
    fflush(stdout);
    _exit(0); /* they sleep on */
}

/* 10.  How many turns of a hundred end with a post, since the other thread sleeps. */
static void count_turns(int threads)
{
    struct Counted : Group {
        using Group::Group;

        void wait()
        {
            calls.waits++;
            Group::wait();
        }
    };
    turns<Counted>(threads);
    report("posts%", 100 * static_cast<double>(all_posts) / static_cast<double>(all_waits));
}

int main(int argc, char **argv)
{
    return bench(argc, argv,
                 {{"posts", count_posts},
                  {"yields", count_yields},
                  {"shared", shared_bucket},
                  {"shared_large", in_large_table<shared_bucket>},
                  {"turns", count_turns}});
}
