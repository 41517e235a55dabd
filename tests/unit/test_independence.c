/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Once the thread that has ended a round has run, each waiter of the round
 * returns, whatever other waiters do; and until it is about to be woken, a waiter
 * can give up by itself.
 *
 * Some threads stand still here: in a signal handler, because of a debugger, or at a gate
 * within the library.  The others are to get on.  If they do not, this program hangs.
 */
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#    include <sys/ptrace.h>
#    include <sys/syscall.h>
#endif

#include "watched.h"

/*
 * Waiters.
 */

enum mode { FOREVER, WITH_DEADLINE, TO_BE_CANCELLED };

struct waiter {
    wg_t *wg;
    enum mode mode;
    clockid_t clock;
    int64_t deadline;
    struct gate gate;
    pthread_t thread;
    int result;
};

/* So many are back, by return or cancellation. */
static uint32_t back; /* atomic */

static uint32_t count_back(void)
{
    return __atomic_load_n(&back, __ATOMIC_ACQUIRE);
}

static void until_back(uint32_t count)
{
    while (count_back() < count)
        sched_yield();
}

static void note_back(void *count)
{
    gate_of_thread = NULL;
    __atomic_fetch_add((uint32_t *)count, 1, __ATOMIC_RELEASE);
}

static void *wait_and_return(void *argument)
{
    struct waiter *waiter = (struct waiter *)argument;
    gate_of_thread = &waiter->gate;
    pthread_cleanup_push(note_back, &back);
    if (waiter->mode == WITH_DEADLINE) {
        const struct timespec deadline = moment(waiter->deadline);
        waiter->result = wg_clockwait(waiter->wg, waiter->clock, &deadline);
    } else {
        waiter->result = wg_wait(waiter->wg);
    }
    pthread_cleanup_pop(1);
    return NULL;
}

/* Nobody comes to a gate that is not asked for. */
static void prepare(struct waiter *waiters, size_t count, wg_t *wg)
{
    for (size_t i = 0; i < count; i++) {
        memset(&waiters[i], 0, sizeof waiters[i]);
        waiters[i].wg = wg;
        waiters[i].gate.passes = -1;
        waiters[i].result = -1;
    }
}

/* In this order, behind those who wait already. */
static void start_waiters(struct waiter *waiters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t before = waiters_of(waiters[i].wg);
        waiters[i].thread = start(wait_and_return, &waiters[i]);
        until_queued(waiters[i].wg, before + 1);
    }
}

static void join_waiter(struct waiter *waiter)
{
    void *result;
    assert_int_equal(pthread_join(waiter->thread, &result), 0);
    if (waiter->mode == TO_BE_CANCELLED && result == PTHREAD_CANCELED)
        return;
    assert_null(result);
    assert_int_equal(waiter->result, 0);
}

static void join_waiters(struct waiter *waiters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        join_waiter(&waiters[i]);
}

/*
 * In a handler.
 */

static int handler_pipe[2];
static uint32_t in_handlers; /* atomic */

/* For as long as there is nothing to read. */
static void stay(int signal_number)
{
    char byte;
    int errno_before = errno;
    (void)signal_number;
    __atomic_fetch_add(&in_handlers, 1, __ATOMIC_RELAXED);
    while (read(handler_pipe[0], &byte, 1) != 1)
        continue;
    __atomic_fetch_sub(&in_handlers, 1, __ATOMIC_RELAXED);
    errno = errno_before;
}

static void send_into_handler(struct waiter *waiters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t before = __atomic_load_n(&in_handlers, __ATOMIC_RELAXED);
        assert_int_equal(pthread_kill(waiters[i].thread, SIGUSR1), 0);
        while (__atomic_load_n(&in_handlers, __ATOMIC_RELAXED) == before)
            sched_yield();
    }
}

static void let_handlers_return(void)
{
    for (uint32_t n = __atomic_load_n(&in_handlers, __ATOMIC_RELAXED); n > 0; n--)
        assert_int_equal(write(handler_pipe[1], "", 1), 1);
}

/* Those who came first are in handlers when the round ends, and one that came
 * last is not. */
