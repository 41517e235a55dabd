/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * platform.h - what stands around the library in the model checker GenMC
 *
 * A scenario is a program of a few threads.  It includes this file, which includes the
 * sources of the library as they are (GenMC takes one file) and puts something simpler in
 * the place of the operating system, and of what only saves time: parker.h, spin.h,
 * misuse.h, and cancellation.
 *
 * GenMC runs a scenario in all ways that the memory model allows.  What makes one of them
 * fail:
 *
 *   - an assertion;
 *   - a thread that waits for ever (all waiting is done in loops that GenMC recognizes);
 *   - RC11 only: a data race of plain accesses, an access to freed memory.  IMM sees
 *     neither, so there a group's end is a value that nobody may meet (dispose()).
 *
 * Macros for the "flags:" lines of the scenarios, doc/model-checking.md has the rest:
 *
 *   -DALIGN=4        groups lie at 4 modulo 8, not at 0
 *   -DCLOSED         groups have been closed when the threads begin
 *   -DSPIN           waits look once more before they park
 *   -DGIVE_UP=...    what makes the hasty waiters give up, see below
 *   -DWG_LOT_HELP=1  the library's own: how many others a thread wakes that has been woken
 */
#ifndef TESTS_MODEL_PLATFORM_H
#define TESTS_MODEL_PLATFORM_H

#include <assert.h>
#include <errno.h>
#include <genmc.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifndef ALIGN
#    define ALIGN 0
#endif

#ifndef ECANCELED
#    define ECANCELED 125
#endif

/* GenMC's errno would be one for all threads. */
#undef errno
#define errno own_errno
static __thread int own_errno;

/*
 * spin.h: waits park at once; with -DSPIN after one more look.
 */
#define WG_SPIN_H
#ifdef SPIN
#    define wg_spin(word, clock, deadline) wg_word_idle(wg_word_load(word))
#else
#    define wg_spin(word, clock, deadline) false
#endif

/*
 * constructor.h: there is none.  Where there is one, GenMC takes the initial values of the
 * variables from the wrong memory.
 */
#define WG_CONSTRUCTOR_H
#define WG_CONSTRUCTOR __attribute__((unused))

/*
 * annotate.h: there is no other tool.
 */
#define WG_ANNOTATE_H
#define wg_detector_at_work false
#define wg_tool_at_work false
#define wg_access(memory, size) ((void)0)
#define wg_happens_before(object) ((void)0)
#define wg_happens_after(object) ((void)0)
#define wg_unchecked(memory, size) ((void)0)

/*
 * misuse.h: misuses are counted.  The handler returns.
 */
#define WG_MISUSE_H
static int misuses;
#define wg_misuse(wg, ...) ((void)__atomic_fetch_add(&misuses, 1, __ATOMIC_RELAXED))

/*
 * The end of a group.  A word that has been disposed of holds DEAD under IMM.  Every
 * atomic access of the library looks at what it has read, and check_disposed() looks
 * whether one has written.
 */
#define DEAD UINT64_C(0x7EADBEEF12345678)
#define assert_alive(value) assert(sizeof(value) != 8 || (uint64_t)(value) != DEAD)

#define __atomic_load_n(object, order)                                                     \
    ({                                                                                     \
        __typeof__(*(object) + 0) read_ = __atomic_load_n(object, order);                  \
        assert_alive(read_);                                                               \
        read_;                                                                             \
    })
#define __atomic_fetch_add(object, operand, order)                                         \
    ({                                                                                     \
        __typeof__(*(object) + 0) read_ = __atomic_fetch_add(object, operand, order);      \
        assert_alive(read_);                                                               \
        read_;                                                                             \
    })
#define __atomic_fetch_or(object, operand, order)                                          \
    ({                                                                                     \
        __typeof__(*(object) + 0) read_ = __atomic_fetch_or(object, operand, order);       \
        assert_alive(read_);                                                               \
        read_;                                                                             \
    })
#define __atomic_sub_fetch(object, operand, order)                                         \
    ({                                                                                     \
        __typeof__(*(object) + 0) now_ = __atomic_sub_fetch(object, operand, order);       \
        assert_alive(now_ + (operand));                                                    \
        now_;                                                                              \
    })
#define __atomic_compare_exchange_n(object, expected, desired, weak, order, failure)       \
    ({                                                                                     \
        bool done_ =                                                                       \
            __atomic_compare_exchange_n(object, expected, desired, weak, order, failure);  \
        assert_alive(*(expected));                                                         \
        done_;                                                                             \
    })

/*
 * Cancellation.  A thread that has cancel_pending set acts on it at the cancellation
 * point, wg_parker_wait(), if it would have to block there.  (If the post is there
 * already, a real thread may or may not act; acting then is no different from having acted
 * before the post.) It then runs its cleanup handler, and its wait "returns" ECANCELED.
 */
static __thread bool cancel_pending, cancel_disabled, cancelled_now;
static __thread int cleanup_handlers;

