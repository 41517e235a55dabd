/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * calls.c - sequences of calls, each compared with a model of the library
 *
 * For libFuzzer (scripts/fuzz), and for test_calls, which replays the corpus.
 *
 * A string of bytes is read as a sequence of calls on a few groups, all made by one thread.
 * Other threads only wait, or run an empty task; the next call is made when they are
 * parked, or have ended.  So each call has one right outcome, and the model knows it: the
 * value returned, the misuse reported, who is released, and what every byte of the groups
 * is afterwards.
 */
#include "../unit/common.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The bytes that are left; after the last one, zeros.
 */
struct input {
    const uint8_t *next;
    size_t left;
};

static uint8_t byte(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->next++;
}

static int32_t number(struct input *input)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | byte(input);
    return (int32_t)value;
}

/*
 * The groups: side by side, at 0 and at 4 mod 8 in turn, with something before and behind.
 */
#define GROUPS 4
#define GUARD UINT64_C(0xA5A5A5A5A5A5A5A5)

static struct {
    uint64_t before;
    wg_t groups[GROUPS];
    uint64_t behind;
} memory;

/*
 * The model.
 */
static struct {
    int64_t counter;
    uint32_t parked;
    bool closed, destroyed;
} model[GROUPS];

static wg_misuse_fn model_handler;

/* What the call is to report; empty if it is no misuse. */
static char report[sizeof misuse_line];

static int misuse(unsigned g, const char *call, const char *reason, int error)
{
    snprintf(report, sizeof report, "waitgroup: %s(%p): %s", call,
             (void *)&memory.groups[g], reason);
    return error;
}

static int model_add(unsigned g, int delta, const char *call)
{
    int64_t counter = model[g].counter + delta;
    char reason[64];
    if (model[g].destroyed)
        return misuse(g, call, "used after wg_destroy", EINVAL);
    if (counter < 0) {
        snprintf(reason, sizeof reason, "negative counter (%lld): more done than added",
                 (long long)counter);
        return misuse(g, call, reason, EINVAL);
    }
    if (counter > INT32_MAX) {
        snprintf(reason, sizeof reason, "counter overflow (%lld): not initialized?",
                 (long long)counter);
        return misuse(g, call, reason, EOVERFLOW);
    }
    model[g].counter = counter;
    if (counter == 0)
        model[g].parked = 0;
    return 0;
}

static int model_tryadd(unsigned g, int delta, const char *call)
{
    if (delta < 1)
        return EINVAL;
    return model[g].closed && !model[g].destroyed ? ECANCELED : model_add(g, delta, call);
}

static int model_done_last(unsigned g)
{
    int error = model_add(g, -1, "wg_done_last");
    if (error != 0 || model[g].counter != 0)
        return error;
    return model[g].closed ? WG_DRAINED : WG_LAST;
}

static int model_close(unsigned g)
{
    if (model[g].destroyed)
        return misuse(g, "wg_close", "used after wg_destroy", EINVAL);
    if (model[g].closed)
        return 0;
    model[g].closed = true;
    return model[g].counter == 0 ? WG_DRAINED : 0;
}

/* A wait that would return busy if it had to block. */
static int model_wait(unsigned g, int busy, const char *call)
{
    if (model[g].destroyed)
        return misuse(g, call, "used after wg_destroy", EINVAL);
    return model[g].counter != 0 ? busy : 0;
}

static int model_count(unsigned g)
{
    if (model[g].destroyed)
        return misuse(g, "wg_count", "used after wg_destroy", 0);
    return (int)model[g].counter;
}

static int model_destroy(unsigned g)
{
    if (model[g].destroyed)
        return misuse(g, "wg_destroy", "used after wg_destroy", EINVAL);
    if (model[g].counter != 0)
        return EBUSY;
    model[g].destroyed = true;
    return 0;
}

static uint64_t model_word(unsigned g)
{
    return model[g].destroyed
               ? WG_DESTROYED
               : ((uint64_t)model[g].counter << 32) + model[g].parked * WG_ONE_WAITER +
                     model[g].closed * WG_CLOSED;
}