static void test_waiters_in_handlers(void **state)
{
    (void)state;
    static const size_t numbers[] = {1, 2, 3, 4, 9};
    static const enum mode modes[] = {FOREVER, WITH_DEADLINE, TO_BE_CANCELLED};
    for (size_t n = 0; n < COUNT(numbers); n++) {
        for (size_t m = 0; m < COUNT(modes); m++) {
            wg_t wg = WG_INITIALIZER;
            struct waiter waiters[10];
            struct waiter *last = &waiters[numbers[n]];
            prepare(waiters, numbers[n] + 1, &wg);
            last->mode = modes[m];
            last->deadline = now_on(CLOCK_REALTIME) + 3600 * SECOND;
            wg_add(&wg, 1);
            start_waiters(waiters, numbers[n] + 1);
            send_into_handler(waiters, numbers[n]);
            wg_done(&wg);
            if (modes[m] == TO_BE_CANCELLED)
                pthread_cancel(last->thread);
            join_waiter(last);
            assert_int_equal(__atomic_load_n(&in_handlers, __ATOMIC_RELAXED), numbers[n]);
            let_handlers_return();
            join_waiters(waiters, numbers[n]);
            assert_int_equal(wg_destroy(&wg), 0);
        }
    }
}

/* Every other one of many is in a handler, in the order of arrival. */
static void test_every_other_one_in_a_handler(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    struct waiter waiters[40];
    prepare(waiters, COUNT(waiters), &wg);
    wg_add(&wg, 1);
    start_waiters(waiters, COUNT(waiters));
    for (size_t i = 0; i < COUNT(waiters); i += 2)
        send_into_handler(&waiters[i], 1);
    wg_done(&wg);
    for (size_t i = 1; i < COUNT(waiters); i += 2)
        join_waiter(&waiters[i]);
    let_handlers_return();
    for (size_t i = 0; i < COUNT(waiters); i += 2)
        join_waiter(&waiters[i]);
}

/* Groups that share a bucket.  The waiters of one of them are in handlers, and some of
 * those of the others; the rest return, in whatever order the rounds end. */
static void test_groups_in_one_bucket(void **state)
{
    (void)state;
    enum { GROUPS = 3, EACH = 10, HELD = 4 };
    for (size_t turn = 0; turn < GROUPS; turn++) {
        wg_t *groups[GROUPS];
        struct waiter waiters[GROUPS][EACH];
        assert_true(choose_groups(groups, GROUPS, 1));
        for (size_t g = 0; g < GROUPS; g++) {
            prepare(waiters[g], EACH, groups[g]);
            wg_add(groups[g], 1);
        }
        for (size_t i = 0; i < EACH; i++)
            for (size_t g = 0; g < GROUPS; g++)
                start_waiters(&waiters[g][i], 1);
        send_into_handler(waiters[0], EACH);
        send_into_handler(waiters[1], HELD);
        for (size_t g = 0; g < GROUPS; g++)
            wg_done(groups[(turn + g) % GROUPS]);
        join_waiters(waiters[2], EACH);
        join_waiters(waiters[1] + HELD, EACH - HELD);
        let_handlers_return();
        join_waiters(waiters[1], HELD);
        join_waiters(waiters[0], EACH);
    }
}

/* Waiters of several rounds of one group are still on their way when the next one ends. */
static void test_earlier_rounds_on_their_way(void **state)
{
    (void)state;
    enum { ROUNDS = 4, EACH = 6, HELD = 3 };
    wg_t wg = WG_INITIALIZER;
    struct waiter waiters[ROUNDS][EACH];
    for (size_t r = 0; r < ROUNDS; r++) {
        prepare(waiters[r], EACH, &wg);
        wg_add(&wg, 1);
        start_waiters(waiters[r], EACH);
        send_into_handler(waiters[r], HELD);
        wg_done(&wg);
        join_waiters(waiters[r] + HELD, EACH - HELD);
    }
    assert_int_equal(wg_destroy(&wg), 0);
    let_handlers_return();
    for (size_t r = 0; r < ROUNDS; r++)
        join_waiters(waiters[r], HELD);
}

/*
 * At a gate.
 */

/* A thread that makes a call. */
struct caller {
    wg_t *wg;
    int (*call)(wg_t *);
    struct gate gate;
    pthread_t thread;
};

static void *call_through_gate(void *argument)
{
    struct caller *caller = (struct caller *)argument;
    gate_of_thread = &caller->gate;
    return (void *)(intptr_t)caller->call(caller->wg);
}

