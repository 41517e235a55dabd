/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * workloads.hh - the workloads, once for all peers, and the program around them
 *
 *     PROGRAM WORKLOAD PARAMETER MILLISECONDS
 *
 * measures for so long and prints lines "METRIC VALUE", in nanoseconds if METRIC does not
 * say otherwise; nothing, if the peer has no such operation.  PROGRAM traits prints what
 * the page has to say of the peer.
 *
 * A peer is a class Group, which is what its own users would write, and a main() that calls
 * bench<Group>().  It is a template, so that those operations that a peer's users get
 * inlined are inlined here.
 *
 *     struct Group {
 *         static constexpr int can;    // of enum can
 *         explicit Group(int tasks);   // begins a round of so many
 *         void open(int tasks);        // begins the next, if it can
 *         void add(int tasks);         // if it can
 *         void done();
 *         void wait();
 *         bool wait_until(const timespec &deadline); // on CLOCK_MONOTONIC, if it can
 *         void close();                // if it can
 *         bool try_add(int tasks);     // false, and nothing else, if it has been closed
 *     };
 *
 * doc/benchmarks-method.md says what each workload measures, and why so.
 */
#ifndef BENCH_WORKLOADS_HH
#define BENCH_WORKLOADS_HH

#include "harness.hh"

#include <csignal>
#include <malloc.h>
#include <memory>
#include <new>
#include <semaphore.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum can {
    add_tasks = 1,   /* add(): to a round that has begun */
    wait_again = 2,  /* open(): a new round with the same object; else a new one is made */
    wait_at_all = 4, /* wait() sleeps until the tasks are done, and returns */
    wait_many = 8,   /* several threads may wait at a time */
    look_at_idle = 16, /* wait() where there is nothing to wait for, any number of times */
    look_once = 32,    /* the same, but each object once only */
    be_made = 64,      /* there is an object, with a size */
    be_called = 128,   /* its operations are calls of functions, not inlined */
    be_joined = 256,   /* it is pthread_join(), and the tasks are threads */
    be_posted = 512,   /* it is a semaphore: wait() takes back what each task has posted */
    be_timed = 1024,   /* wait_until(): wait(), but no longer than that */
    be_closed = 2048   /* close(), try_add(): an addition that may be refused */
};

template <class Group> constexpr bool has(int wanted)
{
    return (Group::can & wanted) == wanted;
}

/* A place for a group, on a cache line of its own, round after round. */
template <class Group> class alignas(64) Slot
{
    union {
        Group group;
    };

  public:
    Slot(int tasks = 0) : group(tasks)
    {
    }

    ~Slot()
    {
        group.~Group();
    }

    /* Begin a round.  Nobody else uses the group. */
    void open(int tasks)
    {
        if constexpr (has<Group>(wait_again)) {
            group.open(tasks);
        } else {
            group.~Group();
            new (&group) Group(tasks);
        }
    }

    Group *operator->()
    {
        return &group;
    }
};

/* The same by all threads, where it takes nanoseconds.  One thread alone is measured in the
 * way that is less disturbed. */
template <class Body> Cost cost_by(int threads, Body body)
{
    if (threads == 1)
        return cost(body);
    return cost_together(threads, [&](int, Times &times, const std::atomic<bool> &over) {
        for (; !over; times += 100)
            for (int i = 0; i < 100; i++)
                body();
    });
}

/* 1, 2.  A task more and a task less, the counter never 0; so many threads on one group. */
template <class Group> void pair(int threads)
{
    if constexpr (has<Group>(add_tasks)) {
        Slot<Group> slot(1);
        report(cost_by(threads, [&] {
            slot->add(1);
            slot->done();
        }));
    }
}

/* 1, 2.  The same, from 0 to 0: each time by one thread, and by two as often as the other
 * one is not between the two calls.  Of many, one is nearly always interrupted there.  Of a
 * semaphore it would be the post alone: only a wait brings it back to 0. */