/*
 * Agreement.
 */

/* All calls so far, in C. */
static char history[1 << 21];
static size_t history_length;

__attribute__((format(PRINTF, 1, 2))) static void note_call(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (history_length < sizeof history) {
        int length = vsnprintf(history + history_length, sizeof history - history_length,
                               format, arguments);
        history_length += (size_t)length;
    }
    va_end(arguments);
}

static void require(bool condition, const char *what, int line)
{
    if (condition)
        return;
    fprintf(stderr, "%scalls.c:%d: not so: %s\n", history, line, what);
    for (unsigned g = 0; g < GROUPS; g++)
        fprintf(stderr, "wg[%u]: word %016llx, expected %016llx\n", g,
                (unsigned long long)wg_word_load(wg_word_of(&memory.groups[g])),
                (unsigned long long)model_word(g));
    if (report[0] != '\0' || misuses != 0)
        fprintf(stderr, "reported %d times: %s\nexpected: %s\n", misuses, misuse_line,
                report);
    abort();
}
#define REQUIRE(condition) require(condition, #condition, __LINE__)

/* Handlers that return; both leave something in errno, which is nothing to the caller. */
static wg_misuse_fn handler_called;

static void first_handler(const wg_t *wg, const char *what)
{
    handler_called = first_handler;
    note_misuse(wg, what);
    errno = ENOENT;
}

static void second_handler(const wg_t *wg, const char *what)
{
    handler_called = second_handler;
    note_misuse(wg, what);
    errno = ENOENT;
}

/*
 * Waiters.
 */
#define WAITERS 20

static struct waiter {
    pthread_t thread;
    bool used;
    unsigned group;
    uint8_t way;
    bool returned;
    int result, error_number;
} waiters[WAITERS];

static void *wait_in_a_way(void *argument)
{
    struct waiter *waiter = (struct waiter *)argument;
    wg_t *wg = &memory.groups[waiter->group];
    const struct timespec hour = {3600, 0};
    struct timespec deadline;
    clockid_t clock = waiter->way == 3 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    clock_gettime(clock, &deadline);
    deadline.tv_sec += hour.tv_sec;

    errno = E2BIG;
    if (waiter->way == 0)
        waiter->result = wg_wait(wg);
    else if (waiter->way == 1)
        waiter->result = wg_timedwait(wg, &deadline);
    else if (waiter->way == 4)
        waiter->result = wg_reltimedwait(wg, &hour);
    else
        waiter->result = wg_clockwait(wg, clock, &deadline);
    waiter->error_number = errno;
    __atomic_store_n(&waiter->returned, true, __ATOMIC_RELAXED);
    return NULL;
}

/* Those that the model has released return 0, and nobody else returns. */
static void join_released(void)
{
    for (size_t i = 0; i < WAITERS; i++) {
        struct waiter *waiter = &waiters[i];
        if (waiter->used && model[waiter->group].parked == 0) {
            REQUIRE(pthread_join(waiter->thread, NULL) == 0);
            REQUIRE(waiter->returned);
            REQUIRE(waiter->result == 0);
            REQUIRE(waiter->error_number == E2BIG);
            waiter->used = false;
        }
    }
    for (size_t i = 0; i < WAITERS; i++)
        REQUIRE(!waiters[i].used ||
                !__atomic_load_n(&waiters[i].returned, __ATOMIC_RELAXED));
}

/* Every byte of the groups is what the model says. */
static void compare_groups(void)
{
    for (unsigned g = 0; g < GROUPS; g++) {
        wg_t *wg = &memory.groups[g];
        REQUIRE(wg_word_load(wg_word_of(wg)) == model_word(g));
        REQUIRE(*wg_sema_of(wg) == 0);
        if (!model[g].destroyed) {
            REQUIRE(counter_of(wg) == model[g].counter);
            REQUIRE(waiters_of(wg) == model[g].parked);
            REQUIRE(wg_count(wg) == model[g].counter);
        }
    }
    REQUIRE(memory.before == GUARD && memory.behind == GUARD);
}