static void start_and_stop(struct caller *caller)
{
    caller->thread = start(call_through_gate, caller);
    while (!is_stopped(&caller->gate))
        sched_yield();
}

static void go_on_and_end(struct caller *caller)
{
    void *result;
    let_go(&caller->gate);
    assert_int_equal(pthread_join(caller->thread, &result), 0);
    assert_null(result);
}

/* As the last wg_done() does, but nobody who gives up can come between its steps, find the
 * counter at 0, and end the round.  -1 if nobody is queued. */
static int end_in_one_step(wg_t *wg)
{
    const void *key = wg_sema_of(wg);
    wg_word *word = wg_word_of(wg);
    struct wg_bucket *bucket = wg_lot_lock(key);
    struct wg_waiter **queue = wg_lot_find(bucket, key);
    if (*queue == NULL) {
        wg_lot_unlock(bucket);
        return -1;
    }
    wg_word_add(word, wg_word_tasks(-1));
    wg_word_end_round(word, wg_word_load(word));
    wg_lot_take(bucket, queue);
    wg_lot_release(bucket, key);
    return 0;
}

/* So many that have been taken and not been cut give up, while the thread that ends the
 * round is stopped before its first post.  False if a deadline was too early. */
static bool give_up_when_taken(enum mode mode, clockid_t clock, int64_t ahead,
                               size_t leavers)
{
    enum { WAITERS = 9 };
    wg_t wg = WG_INITIALIZER;
    struct waiter waiters[WAITERS];
    bool in_time = true;
    prepare(waiters, WAITERS, &wg);
    all_posts = 0;
    wg_add(&wg, 1);
    start_waiters(waiters, WAITERS - leavers);
    for (size_t i = WAITERS - leavers; i < WAITERS; i++) {
        waiters[i].mode = mode;
        waiters[i].clock = clock;
        waiters[i].deadline = now_on(clock) + ahead;
        waiters[i].thread = start(wait_and_return, &waiters[i]);
        while (waiters_of(&wg) != i + 1 &&
               (mode != WITH_DEADLINE || now_on(clock) < waiters[i].deadline))
            sched_yield();
        in_time = in_time && waiters_of(&wg) == i + 1;
    }
    struct caller ender = {&wg, wg_done, {BEFORE_POST, 0, 0}, 0};
    if (mode == WITH_DEADLINE)
        ender.call = end_in_one_step;
    start_and_stop(&ender);
    for (size_t i = WAITERS - leavers; i < WAITERS; i++) {
        void *result;
        if (mode == TO_BE_CANCELLED)
            pthread_cancel(waiters[i].thread);
        assert_int_equal(pthread_join(waiters[i].thread, &result), 0);
        in_time = in_time && (mode == TO_BE_CANCELLED ? result == PTHREAD_CANCELED
                                                      : waiters[i].result == 0);
    }
    /* One that was not even parked may have found the counter at 0, and ended the round. */
    if (in_time)
        assert_int_equal(__atomic_load_n(&all_posts, __ATOMIC_RELAXED), 0);
    go_on_and_end(&ender);
    join_waiters(waiters, WAITERS - leavers);
    if (in_time)
        assert_int_equal(all_posts, WAITERS - leavers);
    assert_int_equal(wg_destroy(&wg), 0);
    return in_time;
}

static void test_gives_up_when_taken(void **state)
{
    (void)state;
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    for (size_t leavers = 1; leavers < 9; leavers++) {
        assert_true(give_up_when_taken(TO_BE_CANCELLED, CLOCK_REALTIME, 0, leavers));
        /* On a busy machine that takes several attempts. */
        int64_t ahead = SECOND / 50;
        while (!give_up_when_taken(WITH_DEADLINE, clocks[leavers % 2], ahead, leavers))
            ahead *= 2;
    }
}

/*
 * One that has been cut and not been posted stays until its post has come.  Had it left, it
 * would have seen that the post had not been made.
 */
struct leaver {
    wg_t *wg;
    clockid_t clock;
    int64_t deadline;
    bool posted; /* before the post is made */
    bool saw_posted;
};

