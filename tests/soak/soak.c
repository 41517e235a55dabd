/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * soak - every call of the library at random, for as long as one likes
 *
 *   [SOAK_SECONDS=60] [SOAK_PATIENCE=120] [WG_SEED=number] tests/soak/soak
 *
 * Leaders make up one scene after the other.  In most of them a group is put somewhere,
 * tasks are handed to a pool, to wg_go() and to threads of their own, companions wait
 * along in all ways, are cancelled, interrupted and late, and the group is overwritten as
 * soon as the header allows it.  In some scenes all leaders use the same few groups; some
 * misuse one; some fork.  What the header promises is checked all the time.  The first
 * thing that is wrong ends the run, and so does a leader that has not moved for
 * SOAK_PATIENCE seconds: with the seed and what is known, by abort(), so that a debugger
 * finds all threads as they are.
 */
#include "../unit/load.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* May the child of a fork start threads?  The locks of a sanitizer may be
 * held by others. */
#ifndef THREADS_IN_CHILD
#    define THREADS_IN_CHILD (!WITH_TSAN && !WITH_ASAN)
#endif

enum {
    LEADERS = 6,
    POOL = 4,
    SHARED = 8, /* groups that all leaders use */
    OWN = 2,    /* groups of each leader that share buckets with others */
    MOST_ROUNDS = 4,
    MOST_TASKS = 12, /* in a round, with the tasks that tasks add */
    MOST_COMPANIONS = 24
};

/* How long a task takes, at most. */
#define WORK_NS 100000

/*
 * What has been done.  All of it is relaxed: it is looked at, and nothing follows from it.
 */

/* clang-format off */
#define COUNTS(X)                                                                          \
    X(init) X(add) X(tryadd) X(done) X(done_last) X(defer_done) X(close) X(go) X(wait)     \
    X(trywait) X(timedwait) X(clockwait) X(reltimedwait) X(count) X(destroy) X(scenes)     \
    X(rounds) X(released) X(timed_out) X(busy) X(refused) X(last) X(drained)               \
    X(overwritten) X(cancels) X(cancelled) X(signals) X(misuses) X(forks) X(threads)
/* clang-format on */
#define AS_FIELD(name) unsigned long name;
static struct {
    COUNTS(AS_FIELD)
} counts;
#define TALLY(name) (void)__atomic_fetch_add(&counts.name, 1, __ATOMIC_RELAXED)