/* Before and after a call.  The default handler ends the process, so it does not stay where
 * there is something to report. */
static void begin(void)
{
    if (report[0] != '\0' && model_handler == NULL) {
        REQUIRE(wg_set_misuse_handler(first_handler) == NULL);
        model_handler = first_handler;
    }
    misuses = 0;
    errno = E2BIG;
}

static void end(unsigned g)
{
    REQUIRE(errno == E2BIG);
    if (report[0] == '\0') {
        REQUIRE(misuses == 0);
    } else {
        REQUIRE(misuses == 1);
        REQUIRE(strcmp(misuse_line, report) == 0);
        REQUIRE(misused == &memory.groups[g]);
        REQUIRE(handler_called == model_handler);
        report[0] = '\0';
    }
    join_released();
    compare_groups();
}

/* A call on the group g that is to return expected, which is evaluated first. */
#define CALL(g, expected, call, ...)                                                       \
    do {                                                                                   \
        const int expected_ = (expected);                                                  \
        note_call(__VA_ARGS__);                                                            \
        begin();                                                                           \
        const int returned_ = (call);                                                      \
        const int errno_ = errno;                                                          \
        note_call(" /* %d */\n", returned_);                                               \
        REQUIRE(returned_ == expected_);                                                   \
        errno = errno_;                                                                    \
        end(g);                                                                            \
    } while (0)

/*
 * The calls.  Each reads its arguments from the input.
 */

/* Of memory that holds anything; but not of a group that threads are using. */
static void call_init(struct input *input, unsigned g)
{
    if (model[g].parked != 0)
        return;
    memset(&memory.groups[g], byte(input), sizeof(wg_t));
    model[g].counter = 0;
    model[g].closed = model[g].destroyed = false;
    CALL(g, 0, wg_init(&memory.groups[g]), "wg_init(&wg[%u]);", g);
}

static void call_init_nowhere(struct input *input, unsigned g)
{
    uintptr_t offset = byte(input) % 4;
    wg_t *wg = offset == 0 ? NULL : (wg_t *)((uintptr_t)&memory.groups[g] + offset);
    CALL(g, EINVAL, wg_init(wg), "wg_init(%p);", (void *)wg);
}

static void add(unsigned g, int delta)
{
    CALL(g, model_add(g, delta, "wg_add"), wg_add(&memory.groups[g], delta),
         "wg_add(&wg[%u], %d);", g, delta);
}

static void call_add(struct input *input, unsigned g)
{
    add(g, (int8_t)byte(input));
}

static void call_add_any(struct input *input, unsigned g)
{
    add(g, number(input));
}

/* Each power of two and its neighbours, of either sign; 0, INT_MIN and INT_MAX
 * among them. */
static void call_add_powers(struct input *input, unsigned g)
{
    (void)input;
    for (int i = 0; i < 32; i++) {
        for (int64_t delta = (INT64_C(1) << i) - 1; delta <= (INT64_C(1) << i) + 1;
             delta++) {
            if (delta <= INT32_MAX)
                add(g, (int)delta);
            if (-delta >= INT32_MIN)
                add(g, (int)-delta);
        }
    }
}

/* Up to about INT32_MAX, and down to about 0. */
static int up(struct input *input, unsigned g)
{
    int64_t delta = INT32_MAX - model[g].counter + (int8_t)byte(input);
    return delta > INT32_MAX ? INT32_MAX : (int)delta;
}

static void call_add_up(struct input *input, unsigned g)
{
    add(g, up(input, g));
}

static void call_add_down(struct input *input, unsigned g)
{
    int64_t delta = -model[g].counter + (int8_t)byte(input);
    add(g, delta < INT32_MIN ? INT32_MIN : (int)delta);
}

static void call_done(struct input *input, unsigned g)
{
    (void)input;
    CALL(g, model_add(g, -1, "wg_done"), wg_done(&memory.groups[g]), "wg_done(&wg[%u]);",
         g);
}