static void look(void *argument)
{
    struct leaver *leaver = (struct leaver *)argument;
    leaver->saw_posted = __atomic_load_n(&leaver->posted, __ATOMIC_RELAXED);
}

static void *wait_and_look(void *argument)
{
    struct leaver *leaver = (struct leaver *)argument;
    struct timespec deadline = moment(leaver->deadline);
    int result = -1;
    pthread_cleanup_push(look, leaver);
    result = wg_clockwait(leaver->wg, leaver->clock, &deadline);
    pthread_cleanup_pop(1);
    return (void *)(intptr_t)result;
}

static bool is_past(const struct leaver *leaver)
{
    return now_on(leaver->clock) >= leaver->deadline;
}

static void yield_often(void)
{
    for (int i = 0; i < 1000; i++)
        sched_yield();
}

/* Cuts it, if it is still queued, and is stopped before the post. */
struct cutter {
    wg_t *wg;
    struct gate gate;
    bool missed; /* atomic */
};

static void *cut_and_post(void *argument)
{
    struct cutter *cutter = (struct cutter *)argument;
    gate_of_thread = &cutter->gate;
    if (end_in_one_step(cutter->wg) != 0)
        __atomic_store_n(&cutter->missed, true, __ATOMIC_RELAXED);
    return NULL;
}

enum way_out { BY_DEADLINE, BY_CANCELLATION, BY_BOTH };

static void give_up_when_cut(enum way_out way, clockid_t clock)
{
    wg_t wg = WG_INITIALIZER;
    struct leaver leaver = {&wg, clock, 0, false, false};
    struct cutter cutter = {&wg, {BEFORE_POST, 0, 0}, false};
    pthread_t thread, cutting;
    wg_add(&wg, 1);

    /* The deadline has to be after the cut; on a busy machine that takes
     * several attempts. */
    int64_t ahead = SECOND / 50;
    for (;; ahead *= 2) {
        leaver.deadline = now_on(clock) + (way == BY_CANCELLATION ? 3600 * SECOND : ahead);
        thread = start(wait_and_look, &leaver);
        while (waiters_of(&wg) == 0 && !is_past(&leaver))
            sched_yield();
        cutter.missed = false;
        cutting = start(cut_and_post, &cutter);
        while (!is_stopped(&cutter.gate) &&
               !__atomic_load_n(&cutter.missed, __ATOMIC_RELAXED))
            sched_yield();
        if (is_stopped(&cutter.gate))
            break;
        join(cutting);
        join(thread);
    }

    if (way != BY_CANCELLATION) {
        while (!is_past(&leaver))
            sched_yield();
        yield_often();
    }
    if (way != BY_DEADLINE)
        pthread_cancel(thread);
    yield_often();
    __atomic_store_n(&leaver.posted, true, __ATOMIC_RELAXED);
    let_go(&cutter.gate);
    join(cutting);

    void *result;
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_true(result == NULL || (way != BY_DEADLINE && result == PTHREAD_CANCELED));
    assert_true(leaver.saw_posted);
    assert_int_equal(wg_destroy(&wg), 0);
}

static void test_gives_up_when_cut(void **state)
{
    (void)state;
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    for (size_t round = 0; round < 6; round++) {
        clockid_t clock = clocks[round % COUNT(clocks)];
        give_up_when_cut(BY_DEADLINE, clock);
        give_up_when_cut(BY_CANCELLATION, clock);
        give_up_when_cut(BY_BOTH, clock);
    }
}

/* The thread that ends the round is stopped after its first post: the one that it has woken
 * wakes two others, and so forth. */
static void test_those_who_are_woken_help(void **state)
{
    (void)state;
    static const size_t numbers[] = {2, 3, 4, 9, 40};
    for (size_t n = 0; n < COUNT(numbers); n++) {
        wg_t wg = WG_INITIALIZER;
        struct waiter waiters[40];
        prepare(waiters, numbers[n], &wg);
        bucket_watched = bucket_of(&wg);
        most_of_helper = 0;
        wg_add(&wg, 1);
        start_waiters(waiters, numbers[n]);
        struct caller ender = {&wg, wg_done, {BEFORE_LOCK, 1, 0}, 0};
        start_and_stop(&ender);
        join_waiters(waiters, numbers[n]);
        assert_true(most_of_helper >= 1 && most_of_helper <= 2);
        assert_int_equal(wg_destroy(&wg), 0);
        go_on_and_end(&ender);
        bucket_watched = NULL;
    }
}