template <class Group> void round(int threads)
{
    if constexpr (!has<Group>(be_joined) && !has<Group>(be_posted)) {
        if (threads > 1 && !has<Group>(add_tasks | wait_again))
            return;
        Slot<Group> slot;
        report(cost_by(threads, [&] {
            slot.open(1);
            slot->done();
        }));
    }
}

/* 2.  The end of a task alone.  As many as take about the time, where they are fast, since
 * a group may have to know their number in advance; where it need not, each thread adds its
 * share anew. */
template <class Group> void done(int threads)
{
    if constexpr (!has<Group>(be_joined)) {
        const int batches = static_cast<int>(duration / 500) / threads;
        Slot<Group> slot(100 * batches * threads + 1);
        report(cost_together(threads, [&](int, Times &times, std::atomic<bool> &over) {
            for (int left = batches; left > 0 && !over; times += 100) {
                for (int i = 0; i < 100; i++)
                    slot->done();
                left--;
                if constexpr (has<Group>(add_tasks | wait_again))
                    if (left == 0) {
                        slot->add(100 * batches);
                        left = batches;
                    }
            }
            over = true;
        }));
    }
}

/* 3.  A wait with nothing to wait for. */
template <class Group> void idle(int)
{
    if constexpr (has<Group>(look_at_idle)) {
        Slot<Group> slot;
        report(cost([&] { slot->wait(); }));
    } else if constexpr (has<Group>(look_once)) {
        report(cost([] {
            Group group(0);
            group.wait();
        }));
    }
}

/*
 * 4, 9, 11.  From the last done to the return of the wait, with one thread on each of two
 * processors, if there are two, or placed otherwise.  task is how long the task takes from
 * the moment in which the other thread is about to wait; if it is 0, until the other
 * thread sleeps.
 */
template <class Group>
void handover(Slot<Group> &slot, int64_t task, Placed placed = Placed::in_turn)
{
    std::atomic<int> waiting{0}, finished{0}, over{0};
    std::atomic<int64_t> returned{0};
    Watched waiter;
    long slept = 0; /* in this round; ordered by returned */

    pthread_t thread = start([&] {
        place(placed, 1);
        waiter.enter();
        for (int round = 1; !over; round++) {
            slot.open(1);
            long before = sleeps();
            waiting = round;
            slot->wait();
            int64_t t = now();
            slept = sleeps() - before;
            returned = t;
            until(finished, round);
        }
    });
    pthread_t other = start([&] {
        place(placed, 0);
        std::vector<double> times, sleep;
        int64_t begin = now();
        for (int round = 1; !over; round++) {
            until(waiting, round);
            int64_t t0 = now(), t1 = t0;
            if (task == 0)
                while (!waiter.asleep())
                    relax();
            while ((t1 = now()) < t0 + task)
                ;
            slot->done();
            int64_t t2;
            while ((t2 = returned.exchange(0)) == 0)
                relax();
            times.push_back(static_cast<double>(t2 - t1));
            /* A task that was interrupted has not been a short one. */
            if (task == 0 || t1 - t0 < 2 * task)
                sleep.push_back(slept == 0 ? 0 : 100);
            over = t2 > begin + duration && times.size() >= 20;
            finished = round;
        }
        report("time", median(times));
        report("slept%", mean(sleep));
    });
    join(thread);
    join(other);
}

/* The same, if the task is a thread, and its end is that of the thread. */
inline void handover_joined(int64_t task)
{
    join(start([&] {
        stay_on(1);
        std::vector<double> times;
        Watched waiter;
        waiter.enter();
        for (int64_t end = now() + duration; now() < end || times.size() < 20;) {
            std::atomic<bool> waiting{false};
            int64_t t0 = 0, t1 = 0;
            pthread_t thread = start([&] {
                stay_on(0);
                until(waiting, true);
                t0 = now();
                if (task == 0)
                    while (!waiter.asleep())
                        relax();
                while ((t1 = now()) < t0 + task)
                    ;
            });
            waiting = true;
            join(thread);
            times.push_back(static_cast<double>(now() - t1));
        }
        report("time", median(times));
    }));
}