static void tryadd(unsigned g, int delta)
{
    CALL(g, model_tryadd(g, delta, "wg_tryadd"), wg_tryadd(&memory.groups[g], delta),
         "wg_tryadd(&wg[%u], %d);", g, delta);
}

static void call_tryadd(struct input *input, unsigned g)
{
    tryadd(g, (int8_t)byte(input));
}

static void call_tryadd_any(struct input *input, unsigned g)
{
    tryadd(g, number(input));
}

static void call_tryadd_up(struct input *input, unsigned g)
{
    tryadd(g, up(input, g));
}

static void call_done_last(struct input *input, unsigned g)
{
    (void)input;
    CALL(g, model_done_last(g), wg_done_last(&memory.groups[g]), "wg_done_last(&wg[%u]);",
         g);
}

static void call_close(struct input *input, unsigned g)
{
    (void)input;
    CALL(g, model_close(g), wg_close(&memory.groups[g]), "wg_close(&wg[%u]);", g);
}

static int leave_scope(wg_t *wg)
{
    wg_defer_done(wg);
    return 0;
}

static void call_defer_done(struct input *input, unsigned g)
{
    (void)input;
    (void)model_add(g, -1, "wg_done");
    CALL(g, 0, leave_scope(&memory.groups[g]), "{ wg_defer_done(&wg[%u]); }", g);
}

static void call_wait(struct input *input, unsigned g)
{
    (void)input;
    if (model[g].counter == 0)
        CALL(g, model_wait(g, 0, "wg_wait"), wg_wait(&memory.groups[g]),
             "wg_wait(&wg[%u]);", g);
}

static void call_trywait(struct input *input, unsigned g)
{
    (void)input;
    CALL(g, model_wait(g, EBUSY, "wg_trywait"), wg_trywait(&memory.groups[g]),
         "wg_trywait(&wg[%u]);", g);
}

/* Deadlines that are invalid or, wherever they may be looked at, have passed. */
#define DEADLINES 5

static void read_deadlines(struct input *input, unsigned g, struct timespec *deadlines)
{
    const long nanoseconds[DEADLINES] = {-1, 0, 999999999, 1000000000, number(input)};
    int32_t seconds = number(input);
    for (size_t i = 0; i < DEADLINES; i++)
        deadlines[i] = (struct timespec){
            .tv_sec = model[g].counter != 0 && seconds > 0 ? -seconds : seconds,
            .tv_nsec = nanoseconds[i]};
}

static int error_of(const struct timespec *deadline)
{
    bool valid = deadline->tv_nsec >= 0 && deadline->tv_nsec <= 999999999;
    return valid ? ETIMEDOUT : EINVAL;
}

static void call_timedwait(struct input *input, unsigned g)
{
    struct timespec times[DEADLINES];
    read_deadlines(input, g, times);
    for (size_t i = 0; i < DEADLINES; i++)
        CALL(g, model_wait(g, error_of(&times[i]), "wg_timedwait"),
             wg_timedwait(&memory.groups[g], &times[i]),
             "wg_timedwait(&wg[%u], &(struct timespec){%lld, %ld});", g,
             (long long)times[i].tv_sec, times[i].tv_nsec);
}

static void call_clockwait(struct input *input, unsigned g)
{
    const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, (clockid_t)number(input)};
    clockid_t clock = clocks[byte(input) % COUNT(clocks)];
    bool valid = clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
    struct timespec times[DEADLINES];
    read_deadlines(input, g, times);
    for (size_t i = 0; i < DEADLINES; i++)
        CALL(g, valid ? model_wait(g, error_of(&times[i]), "wg_clockwait") : EINVAL,
             wg_clockwait(&memory.groups[g], clock, &times[i]),
             "wg_clockwait(&wg[%u], %d, &(struct timespec){%lld, %ld});", g, (int)clock,
             (long long)times[i].tv_sec, times[i].tv_nsec);
}