/* The one that is woken first is stopped on its way out, before it helps, or when it has
 * another one in hand: all but these return. */
static void test_helper_is_stopped(void **state)
{
    (void)state;
    enum { WAITERS = 30 };
    /* Its first lock is the one under which it has queued. */
    static const struct gate gates[] = {{BEFORE_LOCK, 1, 0}, {BEFORE_POST, 0, 0}};
    for (uint32_t in_hand = 0; in_hand < COUNT(gates); in_hand++) {
        wg_t wg = WG_INITIALIZER;
        struct waiter waiters[WAITERS];
        uint32_t before = count_back();
        prepare(waiters, WAITERS, &wg);
        bucket_watched = bucket_of(&wg);
        waiters[0].gate = gates[in_hand];
        wg_add(&wg, 1);
        start_waiters(waiters, WAITERS);
        struct caller ender = {&wg, wg_done, {BEFORE_LOCK, 1, 0}, 0};
        start_and_stop(&ender);
        while (!is_stopped(&waiters[0].gate))
            sched_yield();
        assert_int_equal(count_back(), before);
        go_on_and_end(&ender);
        until_back(before + WAITERS - 1 - in_hand);
        let_go(&waiters[0].gate);
        join_waiters(waiters, WAITERS);
        assert_int_equal(wg_destroy(&wg), 0);
        bucket_watched = NULL;
    }
}

/* A thread that has brought the counter to 0 is stopped on its way in.  Another one that
 * comes to wait has ended the round meanwhile, and is stopped with one in hand.  When the
 * first goes on, it releases the others, though it finds nobody queued. */
static void test_waiter_that_ends_the_round_is_stopped(void **state)
{
    (void)state;
    enum { WAITERS = 12, IN_HAND = 1 };
    static int (*const calls[])(wg_t *) = {wg_wait, wg_trywait};
    for (size_t c = 0; c < COUNT(calls); c++) {
        wg_t wg = WG_INITIALIZER;
        struct waiter waiters[WAITERS];
        prepare(waiters, WAITERS, &wg);
        bucket_watched = bucket_of(&wg);
        wg_add(&wg, 1);
        start_waiters(waiters, WAITERS);
        struct caller done = {&wg, wg_done, {BEFORE_LOCK, 0, 0}, 0};
        struct caller waiter = {&wg, calls[c], {BEFORE_POST, 0, 0}, 0};
        start_and_stop(&done);
        start_and_stop(&waiter);
        assert_int_equal(wg_word_load(wg_word_of(&wg)), 0);
        go_on_and_end(&done);
        join_waiters(waiters + IN_HAND, WAITERS - IN_HAND);
        go_on_and_end(&waiter);
        join_waiters(waiters, IN_HAND);
        bucket_watched = NULL;
    }
}

/* One that gives up finds the counter at 0, and ends the round: it is stopped with one
 * in hand, itself has left, and the others depend on the thread that has brought the
 * counter to 0. */
static void test_leaver_that_ends_the_round_is_stopped(void **state)
{
    (void)state;
    enum { WAITERS = 12, IN_HAND = 1 };
    wg_t wg = WG_INITIALIZER;
    struct waiter waiters[WAITERS + 1];
    struct waiter *leaver = &waiters[WAITERS];
    prepare(waiters, COUNT(waiters), &wg);
    leaver->mode = TO_BE_CANCELLED;
    leaver->gate = (struct gate){BEFORE_POST, 0, 0};
    bucket_watched = bucket_of(&wg);
    wg_add(&wg, 1);
    start_waiters(waiters, COUNT(waiters));
    struct caller done = {&wg, wg_done, {BEFORE_LOCK, 0, 0}, 0};
    start_and_stop(&done);
    pthread_cancel(leaver->thread);
    while (!is_stopped(&leaver->gate))
        sched_yield();
    go_on_and_end(&done);
    join_waiters(waiters + IN_HAND, WAITERS - IN_HAND);
    let_go(&leaver->gate);
    join_waiter(leaver);
    join_waiters(waiters, IN_HAND);
    assert_int_equal(wg_destroy(&wg), 0);
    bucket_watched = NULL;
}