#define PTHREAD_CANCEL_DISABLE 1

static inline int set_cancel_state(int disabled, int *before)
{
    *before = cancel_disabled;
    cancel_disabled = disabled;
    return 0;
}
#define pthread_setcancelstate(state, before) set_cancel_state(state, before)

#undef pthread_cleanup_push
#undef pthread_cleanup_pop
#define pthread_cleanup_push(function, argument)                                           \
    {                                                                                      \
        void (*const cleanup_)(void *) = (function);                                       \
        void *const cleanup_argument_ = (argument);                                        \
        cleanup_handlers++;                                                                \
        note_parking();
#define pthread_cleanup_pop(execute)                                                       \
    cleanup_handlers--;                                                                    \
    if (cancelled_now) {                                                                   \
        cleanup_(cleanup_argument_);                                                       \
        return ECANCELED;                                                                  \
    }                                                                                      \
    }

/* How many threads have ever been queued.  For scenarios in which some of them may have
 * left again, so that the waiters in the word do not tell. */
#ifdef COUNT_PARKED
static int ever_parked;
#    define note_parking() __atomic_fetch_add(&ever_parked, 1, __ATOMIC_RELAXED)
#else
#    define note_parking() ((void)0)
#endif

/* There is no fork() here; forked.c calls the handler by itself.  GenMC's <stdio.h> does
 * not declare what is called if the handler is refused. */
#define pthread_atfork(prepare, parent, child) ((void)(child), 0)
#define fputs(text, stream) ((void)0)

/* Loops, not __VERIFIER_assume(): a thread that is stuck here is reported, and an execution
 * that is cut off here would not be. */
#define await(condition)                                                                   \
    do {                                                                                   \
    } while (!(condition))

/*
 * Stopping.  A thread that has one of these set is stopped at that place until resume(), as
 * by a debugger, a signal handler or a low priority: while it is asleep, or as good as
 * woken; or where it is about to lock a mutex for the n-th time, and holds none.  A
 * scenario that calls resume() only when all other threads have ended fails if one depends
 * on those that are stopped.
 */
static __thread bool stop_asleep;
static __thread int stop_before_lock;
static int resumed;

static inline void stop(void)
{
    await(__atomic_load_n(&resumed, __ATOMIC_RELAXED) != 0);
}

static inline void resume(void)
{
    __atomic_store_n(&resumed, 1, __ATOMIC_RELAXED);
}

/*
 * Mutexes: GenMC's, but numbers; those, being structs, it cannot copy.
 */
typedef int mutex;

static inline void lock_mutex(mutex *one)
{
    if (stop_before_lock != 0 && --stop_before_lock == 0)
        stop();
    pthread_mutex_lock((pthread_mutex_t *)one);
}

static inline void unlock_mutex(mutex *one)
{
    pthread_mutex_unlock((pthread_mutex_t *)one);
}

#define pthread_mutex_t mutex
#define pthread_mutex_lock(one) lock_mutex(one)
#define pthread_mutex_unlock(one) unlock_mutex(one)
#undef PTHREAD_MUTEX_INITIALIZER
#define PTHREAD_MUTEX_INITIALIZER 0

/*
 * parker.h: the sleeper waits in a loop for what the post has written.
 */
#define WG_PARKER_H

struct wg_parker {
    int posts;
};

static void end_of_frame(struct wg_parker *parker);

static void wg_parker_init(struct wg_parker *parker, clockid_t clock)
{
    (void)clock;
    parker->posts = 0;
}

static void wg_parker_destroy(struct wg_parker *parker)
{
    end_of_frame(parker);
}

/* From here on the parker may be gone; and nobody is posted twice, or after its end. */
static void wg_parker_post(struct wg_parker *parker)
{
    int before = __atomic_fetch_add(&parker->posts, 1, __ATOMIC_RELEASE);
    assert(before == 0);
}

/* A scenario can say when the time is over at the earliest. */
#ifndef BEFORE_DEADLINE
#    define BEFORE_DEADLINE() ((void)0)
#endif

/* A wait with a deadline looks once: that is the moment at which its time is over.
 * Whether it then sees the post is as in all other races explored both ways.  A cancelled
 * wait likewise. */
static int wg_parker_wait(struct wg_parker *parker, clockid_t clock,
                          const struct timespec *deadline)
{
    (void)clock;
    if (stop_asleep) {
        stop_asleep = false;
        stop();
    }
    bool cancel = cancel_pending && !cancel_disabled && !cancelled_now;
    if (deadline != NULL || cancel) {
        BEFORE_DEADLINE();
        if (__atomic_load_n(&parker->posts, __ATOMIC_ACQUIRE) != 0)
            return 0;
        if (deadline != NULL)
            return ETIMEDOUT;
        assert(cleanup_handlers > 0); /* else the frame would go while others refer to it */
        cancelled_now = true;
        return ECANCELED;
    }
    while (__atomic_load_n(&parker->posts, __ATOMIC_ACQUIRE) == 0)
        ;
    return 0;
}