template <class Group> void brief(int nanoseconds)
{
    if constexpr (has<Group>(be_joined)) {
        handover_joined(nanoseconds);
    } else if constexpr (has<Group>(wait_at_all)) {
        Slot<Group> slot;
        handover(slot, nanoseconds);
    }
}

template <class Group> void parked(int)
{
    brief<Group>(0);
}

/* 4.  The same while another program is busy on the waiter's processor. */
template <class Group> void beside(int nanoseconds)
{
    pid_t other = fork();
    if (other < 0)
        fail(not_here, "fork");
    if (other == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        stay_on(1);
        for (;;)
            __asm__ __volatile__("");
    }
    brief<Group>(nanoseconds);
    kill(other, SIGKILL);
    waitpid(other, nullptr, 0);
}

/*
 * 5, 11.  Many waiters, all asleep: until done has returned, and until the last wait has.
 * Before them come so many others of low priority, of which it does not matter when they
 * return; and the thread that calls done may be of low priority.  That is measured beside
 * busy programs: a thread that has to wait for its turn does so for milliseconds, and it is
 * the mean that tells how often.
 */
template <class Group> void broadcast(int weak, int waiters, bool by_weak)
{
    if constexpr (has<Group>(wait_at_all)) {
        const int all = weak + waiters;
        if (all > 1 && !has<Group>(wait_many))
            return;
        Slot<Group> slot;
        Gate first, second, end, returned;
        std::atomic<int> waiting{0}, left{0}, awaited{0};
        std::atomic<int64_t> last{0};
        std::vector<Watched> watched(static_cast<size_t>(all));
        std::vector<pthread_t> threads;
        std::atomic<bool> over{false};

        auto leave = [&](uint32_t r) {
            if (--left == 0)
                returned.set(r);
        };
        for (int i = 0; i < all; i++)
            threads.push_back(start([&, i] {
                const bool low = i < weak;
                if (low)
                    have_low_priority();
                watched[static_cast<size_t>(i)].enter();
                for (uint32_t r = 1;; r++) {
                    (low ? first : second).await(r);
                    if (over)
                        break;
                    waiting++;
                    slot->wait();
                    if (!low && --awaited == 0)
                        last = now();
                    leave(r);
                }
            }));

        int64_t t0 = 0, t1 = 0;
        auto finish = [&](uint32_t r) {
            t0 = now();
            slot->done();
            t1 = now();
            leave(r);
        };
        if (by_weak)
            threads.push_back(start([&] {
                have_low_priority();
                for (uint32_t r = 1;; r++) {
                    end.await(r);
                    if (over)
                        break;
                    finish(r);
                }
            }));

        std::vector<double> until_done, until_last;
        int64_t stop = now() + duration;
        uint32_t r = 1;
        for (; now() < stop || until_done.size() < 5; r++) {
            auto all_wait = [&](Gate &gate, int arrived) {
                gate.set(r);
                while (waiting != arrived)
                    sched_yield();
                until_asleep(watched, static_cast<size_t>(arrived));
            };
            waiting = 0;
            left = all + 1;
            awaited = waiters;
            slot.open(1);
            all_wait(first, weak);
            all_wait(second, all);
            if (by_weak)
                end.set(r);
            else
                finish(r);
            returned.await(r);
            until_done.push_back(static_cast<double>(t1 - t0));
            until_last.push_back(static_cast<double>(last - t0));
        }
        over = true;
        for (Gate *gate : {&first, &second, &end})
            gate->set(r);
        for (pthread_t thread : threads)
            join(thread);
        const bool usual = weak == 0 && !by_weak;
        report("done", usual ? median(until_done) : mean(until_done));
        report("last", usual ? median(until_last) : mean(until_last));
    }
}