static void call_reltimedwait(struct input *input, unsigned g)
{
    struct timespec times[DEADLINES];
    read_deadlines(input, g, times);
    for (size_t i = 0; i < DEADLINES; i++) {
        /* As a duration, a part of a second is still to come. */
        if (model[g].counter != 0 && times[i].tv_sec == 0 && times[i].tv_nsec > 0)
            times[i].tv_sec = -1;
        CALL(g, model_wait(g, error_of(&times[i]), "wg_reltimedwait"),
             wg_reltimedwait(&memory.groups[g], &times[i]),
             "wg_reltimedwait(&wg[%u], &(struct timespec){%lld, %ld});", g,
             (long long)times[i].tv_sec, times[i].tv_nsec);
    }
}

static void call_count(struct input *input, unsigned g)
{
    (void)input;
    CALL(g, model_count(g), wg_count(&memory.groups[g]), "wg_count(&wg[%u]);", g);
}

static void call_destroy(struct input *input, unsigned g)
{
    (void)input;
    CALL(g, model_destroy(g), wg_destroy(&memory.groups[g]), "wg_destroy(&wg[%u]);", g);
}

/* A task counts until it has ended, which it does when it gets the lock. */
static pthread_mutex_t hold_tasks = PTHREAD_MUTEX_INITIALIZER;
static int tasks_run;

static void task(void *argument)
{
    pthread_mutex_lock(&hold_tasks);
    ++*(int *)argument;
    pthread_mutex_unlock(&hold_tasks);
}

static void call_go(struct input *input, unsigned g)
{
    (void)input;
    wg_t *wg = &memory.groups[g];
    int error = model_tryadd(g, 1, "wg_go"), before = tasks_run;
    pthread_mutex_lock(&hold_tasks);
    CALL(g, error, wg_go(wg, task, &tasks_run), "wg_go(&wg[%u], task, &tasks_run);", g);
    pthread_mutex_unlock(&hold_tasks);
    if (error == 0) {
        (void)model_add(g, -1, "wg_done");
        while (wg_word_load(wg_word_of(wg)) != model_word(g))
            sched_yield();
        REQUIRE(tasks_run == before + 1);
    }
}

static void call_set_misuse_handler(struct input *input, unsigned g)
{
    static const wg_misuse_fn handlers[] = {NULL, first_handler, second_handler};
    static const char *const names[] = {"NULL", "first_handler", "second_handler"};
    size_t choice = byte(input) % COUNT(handlers);
    wg_misuse_fn before = model_handler;
    model_handler = handlers[choice];
    CALL(g, 1, wg_set_misuse_handler(model_handler) == before, "wg_set_misuse_handler(%s);",
         names[choice]);
}

static void call_version(struct input *input, unsigned g)
{
    (void)input;
    CALL(g, 0, strcmp(wg_version(), WG_VERSION_STRING), "wg_version();");
}

/* Some threads, one after the other, wait in any of the ways. */
static void park(struct input *input, unsigned g)
{
    uint8_t choice = byte(input);
    if (model[g].destroyed || model[g].counter == 0)
        return;
    uint8_t way = choice % 5;
    unsigned wanted = choice / 5 % 16;
    for (size_t i = 0; i < WAITERS && wanted > 0; i++) {
        if (!waiters[i].used) {
            note_call("park(&wg[%u]); /* waiter %zu, way %d */\n", g, i, way);
            waiters[i] = (struct waiter){.used = true, .group = g, .way = way};
            waiters[i].thread = start(wait_in_a_way, &waiters[i]);
            until_parked(&memory.groups[g], ++model[g].parked);
            wanted--;
        }
    }
    compare_groups();
}

/* One of all the parked threads. */
static void cancel(struct input *input, unsigned g)
{
    (void)g;
    struct waiter *waiter = &waiters[byte(input) % WAITERS];
    void *result;
    if (!waiter->used)
        return;
    note_call("pthread_cancel(waiter %td);\n", waiter - waiters);
    REQUIRE(pthread_cancel(waiter->thread) == 0);
    REQUIRE(pthread_join(waiter->thread, &result) == 0);
    REQUIRE(result == PTHREAD_CANCELED);
    waiter->used = false;
    model[waiter->group].parked--;
    join_released();
    compare_groups();
}

