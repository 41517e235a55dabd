/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * delays.h - random delays before and after each atomic operation, lock and post
 *
 * What breaks a lifetime rule is one step of a thread between two of another's, and that
 * window is open for nanoseconds: undisturbed, it is hardly ever met.  A test build that
 * includes this before each source file stands still in each of them now and then, for up
 * to some tens of microseconds.  It finds most under ThreadSanitizer, which then needs
 * tests/unit/polling.h as well.
 *
 * WG_SEED=number in the environment chooses the delays of each thread; without it, a seed
 * is drawn, printed, and left in the environment for what else the program draws.
 */
#ifndef TESTS_DELAYS_H
#define TESTS_DELAYS_H

#include <config.h>

/* All that declares what is replaced below. */
#include <pthread.h>
#include <semaphore.h>

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DELAYS_UNSEEN __attribute__((no_sanitize_thread))

/* Weak: one for the program, however many source files include this. */
__attribute__((weak)) bool delays_begun;
__attribute__((weak)) uint64_t delays_seed;
__attribute__((weak)) uint64_t delays_threads;        /* atomic: have drawn so far */
__attribute__((weak)) __thread uint64_t delays_state; /* 0: this thread has not drawn yet */

static __attribute__((constructor)) void delays_begin(void)
{
    if (delays_begun)
        return;
    delays_begun = true;
    const char *chosen = getenv("WG_SEED");
    char number[24];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    delays_seed = chosen != NULL ? strtoull(chosen, NULL, 0)
                                 : (uint64_t)now.tv_sec * 1000000000 +
                                       (uint64_t)now.tv_nsec + ((uint64_t)getpid() << 40);
    snprintf(number, sizeof number, "%" PRIu64, delays_seed);
    setenv("WG_SEED", number, 1);
    fprintf(stderr, "# delays: WG_SEED=%s\n", number);
}

static inline DELAYS_UNSEEN uint32_t delays_draw(void)
{
    uint64_t x = delays_state;
    if (x == 0) {
        uint64_t thread = __atomic_add_fetch(&delays_threads, 1, __ATOMIC_RELAXED);
        x = (delays_seed + thread) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    }
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    delays_state = x;
    return (uint32_t)(x >> 24);
}

/* No cancellation point, and errno is as before: none of what is delayed
 * differs in that. */
static __attribute__((unused)) void delays_sleep(uint32_t ns)
{
    const struct timespec pause = {0, (long)ns};
    int caller_errno = errno, cancel_state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    nanosleep(&pause, NULL);
    pthread_setcancelstate(cancel_state, &cancel_state);
    errno = caller_errno;
}

static inline DELAYS_UNSEEN void delays_delay(void)
{
    uint32_t random = delays_draw();
    uint32_t amount = random >> 8;
    random &= 0xff;
    if (random >= 16)
        return;
    if (random == 0)
        delays_sleep(amount % 30000);
    else if (random < 6)
        sched_yield();
    else
        for (volatile uint32_t i = amount % 4096; i > 0; i--)
            continue;
}

static inline int delays_after(int result)
{
    delays_delay();
    return result;
}

/* clang-format off */
#define DELAYS_AROUND(name, operation)                                                     \
    __extension__({                                                                        \
        delays_delay();                                                                    \
        __auto_type name = operation;                                                      \
        delays_delay();                                                                    \
        name;                                                                              \
    })
/* clang-format on */

#define __atomic_load_n(...) DELAYS_AROUND(delays_l, __atomic_load_n(__VA_ARGS__))
#define __atomic_exchange_n(...) DELAYS_AROUND(delays_x, __atomic_exchange_n(__VA_ARGS__))
#define __atomic_compare_exchange_n(...)                                                   \
    DELAYS_AROUND(delays_c, __atomic_compare_exchange_n(__VA_ARGS__))
#define __atomic_fetch_add(...) DELAYS_AROUND(delays_a, __atomic_fetch_add(__VA_ARGS__))
#define __atomic_fetch_or(...) DELAYS_AROUND(delays_o, __atomic_fetch_or(__VA_ARGS__))
#define __atomic_sub_fetch(...) DELAYS_AROUND(delays_s, __atomic_sub_fetch(__VA_ARGS__))
#define __atomic_store_n(...)                                                              \
    (delays_delay(), __atomic_store_n(__VA_ARGS__), delays_delay())

#ifndef pthread_mutex_lock /* a test may have put something of its own there */
#    define pthread_mutex_lock(mutex)                                                      \
        (delays_delay(), delays_after(pthread_mutex_lock(mutex)))
#endif
#ifndef pthread_mutex_unlock /* likewise */
#    define pthread_mutex_unlock(mutex)                                                    \
        (delays_delay(), delays_after(pthread_mutex_unlock(mutex)))
#endif

/* Before and after it waits, a thread is in no other window than those above. */
#ifndef sem_post /* likewise */
#    define sem_post(semaphore) (delays_delay(), delays_after(sem_post(semaphore)))
#endif

#endif /* TESTS_DELAYS_H */