template <class Group> void many(int waiters)
{
    broadcast<Group>(0, waiters, false);
}

template <class Group> void weak_end(int waiters)
{
    broadcast<Group>(0, waiters, true);
}

template <class Group> void weak_waiters(int weak)
{
    broadcast<Group>(weak, 1, false);
}

/* A task of some dozen nanoseconds. */
inline void tiny_task()
{
    for (int i = 0; i < 50; i++)
        __asm__ __volatile__("" ::: "memory");
}

/* 6.  Rounds of tiny tasks for a pool of four threads. */
constexpr int workers = 4;

template <class Group> void pool(int tasks)
{
    const int awake = std::min(tasks, workers);
    std::atomic<int> next{tasks};
    if constexpr (has<Group>(be_joined)) {
        report(cost([&] {
            pthread_t threads[workers];
            next = 0;
            for (int i = 0; i < awake; i++)
                threads[i] = start([&] {
                    while (next++ < tasks)
                        tiny_task();
                });
            for (int i = 0; i < awake; i++)
                join(threads[i]);
        }));
    } else if constexpr (has<Group>(wait_at_all)) {
        Slot<Group> slot;
        sem_t work;
        sem_init(&work, 0, 0);
        std::atomic<bool> over{false};
        std::vector<pthread_t> threads;
        for (int i = 0; i < workers; i++)
            threads.push_back(start([&] {
                for (;;) {
                    while (sem_wait(&work) != 0)
                        ;
                    if (over)
                        break;
                    while (next++ < tasks) {
                        tiny_task();
                        slot->done();
                    }
                }
            }));
        report(cost([&] {
            slot.open(tasks);
            next = 0;
            for (int i = 0; i < awake; i++)
                sem_post(&work);
            slot->wait();
        }));
        over = true;
        for (int i = 0; i < workers; i++)
            sem_post(&work);
        for (pthread_t thread : threads)
            join(thread);
    }
}

/* 7.  What a group takes, and what a million of them do. */
inline double resident()
{
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == nullptr || fscanf(statm, "%*s %ld", &pages) != 1)
        fail(not_here, "/proc/self/statm");
    fclose(statm);
    return static_cast<double>(pages * sysconf(_SC_PAGESIZE));
}

template <class Group, class Object> void memory(int groups)
{
    if constexpr (has<Group>(be_made)) {
        report("bytes", sizeof(Object));
        auto size = sizeof(Object) * static_cast<size_t>(groups);
        double before = resident();
        auto *array = static_cast<Object *>(std::aligned_alloc(64, (size + 63) / 64 * 64));
        if (array == nullptr)
            fail(1, "aligned_alloc");
        auto allocated = [] {
            return static_cast<int64_t>(mallinfo2().uordblks + mallinfo2().hblkhd);
        };
        int64_t heap = allocated();
        for (int i = 0; i < groups; i++)
            new (&array[i]) Object(0);
        /* In whole bytes for each: other threads come and go. */
        report("heap", static_cast<double>((allocated() - heap) / groups));
        report("resident", (resident() - before) / groups);
        /* As the process ends now, the groups may stay. */
    }
}

/* 8.  Made and thrown away. */
template <class Group> void init(int)
{
    if constexpr (has<Group>(be_made))
        report(cost([] {
            Group group(0);
            __asm__ __volatile__("" ::"r"(&group) : "memory");
        }));
}

/* 9.  The handover of workload 4, while others sleep. */
inline void until_others_sleep(const std::vector<Watched> &others,
                               std::atomic<int> &waiting)
{
    while (waiting != static_cast<int>(others.size()))
        sched_yield();
    until_asleep(others, others.size());
}