/* In a child of fork(), where nobody is parked whatever the word says.  How long a child
 * takes is a matter of the sanitizer: one for each input. */
static bool forked;

static void check_child(void)
{
    for (unsigned g = 0; g < GROUPS; g++) {
        wg_t *wg = &memory.groups[g];
        const struct timespec past = {0, 0};
        if (model[g].destroyed)
            continue;
        REQUIRE(wg_count(wg) == model[g].counter);
        REQUIRE(wg_clockwait(wg, CLOCK_MONOTONIC, &past) ==
                (model[g].counter == 0 ? 0 : ETIMEDOUT));
        REQUIRE(wg_add(wg, -(int)model[g].counter) == 0);
        REQUIRE(waiters_of(wg) == model[g].parked);
        REQUIRE((g % 2 == 0 ? wg_trywait(wg) : wg_destroy(wg)) == 0);
        REQUIRE(wg_word_load(wg_word_of(wg)) ==
                (g % 2 == 0 ? model[g].closed * WG_CLOSED : WG_DESTROYED));
    }
}

static void call_fork(struct input *input, unsigned g)
{
    (void)input;
    (void)g;
    if (forked)
        return;
    forked = true;
    note_call("fork();\n");
    pid_t child = fork();
    REQUIRE(child != -1);
    if (child == 0) {
        /* libFuzzer has handlers of its own. */
        signal(SIGABRT, SIG_DFL);
        signal(SIGALRM, SIG_DFL);
        alarm(60);
        check_child();
        _exit(0);
    }
    int status = -1;
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        continue;
    REQUIRE(status == 0);
    compare_groups();
}

static void (*const calls[])(struct input *, unsigned) = {
    call_init,
    call_init_nowhere,
    call_add,
    call_add_any,
    call_add_powers,
    call_add_up,
    call_add_down,
    call_done,
    call_tryadd,
    call_tryadd_any,
    call_tryadd_up,
    call_done_last,
    call_close,
    call_defer_done,
    call_wait,
    call_trywait,
    call_timedwait,
    call_clockwait,
    call_reltimedwait,
    call_count,
    call_destroy,
    call_go,
    call_set_misuse_handler,
    call_version,
    park,
    cancel,
    call_fork,
};

/* What makes a sequence worth keeping in the corpus, beyond what reaches new code: each
 * call in each state of a group, and what becomes of that.  libFuzzer looks at this as at
 * its own counters. */
#define STATES 11

#define EXTRA_COUNTERS __attribute__((section("__libfuzzer_extra_counters")))
static EXTRA_COUNTERS uint8_t seen[COUNT(calls)][STATES][STATES];

static unsigned state_of(unsigned g)
{
    if (model[g].destroyed)
        return 0;
    unsigned first = model[g].closed ? 6 : 1;
    if (model[g].counter == 0)
        return first;
    if (model[g].parked > 0)
        return first + (model[g].counter == 1 ? 1 : 2);
    return first + (model[g].counter == INT32_MAX ? 3 : 4);
}

/* All groups at 0, and the handler that is the first of any process. */
static void reset(void)
{
    memset(&memory, 0, sizeof memory);
    memory.before = memory.behind = GUARD;
    memset(model, 0, sizeof model);
    history_length = 0;
    history[0] = '\0';
    forked = false;
    wg_set_misuse_handler(model_handler = NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    reset();
    while (input.left > 0) {
        size_t choice = byte(&input), call = choice % COUNT(calls);
        unsigned g = (unsigned)(choice / COUNT(calls) % GROUPS);
        unsigned before = state_of(g);
        calls[call](&input, g);
        seen[call][before][state_of(g)] = 1;
    }
    /* Let go of those who still wait. */
    for (unsigned g = 0; g < GROUPS; g++)
        if (model[g].parked > 0)
            add(g, -(int)model[g].counter);
    return 0;
}