/*
 * By a debugger: what is stopped gets no processor at all.  A child is debugged
 * by this process.
 */
#if defined(__linux__) && defined(PTRACE_SEIZE)

enum { ALL = 12, STOPPED = 4 };

struct debugged {
    struct waiter waiters[ALL];
    int to_debugger[2], from_debugger[2];
};

static pid_t waiter_ids[ALL]; /* atomic */

static void *tell_and_wait(void *argument)
{
    struct waiter *waiter = (struct waiter *)argument;
    __atomic_store_n(&waiter_ids[waiter->deadline], (pid_t)syscall(SYS_gettid),
                     __ATOMIC_RELAXED);
    return (void *)(intptr_t)wg_wait(waiter->wg);
}

static void be_debugged(struct debugged *debugged)
{
    static wg_t wg = WG_INITIALIZER;
    pthread_t threads[ALL];
    char byte;
    alarm(60);
    wg_add(&wg, 1);
    prepare(debugged->waiters, ALL, &wg);
    for (size_t i = 0; i < ALL; i++) {
        debugged->waiters[i].deadline = (int64_t)i;
        threads[i] = start(tell_and_wait, &debugged->waiters[i]);
        until_queued(&wg, (uint32_t)i + 1);
    }
    if (write(debugged->to_debugger[1], waiter_ids, sizeof waiter_ids) == -1 ||
        read(debugged->from_debugger[0], &byte, 1) != 1)
        _exit(2);
    wg_done(&wg);
    for (size_t i = STOPPED; i < ALL; i++)
        pthread_join(threads[i], NULL);
    _exit(0);
}

static bool halt(pid_t thread)
{
    int status;
    return ptrace(PTRACE_SEIZE, thread, NULL, NULL) == 0 &&
           ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) == 0 &&
           waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status);
}

static void test_waiters_are_stopped(void **state)
{
    (void)state;
    static struct debugged debugged;
    pid_t ids[ALL], ended;
    int status;
    assert_int_equal(pipe(debugged.to_debugger), 0);
    assert_int_equal(pipe(debugged.from_debugger), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0)
        be_debugged(&debugged);
    assert_int_equal(read(debugged.to_debugger[0], ids, sizeof ids), sizeof ids);
    for (size_t i = 0; i < STOPPED; i++)
        assert_true(halt(ids[i]));
    assert_int_equal(write(debugged.from_debugger[1], "", 1), 1);
    /* The threads that are stopped end with the process, and are to be waited for, too. */
    do {
        ended = waitpid(-1, &status, __WALL);
        assert_int_not_equal(ended, -1);
    } while (ended != child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool may_debug(void)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        for (;;)
            pause();
    }
    bool stopped = child != -1 && halt(child);
    kill(child, SIGKILL);
    waitpid(child, &status, __WALL);
    return stopped;
}

#else

static void test_waiters_are_stopped(void **state)
{
    (void)state;
}

static bool may_debug(void)
{
    return false;
}

#endif

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waiters_are_stopped),
        NEEDS_SIGNALS(test_waiters_in_handlers),
        NEEDS_SIGNALS(test_every_other_one_in_a_handler),
        NEEDS_SIGNALS(test_groups_in_one_bucket),
        NEEDS_SIGNALS(test_earlier_rounds_on_their_way),
        cmocka_unit_test(test_gives_up_when_taken),
        cmocka_unit_test(test_gives_up_when_cut),
        cmocka_unit_test(test_those_who_are_woken_help),
        cmocka_unit_test(test_helper_is_stopped),
        cmocka_unit_test(test_waiter_that_ends_the_round_is_stopped),
        cmocka_unit_test(test_leaver_that_ends_the_round_is_stopped),
    };
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = stay;
    if (pipe(handler_pipe) != 0 || sigaction(SIGUSR1, &action, NULL) != 0)
        return 99;
    /* cppcheck-suppress knownConditionTrueFalse ; it takes a system that has no ptrace() */
    if (!THREADS_IN_CHILD || !may_debug())
        tests[0] =
            (struct CMUnitTest){"test_waiters_are_stopped # SKIP no debugger allowed",
                                be_skipped, NULL, NULL, NULL};
    prepare_load();
    spin_no_more();
    return RUN_TESTS(tests);
}