/* Each on a group of its own. */
template <class Group> void growth(int others)
{
    if constexpr (has<Group>(wait_at_all)) {
        std::vector<Watched> watched(static_cast<size_t>(others));
        auto slots = std::make_unique<Slot<Group>[]>(static_cast<size_t>(others));
        std::atomic<int> waiting{0};
        for (size_t i = 0; i < watched.size(); i++)
            start([&, i] {
                watched[i].enter();
                slots[i].open(1);
                waiting++;
                slots[i]->wait();
            });
        until_others_sleep(watched, waiting);
        Slot<Group> slot;
        handover(slot, 0);
        fflush(stdout);
        _exit(0); /* they sleep on */
    }
}

/*
 * 9.  The same without the kernel's own growth.  Since Linux 6.16 each process has a futex
 * table of its own, of some slots for each processor, and a wake looks through all that
 * sleep in its slot.  Here there are more slots than sleepers.
 */
template <void measure(int)> void in_large_table(int others)
{
    const int pr_futex_hash = 78, set_slots = 1, slots = 1 << 14;
    if (prctl(pr_futex_hash, set_slots, slots, 0, 0) != 0)
        fail(not_here, "prctl(PR_FUTEX_HASH)");
    measure(others);
}

/* 10.  Each thread with a group of its own, which it never has to wait for. */
template <class Group> void own(int threads)
{
    if constexpr (has<Group>(add_tasks | wait_again | look_at_idle)) {
        auto slots = std::make_unique<Slot<Group>[]>(static_cast<size_t>(threads));
        report(cost_together(threads,
                             [&](int thread, Times &times, const std::atomic<bool> &over) {
                                 Slot<Group> &slot = slots[static_cast<size_t>(thread)];
                                 for (; !over; times += 100)
                                     for (int i = 0; i < 100; i++) {
                                         slot->add(1);
                                         slot->done();
                                         slot->wait();
                                     }
                             }));
    }
}

/* 10, 11.  Pairs of threads that wait for each other in turns, each on a group
 * of its own. */
template <class Group> class Turns
{
    std::unique_ptr<Slot<Group>[]> slots;
    std::unique_ptr<std::atomic<bool>[]> last; /* of each pair: is this the last turn? */

  public:
    explicit Turns(int threads)
        : slots(std::make_unique<Slot<Group>[]>(static_cast<size_t>(threads))),
          last(std::make_unique<std::atomic<bool>[]>(static_cast<size_t>(threads / 2)))
    {
        for (int i = 1; i < threads; i += 2)
            slots[static_cast<size_t>(i)].open(1);
    }

    /* By each of the threads.  The first of a pair asks over() in each turn, and the groups
     * are left as they have been made. */
    template <class Over, class Count> void take(int thread, Over over, Count count)
    {
        auto me = static_cast<size_t>(thread), other = me ^ 1;
        const bool leads = me < other;
        for (bool begun = leads, stop = false;; begun = true) {
            if (begun) {
                slots[me].open(1);
                /* For both of the pair, and before the other one can go on. */
                if (leads)
                    last[me / 2] = over();
                stop = last[me / 2];
                slots[other]->done();
                if (stop && !leads)
                    break;
            }
            slots[me]->wait();
            count();
            if (stop)
                break;
        }
    }
};

template <class Group> void turns(int threads)
{
    if constexpr (has<Group>(wait_at_all)) {
        Turns<Group> all(threads);
        auto take = [&](int thread, Times &times, const std::atomic<bool> &over) {
            auto enough = [&] { return over.load(); };
            all.take(thread, enough, [&] { times += 1; });
        };
        report(cost_together(threads, take));
    }
}

/* 11.  How often, if all runs together are to take about the time, and each time
 * takes so long. */
inline int64_t times_of(int64_t nanoseconds)
{
    return std::max<int64_t>(duration / runs / nanoseconds, 1);
}