static void print_counts(void)
{
    __atomic_store_n(&counts.signals, handled, __ATOMIC_RELAXED);
#define AS_TEXT(name)                                                                      \
    printf("# %-11s %lu\n", #name, __atomic_load_n(&counts.name, __ATOMIC_RELAXED));
    COUNTS(AS_TEXT)
}

struct leader;
static __attribute__((noreturn)) void broken(const struct leader *leader, const char *what,
                                             int line);
#define REQUIRE(leader, condition)                                                         \
    ((condition) ? (void)0 : broken(leader, #condition, __LINE__))

/*
 * Leaders, and what they share with those who work for them.
 */

struct companion {
    struct leader *leader;
    wg_t *wg;
    pthread_t thread;
    uint64_t random;
    unsigned round; /* waits for this one, and those before */
    bool may_leave; /* by its deadline, or cancelled */
    bool is_over;   /* atomic: its wait is */
};

struct leader {
    pthread_t thread;
    size_t number;
    uint64_t random;
    struct aim aim;

    unsigned long moves; /* atomic: grows while there is progress */
    const char *step;    /* atomic: where it is */
    wg_t *wg;            /* its group; atomic where others look for the message only */
    wg_t *own[OWN];

    union home *home;     /* of the group; null if others lie beside it */
    bool companions_drop; /* the last of them overwrites the group, else the leader */
    bool closed;          /* atomic: the group may be, or will be so soon */
    unsigned drained;     /* atomic: how often somebody was told so */
    bool last_drops;      /* who is told so overwrites the group */
    unsigned references;  /* atomic: who has yet to drop it */
    unsigned long serial;
    size_t handed, returned; /* tasks; the second is atomic */

    /* Plain, for that is what is tested: the wait groups alone order these accesses. */
    unsigned long work[MOST_ROUNDS][MOST_TASKS];
    size_t tasks[MOST_ROUNDS];

    struct companion companions[MOST_COMPANIONS];
    size_t number_of_companions;
    pthread_t threads[MOST_ROUNDS * MOST_TASKS];
    size_t number_of_threads;
};

static struct leader leaders[LEADERS];
static wg_t *shared[SHARED];
static bool is_over; /* atomic: the time is */

static void move_to(struct leader *self, const char *step)
{
    __atomic_store_n(&self->step, step, __ATOMIC_RELAXED);
    __atomic_fetch_add(&self->moves, 1, __ATOMIC_RELAXED);
}

static void print_state(const struct leader *leader)
{
    const wg_t *wg = __atomic_load_n(&leader->wg, __ATOMIC_RELAXED);
    const char *step = __atomic_load_n(&leader->step, __ATOMIC_RELAXED);
    printf("# leader %zu: %s", leader->number, step);
    if (wg != NULL)
        printf(", group %p: counter %d, waiters %" PRIu32, (const void *)wg, counter_of(wg),
               waiters_of(wg));
    printf("\n");
}

static void broken(const struct leader *leader, const char *what, int line)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    printf("\n# soak: WG_SEED=%" PRIu64 ": line %d: %s\n", seed, line, what);
    print_counts();
    fflush(stdout);
    if (leader != NULL)
        print_state(leader);
    fflush(stdout);
    abort();
}

/* Threads that have begun, cancelled or not, are joined by the one who began them. */
static pthread_t begin(void *(*run)(void *), void *argument)
{
    TALLY(threads);
    return start(run, argument);
}

/*
 * Calls, counted, that leave errno alone.
 */

#define CALL(leader, name, call)                                                           \
    (TALLY(name), errno = E2BIG, check_errno(leader, call, __LINE__))

static int check_errno(const struct leader *leader, int result, int line)
{
    if (errno != E2BIG)
        broken(leader, "errno is as before", line);
    return result;
}

/* A handler runs in the thread of the call that is reported. */
static __thread unsigned long reported;

static void report(const wg_t *wg, const char *what)
{
    (void)wg;
    (void)what;
    reported++;
    TALLY(misuses);
}

static void init(struct leader *leader, wg_t *wg)
{
    REQUIRE(leader, CALL(leader, init, wg_init(wg)) == 0);
}

static void add(struct leader *leader, wg_t *wg, int delta)
{
    REQUIRE(leader, CALL(leader, add, wg_add(wg, delta)) == 0);
}

static void done(struct leader *leader, wg_t *wg)
{
    REQUIRE(leader, CALL(leader, done, wg_done(wg)) == 0);
}

static bool is_closed(const struct leader *leader)
{
    return __atomic_load_n(&leader->closed, __ATOMIC_RELAXED);
}

/* By one who holds a count already, so it may be closed. */
static void add_one_more(struct leader *leader, wg_t *wg, uint64_t *random)
{
    if (draw(random, 2) == 0) {
        int error = CALL(leader, tryadd, wg_tryadd(wg, 1));
        if (error == 0)
            return;
        REQUIRE(leader, error == ECANCELED && is_closed(leader));
        TALLY(refused);
    }
    add(leader, wg, 1);
}

/* By one who holds a count. */
static void close_it(struct leader *leader, wg_t *wg)
{
    __atomic_store_n(&leader->closed, true, __ATOMIC_RELAXED);
    REQUIRE(leader, CALL(leader, close, wg_close(wg)) == 0);
}

/* By one who holds none, and who may be told that this was the end. */
static bool close_late(struct leader *leader, wg_t *wg)
{
    __atomic_store_n(&leader->closed, true, __ATOMIC_RELAXED);
    int result = CALL(leader, close, wg_close(wg));
    REQUIRE(leader, result == 0 || result == WG_DRAINED);
    if (result == 0)
        return false;
    TALLY(drained);
    REQUIRE(leader, __atomic_add_fetch(&leader->drained, 1, __ATOMIC_RELAXED) == 1);
    return true;
}

/* 0, EBUSY or ETIMEDOUT: of a wait of any kind. */
enum kind { UNTIMED, TRY, TIMED, CLOCK_REAL, CLOCK_MONO, RELATIVE };

/* end is a moment on CLOCK_MONOTONIC, and not looked at by the first two kinds. */
static int wait_by(struct leader *leader, wg_t *wg, enum kind kind, int64_t end)
{
    int error;
    clockid_t clock =
        kind == CLOCK_MONO || kind == RELATIVE ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    int64_t left = end - now_on(CLOCK_MONOTONIC);
    if (clock == CLOCK_REALTIME)
        end += now_on(CLOCK_REALTIME) - now_on(CLOCK_MONOTONIC);
    struct timespec deadline = moment(end), duration = moment(left > 0 ? left : 0);
    switch (kind) {
    case TRY:
        error = CALL(leader, trywait, wg_trywait(wg));
        break;
    case TIMED:
        error = CALL(leader, timedwait, wg_timedwait(wg, &deadline));
        break;
    case CLOCK_REAL:
    case CLOCK_MONO:
        error = CALL(leader, clockwait, wg_clockwait(wg, clock, &deadline));
        break;
    case RELATIVE:
        error = CALL(leader, reltimedwait, wg_reltimedwait(wg, &duration));
        break;
    case UNTIMED:
    default:
        error = CALL(leader, wait, wg_wait(wg));
        break;
    }
    if (error == 0) {
        TALLY(released);
    } else if (error == EBUSY) {
        TALLY(busy);
        REQUIRE(leader, kind == TRY);
    } else {
        TALLY(timed_out);
        REQUIRE(leader, error == ETIMEDOUT && kind > TRY);
        REQUIRE(leader, now_on(clock) >= end);
    }
    return error;
}

/* A wait has returned 0: the work of these rounds is there. */
static void see_work(struct leader *leader, unsigned last_round)
{
    for (unsigned round = 0; round <= last_round; round++)
        for (size_t i = 0; i < leader->tasks[round]; i++)
            REQUIRE(leader, leader->work[round][i] == leader->serial);
}

static void drop_group(struct leader *leader)
{
    if (__atomic_sub_fetch(&leader->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    __atomic_store_n(&leader->wg, NULL, __ATOMIC_RELAXED);
    overwrite_home(leader->home);
    TALLY(overwritten);
}

/*
 * Tasks, and the pool that runs them.  Its threads come and go.
 */

struct task {
    struct task *next; /* pool lock */
    struct leader *leader;
    wg_t *wg;
    unsigned long *work, serial;
    uint64_t random;
    int weight;  /* it counts as so many */
    size_t adds; /* and adds so many: the work of the first of them is the one behind */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct task *first, **end; /* lock */
    size_t threads;            /* lock */
    bool is_over;              /* lock */
} pool = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &pool.first, 0, false};

static void hand_over(struct task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&pool.lock);
    *pool.end = task;
    pool.end = &task->next;
    pthread_cond_signal(&pool.changed);
    pthread_mutex_unlock(&pool.lock);
}

static struct task *next_task(void)
{
    pthread_mutex_lock(&pool.lock);
    while (pool.first == NULL && !pool.is_over)
        pthread_cond_wait(&pool.changed, &pool.lock);
    struct task *task = pool.first;
    if (task != NULL) {
        pool.first = task->next;
        if (pool.first == NULL)
            pool.end = &pool.first;
    }
    pthread_mutex_unlock(&pool.lock);
    return task;
}

static struct task *new_task(const struct task *like)
{
    struct task *task = malloc(sizeof *task);
    REQUIRE(like->leader, task != NULL);
    *task = *like;
    return task;
}

static void work_on(struct task *task)
{
    struct leader *leader = task->leader;
    take_time(&task->random, WORK_NS);
    if (task->adds > 0) {
        struct task more = *task;
        more.work = task->work + 1;
        more.weight = 1;
        more.adds = task->adds - 1;
        more.random = draw(&task->random, UINT32_MAX) | 1;
        add_one_more(leader, task->wg, &task->random);
        hand_over(new_task(&more));
    }
    REQUIRE(leader, CALL(leader, count, wg_count(task->wg)) > 0);
    if (draw(&task->random, 16) == 0)
        REQUIRE(leader, word_and_queue_agree(task->wg));
    *task->work = task->serial;
}

static void finish_by_scope(struct task *task)
{
    TALLY(defer_done);
    wg_defer_done(task->wg);
    work_on(task);
}

/* A task ends, and may be told that it was the last.  Whoever is told that the group is
 * closed and empty owns it, if nobody waits. */
static void done_last(struct task *task)
{
    struct leader *leader = task->leader;
    int result = CALL(leader, done_last, wg_done_last(task->wg));
    if (result == WG_LAST) {
        TALLY(last);
    } else if (result == WG_DRAINED) {
        TALLY(drained);
        REQUIRE(leader, is_closed(leader));
        REQUIRE(leader, __atomic_add_fetch(&leader->drained, 1, __ATOMIC_RELAXED) == 1);
        if (leader->last_drops) {
            see_work(leader, 0);
            drop_group(leader);
        }
    } else {
        REQUIRE(leader, result == 0);
    }
}

/* After its last done there may be no group any more; the leader is always there. */
static void run_task(struct task *task)
{
    struct leader *leader = task->leader;
    if (leader->last_drops) {
        work_on(task);
        for (int i = task->weight; i > 0; i--)
            done_last(task);
    } else if (task->weight == 1 && draw(&task->random, 4) == 0) {
        finish_by_scope(task);
    } else {
        work_on(task);
        while (task->weight > 1 && draw(&task->random, 2) == 0) {
            done(leader, task->wg);
            task->weight--;
        }
        if (task->weight == 1 && draw(&task->random, 2) == 0)
            done_last(task);
        else if (task->weight == 1)
            done(leader, task->wg);
        else
            add(leader, task->wg, -task->weight);
    }
    free(task);
    __atomic_fetch_add(&leader->returned, 1, __ATOMIC_RELEASE);
}

static void *run_in_thread(void *task)
{
    run_task(task);
    return NULL;
}

static void run_by_go(void *task)
{
    work_on(task);
    free(task);
}

static void add_to_pool(void);

static void *run_in_pool(void *argument)
{
    (void)argument;
    uint64_t random = sow(__atomic_load_n(&counts.threads, __ATOMIC_RELAXED));
    struct task *task = NULL;
    for (uint64_t left = 1 + draw(&random, 100); left > 0; left--) {
        task = next_task();
        if (task == NULL)
            break;
        run_task(task);
    }
    if (task != NULL)
        add_to_pool();
    pthread_mutex_lock(&pool.lock);
    pool.threads--;
    pthread_cond_broadcast(&pool.changed);
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

static void add_to_pool(void)
{
    pthread_mutex_lock(&pool.lock);
    pool.threads++;
    pthread_mutex_unlock(&pool.lock);
    pthread_detach(begin(run_in_pool, NULL));
}

static void end_pool(void)
{
    pthread_mutex_lock(&pool.lock);
    pool.is_over = true;
    pthread_cond_broadcast(&pool.changed);
    while (pool.threads != 0)
        pthread_cond_wait(&pool.changed, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

/* One task and those that it adds, the work of which begins at place. */
static void start_task(struct leader *self, unsigned round, size_t place, size_t adds)
{
    struct task *task = new_task(&(struct task){
        .leader = self,
        .wg = self->wg,
        .work = &self->work[round][place],
        .serial = self->serial,
        .random = draw(&self->random, UINT32_MAX) | 1,
        .weight = 1,
        .adds = adds,
    });
    self->handed += adds;
    if (draw(&self->random, 4) == 0 && !self->last_drops) {
        int error = CALL(self, go, wg_go(self->wg, run_by_go, task));
        if (error == 0)
            return;
        REQUIRE(self, error == (is_closed(self) ? ECANCELED : EAGAIN));
    }
    self->handed++;
    task->weight = 1 + (int)draw(&self->random, 3);
    if (is_closed(self) || draw(&self->random, 2) == 0)
        add(self, self->wg, task->weight);
    else
        REQUIRE(self, CALL(self, tryadd, wg_tryadd(self->wg, task->weight)) == 0);
    if (draw(&self->random, 8) == 0)
        self->threads[self->number_of_threads++] = begin(run_in_thread, task);
    else
        hand_over(task);
}

static void start_tasks(struct leader *self, unsigned round)
{
    size_t tasks = (size_t)draw(&self->random, MOST_TASKS + 1);
    self->tasks[round] = tasks;
    for (size_t place = 0; place < tasks;) {
        size_t adds = (size_t)draw(&self->random, tasks - place < 4 ? tasks - place : 4);
        start_task(self, round, place, adds);
        place += 1 + adds;
    }
}

/*
 * Companions.
 */

static void leave_cancelled(void *argument)
{
    struct companion *self = argument;
    TALLY(cancelled);
    __atomic_store_n(&self->is_over, true, __ATOMIC_RELAXED);
    if (self->leader->companions_drop)
        drop_group(self->leader);
}

/* Cancelled in a wait, or not at all. */
static int wait_cancellably(struct companion *self, enum kind kind, int64_t end)
{
    int error, cancel_state;
    pthread_cleanup_push(leave_cancelled, self);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel_state);
    error = wait_by(self->leader, self->wg, kind, end);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    pthread_cleanup_pop(0);
    return error;
}

static void *wait_along(void *argument)
{
    struct companion *self = argument;
    struct leader *leader = self->leader;
    int error, cancel_state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    bool timed = self->may_leave && draw(&self->random, 2) == 0;
    if (timed) {
        enum kind kind = (enum kind)(TIMED + draw(&self->random, 4));
        error = wait_cancellably(
            self, kind, now_on(CLOCK_MONOTONIC) + aim_at(&leader->aim, &self->random));
        aim_learn(&leader->aim, error == ETIMEDOUT);
    } else {
        error = wait_cancellably(self, UNTIMED, 0);
    }
    if (error == 0)
        see_work(leader, self->round);
    __atomic_store_n(&self->is_over, true, __ATOMIC_RELAXED);
    if (leader->companions_drop)
        drop_group(leader);
    return NULL;
}

static void start_companions(struct leader *self, unsigned round, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        struct companion *companion = &self->companions[self->number_of_companions++];
        *companion = (struct companion){
            .leader = self,
            .wg = self->wg,
            .random = draw(&self->random, UINT32_MAX) | 1,
            .round = round,
            .may_leave = draw(&self->random, 2) == 0,
        };
        if (self->companions_drop)
            __atomic_fetch_add(&self->references, 1, __ATOMIC_RELAXED);
        companion->thread = begin(wait_along, companion);
    }
}

/* Those from first on are parked, or have been: neither touches the group once another wait
 * has returned 0.  Who is over is counted first: then nobody counts twice. */
static void until_settled(struct leader *self, size_t first)
{
    for (;;) {
        size_t settled = 0;
        for (size_t i = first; i < self->number_of_companions; i++)
            settled += __atomic_load_n(&self->companions[i].is_over, __ATOMIC_RELAXED);
        if (settled + waiters_of(self->wg) == self->number_of_companions - first)
            return;
        rest();
    }
}

static void disturb_companions(struct leader *self)
{
    if (draw(&self->random, 4) == 0)
        for (size_t i = 0; i < self->number_of_companions; i++)
            if (draw(&self->random, 2) == 0)
                pthread_kill(self->companions[i].thread,
                             draw(&self->random, 2) == 0 ? SIGUSR1 : SIGUSR2);
    if (draw(&self->random, 4) == 0)
        for (size_t i = 0; i < self->number_of_companions; i++)
            if (self->companions[i].may_leave && draw(&self->random, 4) != 0) {
                TALLY(cancels);
                pthread_cancel(self->companions[i].thread);
            }
}

static void join_all(struct leader *self)
{
    move_to(self, "joins its companions");
    for (size_t i = 0; i < self->number_of_companions; i++)
        REQUIRE(self, pthread_join(self->companions[i].thread, NULL) == 0);
    move_to(self, "joins the threads of its tasks");
    for (size_t i = 0; i < self->number_of_threads; i++)
        REQUIRE(self, pthread_join(self->threads[i], NULL) == 0);
    self->number_of_companions = self->number_of_threads = 0;
    move_to(self, "awaits the return of its tasks");
    while (__atomic_load_n(&self->returned, __ATOMIC_ACQUIRE) != self->handed)
        rest();
}

/*
 * Scenes.
 */

static void enter(struct leader *self, const char *scene, wg_t *wg, union home *home)
{
    self->home = home;
    self->companions_drop = self->closed = self->last_drops = false;
    self->references = 1;
    self->drained = 0;
    self->serial++;
    self->handed = self->returned = 0;
    self->number_of_companions = self->number_of_threads = 0;
    __atomic_store_n(&self->wg, wg, __ATOMIC_RELAXED);
    TALLY(scenes);
    move_to(self, scene);
}

/* Nothing is left of anything; and it is as good as new. */
static void renew(struct leader *self, wg_t *wg)
{
    REQUIRE(self, wg_word_load(wg_word_of(wg)) == (is_closed(self) ? WG_CLOSED : 0));
    REQUIRE(self, *wg_sema_of(wg) == 0);
    REQUIRE(self, !is_queued(wg));
    REQUIRE(self, CALL(self, destroy, wg_destroy(wg)) == 0);
    __atomic_store_n(&self->closed, false, __ATOMIC_RELAXED);
    init(self, wg);
}

static void until_destroyed(struct leader *self)
{
    int error;
    while ((error = CALL(self, destroy, wg_destroy(self->wg))) == EBUSY)
        rest();
    REQUIRE(self, error == 0);
}

/* The leader's wait does not give up for good. */
static void wait_for_round(struct leader *self)
{
    wg_t *wg = self->wg;
    switch (draw(&self->random, 4)) {
    case 0:
        /* cppcheck-suppress knownConditionTrueFalse ; it takes what is returned for 0 */
        while (wait_by(self, wg, TRY, 0) != 0)
            rest();
        break;
    case 1: {
        enum kind kind = (enum kind)(TIMED + draw(&self->random, 4));
        int error;
        do {
            int64_t end = now_on(CLOCK_MONOTONIC) + aim_at(&self->aim, &self->random);
            error = wait_by(self, wg, kind, end);
            aim_learn(&self->aim, error == ETIMEDOUT);
        } while (error != 0);
        break;
    }
    case 2: /* late: then only the word tells it what the others have done */
        for (int i = 0; i < 40 && __atomic_load_n(wg_word_of(wg), __ATOMIC_RELAXED) != 0;
             i++)
            rest();
        __attribute__((fallthrough));
    default:
        REQUIRE(self, wait_by(self, wg, UNTIMED, 0) == 0);
        break;
    }
}

/* closes: the last round of a group. */
static void play_round(struct leader *self, unsigned round, bool settles, bool closes,
                       bool destroys)
{
    size_t first = self->number_of_companions;
    /* Now and then, more than are woken by one thread. */
    size_t companions = (size_t)draw(
        &self->random, draw(&self->random, 8) == 0 ? MOST_COMPANIONS - first + 1 : 4);
    if (companions > MOST_COMPANIONS - first)
        companions = MOST_COMPANIONS - first;

    move_to(self, "starts tasks and companions");
    add(self, self->wg, 1); /* its own, so that the round is not over before all is known */
    start_companions(self, round, companions / 2);
    if (closes && draw(&self->random, 2) == 0)
        close_it(self, self->wg);
    start_tasks(self, round);
    start_companions(self, round, companions - companions / 2);
    if (settles) {
        move_to(self, "awaits that its companions are parked");
        until_settled(self, first);
    }
    move_to(self, "finishes its own task");
    if (draw(&self->random, 2) == 0)
        take_time(&self->random, WORK_NS);
    disturb_companions(self);
    bool late = draw(&self->random, 2) == 0;
    if (closes && !late)
        close_it(self, self->wg);
    done(self, self->wg);
    if (closes && late)
        close_late(self, self->wg);
    disturb_companions(self);

    move_to(self, destroys ? "destroys the group" : "waits");
    (destroys ? until_destroyed : wait_for_round)(self);
    see_work(self, round);
    if (closes && !destroys) {
        REQUIRE(self, CALL(self, tryadd, wg_tryadd(self->wg, 1)) == ECANCELED);
        REQUIRE(self, CALL(self, count, wg_count(self->wg)) == 0);
        TALLY(refused);
    }
    TALLY(rounds);
}

/* A group of its own, which is overwritten at once: by the leader, if all companions are
 * known to be parked, or else by whoever comes last. */
static void play_at(struct leader *self, wg_t *wg, union home *home)
{
    enter(self, "begins", wg, home);
    bool settles = draw(&self->random, 2) == 0;
    bool destroys = settles && draw(&self->random, 8) == 0;
    bool closes = draw(&self->random, 2) == 0;
    unsigned rounds = 1 + (unsigned)draw(&self->random, MOST_ROUNDS);
    self->companions_drop = !settles;
    init(self, wg);
    for (unsigned round = 0; round < rounds; round++)
        play_round(self, round, settles, closes && round + 1 == rounds,
                   destroys && round + 1 == rounds);
    drop_group(self);
    join_all(self);
    REQUIRE(self, is_untouched(home));
}

static void play_on_stack(struct leader *self)
{
    union home home;
    play_at(self, &home.groups[draw(&self->random, COUNT(home.groups))], &home);
}

static void play_on_heap(struct leader *self)
{
    union home *home = malloc(sizeof *home);
    REQUIRE(self, home != NULL);
    play_at(self, &home->groups[draw(&self->random, COUNT(home->groups))], home);
    free(home);
}

static void play_in_crowd(struct leader *self)
{
    wg_t *wg = self->own[draw(&self->random, OWN)];
    enter(self, "begins in a crowded bucket", wg, NULL);
    bool settles = draw(&self->random, 2) == 0;
    bool closes = draw(&self->random, 2) == 0;
    for (unsigned round = 0; round < MOST_ROUNDS; round++)
        play_round(self, round, settles, closes && round + 1 == MOST_ROUNDS, false);
    join_all(self);
    renew(self, wg);
}

/* Nobody waits: whoever is told that the group is closed and empty has seen all work, and
 * overwrites it. */
static void play_last_out(struct leader *self)
{
    union home home;
    wg_t *wg = &home.groups[draw(&self->random, COUNT(home.groups))];
    enter(self, "begins what the last one ends", wg, &home);
    self->last_drops = true;
    init(self, wg);
    add(self, wg, 1);
    start_tasks(self, 0);
    struct task own = {.leader = self, .wg = wg};
    if (draw(&self->random, 2) == 0) {
        close_it(self, wg);
        done_last(&own);
    } else {
        int result = CALL(self, done_last, wg_done_last(wg));
        REQUIRE(self, result == 0 || result == WG_LAST);
        if (close_late(self, wg)) {
            see_work(self, 0);
            drop_group(self);
        }
    }
    join_all(self);
    REQUIRE(self, self->drained == 1);
    REQUIRE(self, is_untouched(&home));
}

/* Who uses the shared groups is in; whoever looks at what is left of it is alone. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t in_use = PTHREAD_RWLOCK_INITIALIZER;

static void play_shared(struct leader *self)
{
    move_to(self, "awaits the shared groups");
    pthread_mutex_lock(&turn);
    pthread_mutex_unlock(&turn);
    pthread_rwlock_rdlock(&in_use);
    enter(self, "begins with a shared group", shared[draw(&self->random, SHARED)], NULL);
    for (unsigned round = 0; round < MOST_ROUNDS; round++)
        play_round(self, round, false, false, false);
    join_all(self);
    pthread_rwlock_unlock(&in_use);
}

static void look_at_shared(struct leader *self)
{
    enter(self, "awaits that nobody uses the shared groups", NULL, NULL);
    pthread_mutex_lock(&turn);
    pthread_rwlock_wrlock(&in_use);
    for (size_t i = 0; i < SHARED; i++)
        renew(self, shared[i]);
    pthread_rwlock_unlock(&in_use);
    pthread_mutex_unlock(&turn);
}

/* Misuse.  Reported once each, and without effect. */

#define REQUIRE_MISUSE(leader, name, call, error)                                          \
    do {                                                                                   \
        unsigned long before_ = reported;                                                  \
        REQUIRE(leader, CALL(leader, name, call) == (error));                              \
        REQUIRE(leader, reported == before_ + 1);                                          \
    } while (0)

static void never_run(void *leader)
{
    broken(leader, "wg_go() after a misuse runs nothing", __LINE__);
}

static void *use_destroyed(void *argument)
{
    struct leader *leader = argument;
    wg_t *wg = leader->wg;
    const struct timespec past = {0, 0};
    REQUIRE_MISUSE(leader, add, wg_add(wg, 0), EINVAL);
    REQUIRE_MISUSE(leader, add, wg_add(wg, 1), EINVAL);
    REQUIRE_MISUSE(leader, tryadd, wg_tryadd(wg, 1), EINVAL);
    REQUIRE_MISUSE(leader, done, wg_done(wg), EINVAL);
    REQUIRE_MISUSE(leader, done_last, wg_done_last(wg), EINVAL);
    REQUIRE_MISUSE(leader, close, wg_close(wg), EINVAL);
    REQUIRE_MISUSE(leader, reltimedwait, wg_reltimedwait(wg, &past), EINVAL);
    REQUIRE_MISUSE(leader, go, wg_go(wg, never_run, leader), EINVAL);
    REQUIRE_MISUSE(leader, wait, wg_wait(wg), EINVAL);
    REQUIRE_MISUSE(leader, trywait, wg_trywait(wg), EINVAL);
    REQUIRE_MISUSE(leader, timedwait, wg_timedwait(wg, &past), EINVAL);
    REQUIRE_MISUSE(leader, clockwait, wg_clockwait(wg, CLOCK_MONOTONIC, &past), EINVAL);
    REQUIRE_MISUSE(leader, count, wg_count(wg), 0);
    REQUIRE_MISUSE(leader, destroy, wg_destroy(wg), EINVAL);
    return NULL;
}

static void misuse(struct leader *self)
{
    wg_t *wg = self->own[draw(&self->random, OWN)];
    enter(self, "misuses a group", wg, NULL);
    REQUIRE(self, wg_set_misuse_handler(report) == report);
    REQUIRE_MISUSE(self, done, wg_done(wg), EINVAL);
    REQUIRE_MISUSE(self, done_last, wg_done_last(wg), EINVAL);
    REQUIRE_MISUSE(self, add, wg_add(wg, INT_MIN), EINVAL);
    REQUIRE(self, CALL(self, tryadd, wg_tryadd(wg, 0)) == EINVAL);
    add(self, wg, INT_MAX);
    REQUIRE_MISUSE(self, tryadd, wg_tryadd(wg, 1), EOVERFLOW);
    REQUIRE_MISUSE(self, add, wg_add(wg, 1), EOVERFLOW);
    REQUIRE_MISUSE(self, go, wg_go(wg, never_run, self), EOVERFLOW);
    add(self, wg, 1 - INT_MAX);

    self->tasks[0] = 0;
    start_companions(self, 0, 1 + (size_t)draw(&self->random, 3));
    for (size_t i = 0; i < self->number_of_companions; i++) {
        REQUIRE_MISUSE(self, add, wg_add(wg, -2), EINVAL);
        REQUIRE_MISUSE(self, add, wg_add(wg, INT_MAX), EOVERFLOW);
        REQUIRE(self, CALL(self, count, wg_count(wg)) == 1);
        until_settled(self, 0);
    }
    done(self, wg);
    join_all(self);

    REQUIRE(self, CALL(self, destroy, wg_destroy(wg)) == 0);
    for (size_t i = (size_t)draw(&self->random, 3); i > 0; i--)
        self->threads[self->number_of_threads++] = begin(use_destroyed, self);
    use_destroyed(self);
    join_all(self);
    REQUIRE(self, wg_word_load(wg_word_of(wg)) == WG_DESTROYED);
    init(self, wg);
}

/* Forks.  What is wrong in a child ends it, and with it the run. */

static unsigned patience = 120;

static void add_in_child(void *number)
{
    ++*(int *)number;
}

static void *finish_in_child(void *wg)
{
    wg_done(wg);
    return NULL;
}

/* The companions are parked in the parent, and nowhere in here. */
static void be_child(struct leader *self)
{
    wg_t *wg = self->wg;
    REQUIRE(self, CALL(self, count, wg_count(wg)) == 1);
    REQUIRE(self, wait_by(self, wg, CLOCK_MONO, now_on(CLOCK_MONOTONIC) + 20000) != 0);
    if (draw(&self->random, 2) == 0) {
        close_it(self, wg);
        REQUIRE(self, CALL(self, tryadd, wg_tryadd(wg, 1)) == ECANCELED);
        REQUIRE(self, CALL(self, done_last, wg_done_last(wg)) == WG_DRAINED);
    } else {
        done(self, wg);
    }
    switch (draw(&self->random, 3)) {
    case 0:
        REQUIRE(self, wait_by(self, wg, UNTIMED, 0) == 0);
        break;
    case 1:
        REQUIRE(self, wait_by(self, wg, TRY, 0) == 0);
        break;
    default:
        until_destroyed(self);
        __atomic_store_n(&self->closed, false, __ATOMIC_RELAXED);
        init(self, wg);
        break;
    }
    renew(self, wg);
    for (size_t i = 0; i < SHARED; i++) {
        init(self, shared[i]);
        add(self, shared[i], 1);
        done(self, shared[i]);
        REQUIRE(self, wait_by(self, shared[i], UNTIMED, 0) == 0);
        renew(self, shared[i]);
    }
    if (THREADS_IN_CHILD) {
        int number = 0;
        add(self, wg, 1);
        pthread_t thread = begin(finish_in_child, wg);
        REQUIRE(self, CALL(self, go, wg_go(wg, add_in_child, &number)) == 0);
        REQUIRE(self, wait_by(self, wg, UNTIMED, 0) == 0);
        REQUIRE(self, number == 1);
        REQUIRE(self, pthread_join(thread, NULL) == 0);
        renew(self, wg);
    }
}

static void fork_off(struct leader *self)
{
    enter(self, "forks", self->own[draw(&self->random, OWN)], NULL);
    add(self, self->wg, 1);
    self->tasks[0] = 0;
    start_companions(self, 0, (size_t)draw(&self->random, 4));
    if (draw(&self->random, 2) == 0)
        until_settled(self, 0);
    TALLY(forks);
    pid_t child = fork();
    if (child == 0) {
        alarm(patience / 2);
        be_child(self);
        _exit(0);
    }
    REQUIRE(self, child != -1 || errno == EAGAIN || errno == ENOMEM);
    done(self, self->wg);
    REQUIRE(self, wait_by(self, self->wg, UNTIMED, 0) == 0);
    join_all(self);
    renew(self, self->wg);
    move_to(self, "awaits the end of its child");
    int status = 0;
    while (child != -1 && waitpid(child, &status, 0) == -1)
        REQUIRE(self, errno == EINTR);
    REQUIRE(self, WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *lead(void *argument)
{
    struct leader *self = argument;
    while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
        uint64_t scene = draw(&self->random, 64);
        if (scene == 0)
            fork_off(self);
        else if (scene < 4)
            misuse(self);
        else if (scene < 6)
            look_at_shared(self);
        else if (scene < 14)
            play_in_crowd(self);
        else if (scene < 24)
            play_shared(self);
        else if (scene < 30)
            play_last_out(self);
        else
            (scene < 44 ? play_on_stack : play_on_heap)(self);
    }
    __atomic_store_n(&self->wg, NULL, __ATOMIC_RELAXED);
    __atomic_store_n(&self->step, NULL, __ATOMIC_RELAXED);
    return NULL;
}

/* Signals for leaders, which are there until this has ended. */
static void *send_signals(void *argument)
{
    uint64_t random = sow(2000);
    (void)argument;
    while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
        pthread_kill(leaders[draw(&random, LEADERS)].thread,
                     draw(&random, 2) == 0 ? SIGUSR1 : SIGUSR2);
        pause_for(draw(&random, 2000000));
    }
    return NULL;
}

/*
 * The whole.
 */

/* Has each leader moved, or ended?  Returns how many have ended. */
static size_t watch(int64_t now)
{
    static unsigned long moves[LEADERS];
    static int64_t since[LEADERS];
    size_t ended = 0;
    for (size_t i = 0; i < LEADERS; i++) {
        unsigned long moved = __atomic_load_n(&leaders[i].moves, __ATOMIC_RELAXED);
        if (__atomic_load_n(&leaders[i].step, __ATOMIC_RELAXED) == NULL) {
            ended++;
        } else if (moved != moves[i] || since[i] == 0) {
            moves[i] = moved;
            since[i] = now;
        } else if (now - since[i] > (int64_t)patience * 1000000000) {
            for (size_t other = 0; other < LEADERS; other++)
                if (other != i && __atomic_load_n(&leaders[other].step, __ATOMIC_RELAXED))
                    print_state(&leaders[other]);
            broken(&leaders[i], "this leader moves on", __LINE__);
        }
    }
    return ended;
}

static void show(int64_t seconds)
{
    static int64_t shown;
    bool terminal = isatty(STDOUT_FILENO);
    if (seconds < shown + (terminal ? 1 : 60))
        return;
    shown = seconds;
    printf("%s# %ld s: %lu scenes, %lu rounds, %lu waits, %lu timed out, %lu cancelled%s",
           terminal ? "\r" : "", (long)seconds,
           __atomic_load_n(&counts.scenes, __ATOMIC_RELAXED),
           __atomic_load_n(&counts.rounds, __ATOMIC_RELAXED),
           __atomic_load_n(&counts.released, __ATOMIC_RELAXED),
           __atomic_load_n(&counts.timed_out, __ATOMIC_RELAXED),
           __atomic_load_n(&counts.cancelled, __ATOMIC_RELAXED), terminal ? "" : "\n");
    fflush(stdout);
}

static unsigned number_from(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text != NULL && *text != '\0' ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

int main(void)
{
    const unsigned seconds = number_from("SOAK_SECONDS", 60);
    patience = number_from("SOAK_PATIENCE", patience);
    prepare_load();
    if (seed % 2 != 0)
        spin_no_more();
    install_handlers();
    wg_set_misuse_handler(report);

    wg_t *groups[SHARED + LEADERS * OWN];
    if (!choose_groups(groups, COUNT(groups), 4))
        broken(NULL, "there are groups that share buckets", __LINE__);
    memcpy(shared, groups, sizeof shared);
    for (size_t i = 0; i < LEADERS; i++) {
        leaders[i] =
            (struct leader){.number = i, .random = sow(i), .aim = {WORK_NS}, .step = ""};
        memcpy(leaders[i].own, groups + SHARED + i * OWN, sizeof leaders[i].own);
    }
    for (int i = 0; i < POOL; i++)
        add_to_pool();
    for (size_t i = 0; i < LEADERS; i++)
        leaders[i].thread = begin(lead, &leaders[i]);
    pthread_t signaller = begin(send_signals, NULL);

    const int64_t begun = now_on(CLOCK_MONOTONIC);
    int64_t now = begun;
    while (watch(now) < LEADERS) {
        pause_for(100000000);
        now = now_on(CLOCK_MONOTONIC);
        show((now - begun) / 1000000000);
        if (now - begun >= (int64_t)seconds * 1000000000)
            __atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
    }
    pthread_join(signaller, NULL);
    for (size_t i = 0; i < LEADERS; i++)
        pthread_join(leaders[i].thread, NULL);
    end_pool();
    look_at_shared(&leaders[0]);

    printf("%s# soak: %u s, nothing wrong\n", isatty(STDOUT_FILENO) ? "\n" : "", seconds);
    print_counts();
    return 0;
}