/*
 * The library.
 */
#include "lot.c"
#include "waitgroup.c"

#undef __atomic_load_n
#undef __atomic_fetch_add
#undef __atomic_fetch_or
#undef __atomic_sub_fetch
#undef __atomic_compare_exchange_n

/* A waiter goes out of scope after this.  Overwriting it by plain stores makes every access
 * by another thread that does not happen before a data race. */
static void end_of_frame(struct wg_parker *parker)
{
    struct wg_waiter *waiter =
        (struct wg_waiter *)((char *)parker - offsetof(struct wg_waiter, parker));
    waiter->key = NULL;
    waiter->ticket = 0;
    waiter->next = waiter->prev = waiter->branch[0] = waiter->branch[1] = NULL;
    waiter->cut = waiter->more = false;
    waiter->parker.posts = -1000;
}

/*
 * Groups.
 */

/* The memory for a group, not initialized. */
static inline wg_t *allocate(void)
{
    char *memory = malloc(16);
    assert((uintptr_t)memory % 8 == 0);
    return (wg_t *)(memory + ALIGN);
}

/* The bucket is used once before there are other threads: what they then see of its
 * generation is the same for all. */
static inline wg_t *group(int counter)
{
    wg_t *made = allocate();
    wg_init(made);
    wg_add(made, counter);
#ifdef CLOSED
    wg_close(made);
#endif
    wg_lot_unlock(wg_lot_lock(wg_sema_of(made)));
    return made;
}

/* What a program may do once a wait has returned 0: free the group. */
static inline void dispose(wg_t *old)
{
#ifdef IMM
    __atomic_store_n(wg_word_of(old), DEAD, __ATOMIC_RELAXED);
#else
    free((char *)old - ALIGN);
#endif
}

/* When all threads have ended: did one of them change the group after its end? */
static inline void check_disposed(wg_t *old)
{
#ifdef IMM
    assert(__atomic_load_n(wg_word_of(old), __ATOMIC_RELAXED) == DEAD);
#else
    (void)old;
#endif
}

static inline uint64_t word(const wg_t *wg)
{
    return __atomic_load_n(wg_word_of(wg), __ATOMIC_RELAXED);
}

/*
 * Threads.
 */

static inline pthread_t start(void *(*run)(void *), int number)
{
    pthread_t thread;
    pthread_create(&thread, NULL, run, (void *)(intptr_t)number);
    return thread;
}

static inline void end(pthread_t thread)
{
    pthread_join(thread, NULL);
}

#define await_parked(wg, number) await(wg_word_waiters(word(wg)) == (number))
#define await_ever_parked(number)                                                          \
    await(__atomic_load_n(&ever_parked, __ATOMIC_RELAXED) == (number))

/* What most scenarios have: one group, and tasks that leave something for the waiters. */
static wg_t *wg;
static int payload[4];

static inline void *doner(void *number)
{
    payload[(intptr_t)number] = 1;
    int result = wg_done(wg);
    assert(result == 0);
    return NULL;
}

/* Stopped after it has woken one, if it ends the round: it takes the lock once for each. */
static inline void *slow_doner(void *number)
{
    stop_before_lock = 2;
    return doner(number);
}

static inline void assert_payload(int tasks)
{
    for (int i = 0; i < tasks; i++)
        assert(payload[i] == 1);
}

/* Wait, and see the work of the first so many tasks. */
static inline void wait_and_see(int tasks)
{
    int result = wg_wait(wg);
    assert(result == 0);
    assert_payload(tasks);
}

static inline void *waiter(void *unused)
{
    (void)unused;
    wait_and_see(0);
    return NULL;
}

static inline void *stopped_waiter(void *unused)
{
    stop_asleep = true;
    return waiter(unused);
}

/* A wait that may give up: because of its deadline, or because it is cancelled, or because
 * of its deadline with a cancellation pending.  0, or ETIMEDOUT or ECANCELED. */
#define BY_DEADLINE 1
#define BY_CANCELLATION 2
#define BY_BOTH 3
#ifndef GIVE_UP
#    define GIVE_UP BY_DEADLINE
#endif
#define GIVEN_UP ((GIVE_UP & BY_DEADLINE) != 0 ? ETIMEDOUT : ECANCELED)

static inline int wait_hastily(wg_t *wg)
{
    static const struct timespec deadline = {0, 0};
    cancel_pending = (GIVE_UP & BY_CANCELLATION) != 0;
    int result = (GIVE_UP & BY_DEADLINE) != 0 ? wg_timedwait(wg, &deadline) : wg_wait(wg);
    cancel_pending = false; /* a thread that was cancelled ends, or plays the next one */
    cancelled_now = false;
    return result;
}

static inline void *hasty_waiter(void *unused)
{
    (void)unused;
    int result = wait_hastily(wg);
    assert(result == 0 || result == GIVEN_UP);
    return NULL;
}

#endif /* TESTS_MODEL_PLATFORM_H */