template <class Group> void turns_of_work(int threads, Placed placed)
{
    if constexpr (has<Group>(wait_at_all)) {
        Turns<Group> all(threads);
        const int64_t each = times_of(INT64_C(10'000) * threads);
        report(cost_of_work(threads, placed, each * threads, [&](int thread) {
            int64_t left = each;
            auto enough = [&] { return left-- == 0; };
            all.take(thread, enough, [] {});
        }));
    }
}

/* 11.  Where the scheduler places the threads. */
template <class Group> void turns_free(int threads)
{
    turns_of_work<Group>(threads, Placed::freely);
}

/* 11.  Where all of them are bound to one processor, when the library has seen two. */
template <class Group> void turns_late(int threads)
{
    turns_of_work<Group>(threads, Placed::on_one);
}

/* 11.  As brief, where the scheduler places the two. */
template <class Group> void brief_free(int nanoseconds)
{
    if constexpr (has<Group>(wait_at_all)) {
        Slot<Group> slot;
        handover(slot, nanoseconds, Placed::freely);
    }
}

/* 11.  Rounds of one task, which sleeps for a while, for a worker that a
 * semaphore wakes. */
template <class Group> void worker(int64_t nanoseconds, Placed placed)
{
    if constexpr (has<Group>(wait_at_all)) {
        Slot<Group> slot;
        sem_t work;
        sem_init(&work, 0, 0);
        const int64_t rounds = times_of(std::max<int64_t>(nanoseconds, 10'000));
        report(cost_of_work(2, placed, rounds, [&](int thread) {
            for (int64_t round = 0; round < rounds; round++) {
                if (thread == 0) {
                    slot.open(1);
                    sem_post(&work);
                    slot->wait();
                } else {
                    while (sem_wait(&work) != 0)
                        ;
                    const timespec pause = {0, nanoseconds};
                    if (nanoseconds != 0)
                        nanosleep(&pause, nullptr);
                    slot->done();
                }
            }
        }));
    }
}

template <class Group> void sleeping(int nanoseconds)
{
    worker<Group>(nanoseconds, Placed::freely);
}

template <class Group> void worker_late(int)
{
    worker<Group>(0, Placed::on_one);
}

/*
 * 11.  Waiters that arrive while two tasks are at work, for 100 us of processor time each:
 * until that is done, and until the last wait has returned; the mean, as above.  Where only
 * one thread may wait, there is a group for each, and a task finishes with all of them.
 */
template <class Group> void arrivals(int waiters)
{
    if constexpr (has<Group>(wait_at_all)) {
        constexpr size_t tasks = 2;
        const auto groups = static_cast<size_t>(has<Group>(wait_many) ? 1 : waiters);
        auto slots = std::make_unique<Slot<Group>[]>(groups);
        Gate work, arrive, returned;
        std::atomic<int> left{0}, awaited{0};
        std::atomic<int64_t> last{0}, worked[tasks] = {};
        std::atomic<bool> over{false};
        std::vector<pthread_t> threads;

        auto leave = [&](uint32_t r) {
            if (--left == 0)
                returned.set(r);
        };
        for (size_t i = 0; i < tasks; i++)
            threads.push_back(start([&, i] {
                for (uint32_t r = 1;; r++) {
                    work.await(r);
                    if (over)
                        break;
                    const int64_t end = own_processor_time() + 100'000;
                    while (own_processor_time() < end)
                        ;
                    worked[i] = now();
                    for (size_t group = 0; group < groups; group++)
                        slots[group]->done();
                    leave(r);
                }
            }));
        for (size_t i = 0; i < static_cast<size_t>(waiters); i++)
            threads.push_back(start([&, i] {
                for (uint32_t r = 1;; r++) {
                    arrive.await(r);
                    if (over)
                        break;
                    slots[i % groups]->wait();
                    if (--awaited == 0)
                        last = now();
                    leave(r);
                }
            }));

        std::vector<double> until_worked, until_last;
        const auto rounds = static_cast<uint32_t>(std::max<int64_t>(duration / 500'000, 5));
        uint32_t r = 1;
        Spending spending;
        for (; r <= rounds; r++) {
            left = waiters + static_cast<int>(tasks);
            awaited = waiters;
            for (size_t group = 0; group < groups; group++)
                slots[group].open(tasks);
            const int64_t t0 = now();
            work.set(r);
            arrive.set(r);
            returned.await(r);
            until_worked.push_back(
                static_cast<double>(std::max<int64_t>(worked[0], worked[1]) - t0));
            until_last.push_back(static_cast<double>(last - t0));
        }
        const double cpu = spending.per(rounds);
        over = true;
        work.set(r);
        arrive.set(r);
        for (pthread_t thread : threads)
            join(thread);
        report("time", mean(until_worked));
        report("last", mean(until_last));
        report("cpu", cpu);
    }
}

/* 11.  A wait whose deadline has passed. */
template <class Group> void expired(int)
{
    if constexpr (has<Group>(be_timed)) {
        Slot<Group> slot(1);
        timespec past;
        clock_gettime(CLOCK_MONOTONIC, &past);
        report(cost([&] {
            if (slot->wait_until(past))
                fail(1, "a wait for a task");
        }));
    }
}

/* 12.  As pair, if the group is not closed: it is not. */
template <class Group> void enter(int threads)
{
    if constexpr (has<Group>(be_closed)) {
        Slot<Group> slot(1);
        report(cost_by(threads, [&] {
            if (slot->try_add(1))
                slot->done();
        }));
    }
}

/* 12.  The same where it is. */
template <class Group> void refused(int threads)
{
    if constexpr (has<Group>(be_closed)) {
        Slot<Group> slot(1);
        slot->close();
        report(cost_by(threads, [&] {
            if (slot->try_add(1))
                fail(1, "a closed group");
        }));
    }
}

/* The program. */

template <class Group> void traits(int)
{
    printf("%s\n%s\n%s\n", has<Group>(be_called) ? "called" : "inlined",
           has<Group>(wait_again) ? "used again" : "made anew",
           has<Group>(add_tasks) ? "up and down" : "down");
}

struct Workload {
    const char *name;
    void (*measure)(int parameter);
};

inline int bench(int argc, char **argv, std::initializer_list<Workload> workloads)
{
    for (const Workload &workload : workloads)
        if (argc > 1 && strcmp(argv[1], workload.name) == 0) {
            duration = argc > 3 ? atoi(argv[3]) * INT64_C(1000000) : 0;
            /* As long as a process has only one thread, glibc's mutexes do
             * without atomics. */
            start([] { pause(); });
            workload.measure(argc > 2 ? atoi(argv[2]) : 0);
            return 0;
        }
    fprintf(stderr, "usage: %s WORKLOAD PARAMETER MILLISECONDS\n", argv[0]);
    return 2;
}

/* Object is what takes the memory, if a Group has more than its users would have. */
template <class Group, class Object = Group> int bench(int argc, char **argv)
{
    return bench(argc, argv,
                 {{"traits", traits<Group>},
                  {"pair", pair<Group>},
                  {"round", round<Group>},
                  {"done", done<Group>},
                  {"idle", idle<Group>},
                  {"parked", parked<Group>},
                  {"brief", brief<Group>},
                  {"beside", beside<Group>},
                  {"many", many<Group>},
                  {"pool", pool<Group>},
                  {"memory", memory<Group, Object>},
                  {"init", init<Group>},
                  {"growth", growth<Group>},
                  {"growth_large", in_large_table<growth<Group>>},
                  {"own", own<Group>},
                  {"turns", turns<Group>},
                  {"turns_free", turns_free<Group>},
                  {"turns_late", turns_late<Group>},
                  {"brief_free", brief_free<Group>},
                  {"sleeping", sleeping<Group>},
                  {"worker_late", worker_late<Group>},
                  {"arrivals", arrivals<Group>},
                  {"expired", expired<Group>},
                  {"enter", enter<Group>},
                  {"refused", refused<Group>},
                  {"weak_end", weak_end<Group>},
                  {"weak_waiters", weak_waiters<Group>}});
}

#endif /* BENCH_WORKLOADS_HH */
