/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * Waits that are given up, cancelled and interrupted around the moment of the release,
 * under load: everything that a call can meet between two of another call's steps.
 *
 * One engine runs all storms but the last.  The test's own thread leads: it opens round
 * after round on each group by an add, and the next as soon as its own wait has returned 0,
 * whether or not the others have been scheduled by then.  Workers write what they have done
 * with plain writes and report it; waiters wait in each way there is, look for the work of
 * all rounds that they knew to be open, and go on.  After a few rounds all of them meet at
 * a gate: an epoch is over, and nothing may be left in any group, nor in the parking lot.
 * In one half of the epochs the leader closes the groups while their last round is open.
 */
#include "load.h"

#include <errno.h>

/* Sanitizers are slower, see more in each round, and take notes of their own. */
#define FEWER(number) ((number) / SLOWER / (WITH_TSAN || WITH_ASAN ? 2 : 1))

/* A storm ends with its last epoch, or on a machine that has much else to do, before that.
 * In the first few epochs memory may grow, so there are others after them. */
#define MOST_NS INT64_C(1500000000)
#define FIRST_EPOCHS 10
#define FEWEST_EPOCHS 20

/* What the process may grow by while nothing is to grow. */
#ifndef MOST_KIB
#    define MOST_KIB (WITH_TSAN || WITH_ASAN ? 65536 : 4096)
#endif

enum { MOST_GROUPS = 32, MOST_ROUNDS = 4, MOST_WAITERS = 24, MOST_WORKERS = 4 };

/* How long the workers of a round take, at most; what they have groups to choose
 * from shares it. */
#define WORK_NS 150000

/*
 * The engine.
 */

struct plan {
    const char *name;
    size_t groups;  /* a power of two */
    size_t waiters; /* threads of each kind */
    size_t workers;
    size_t drifters;    /* threads that add and finish tasks of their own at any time */
    unsigned epochs;    /* how often all threads meet at the gate */
    unsigned rounds;    /* at most, from one gate to the next */
    unsigned timed;     /* percent of the waits that have a deadline */
    uint32_t crowd;     /* tasks last until so many are parked, unless that takes long */
    unsigned polls;     /* the first waiter only polls, so often in each round */
    unsigned cancelled; /* one in so many last dones goes with cancellations; 0: none */
    bool signals;
};

/* What waits have led to, and should not have. */
struct tally {
    unsigned long waited, timed_out, busy, cancelled;
    unsigned long early, wrong, too_soon, errno_changed, torn;
};

struct storm;

struct member {
    struct storm *storm;
    void (*role)(struct member *);
    pthread_t thread;
    size_t number;
    uint64_t random;
    unsigned epoch;        /* the last that this thread has taken part in */
    bool is_cancelled;     /* its own until it has come to the gate */
    int is_struck;         /* atomic; gcc 12 has no exchange of a bool on riscv64 */
    pthread_cond_t opened; /* the gate, to this one */
    struct tally tally;
};

struct storm {
    struct plan plan;
    wg_t *groups[MOST_GROUPS];
    struct aim aim;

    struct member waiters[MOST_WAITERS];
    struct member others[MOST_WORKERS + 3]; /* workers, drifters, the signaller */
    size_t members, other_members;
    pthread_t leader;
    uint64_t random; /* the leader's */

    pthread_mutex_t lock;
    pthread_cond_t all_at_gate;
    unsigned epoch;  /* lock */
    bool over;       /* lock: there is no further epoch */
    size_t at_gate;  /* lock: how many have done with this epoch */
    unsigned rounds; /* in this epoch; constant between two gates, as the next two */
    bool closes;     /* the groups, in the last round */
    bool tells;      /* all tasks end by wg_done_last() */

    unsigned open; /* atomic: rounds open so far in this epoch; released by the leader */
    atomic_int64 common;      /* atomic: a deadline that all waiters share, or 0 */
    int drained[MOST_GROUPS]; /* atomic: how often somebody was told so in this epoch */
    unsigned long polls;      /* atomic */
    bool last_round_ended;    /* atomic */

    /* Plain, for that is what is tested: the wait groups alone order these accesses. */
    unsigned work[MOST_GROUPS][MOST_ROUNDS][MOST_WORKERS];
};

static struct member *member_of(struct storm *storm, size_t number)
{
    return number < storm->plan.waiters ? &storm->waiters[number]
                                        : &storm->others[number - storm->plan.waiters];
}

/* At the gate.  Each has a condition of its own: those of winpthreads lose wake-ups when
 * several threads sleep on one, and some that have disabled it are cancelled there. */

static void reach_gate(struct storm *storm)
{
    pthread_mutex_lock(&storm->lock);
    if (++storm->at_gate == storm->members)
        pthread_cond_signal(&storm->all_at_gate);
    pthread_mutex_unlock(&storm->lock);
}

static bool pass_gate(struct member *self)
{
    struct storm *storm = self->storm;
    pthread_mutex_lock(&storm->lock);
    while (storm->epoch == self->epoch && !storm->over)
        pthread_cond_wait(&self->opened, &storm->lock);
    self->epoch = storm->epoch;
    bool over = storm->over;
    pthread_mutex_unlock(&storm->lock);
    return !over;
}

/* Cancellation is enabled in waits only, so nothing but a wait is ever cut short. */
static void *take_part(void *argument)
{
    struct member *self = (struct member *)argument;
    int cancel_state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    while (pass_gate(self)) {
        self->role(self);
        reach_gate(self->storm);
    }
    return NULL;
}

/* The end of a task; 0, if nothing is wrong with it. */
static int finish(struct storm *storm, size_t group)
{
    if (!storm->tells)
        return wg_done(storm->groups[group]);
    int result = wg_done_last(storm->groups[group]);
    if (result == WG_DRAINED)
        __atomic_fetch_add(&storm->drained[group], 1, __ATOMIC_RELAXED);
    return result == WG_LAST || result == WG_DRAINED ? 0 : result;
}

/* The waiters. */

static void note_cancelled(void *argument)
{
    struct member *self = (struct member *)argument;
    self->is_cancelled = true;
    self->tally.cancelled++;
    reach_gate(self->storm);
}

enum kind { UNTIMED, TIMED, CLOCK_REAL, CLOCK_MONO, RELATIVE, TRY };

static int wait_by_kind(wg_t *wg, enum kind kind, const struct timespec *deadline)
{
    switch (kind) {
    case TIMED:
        return wg_timedwait(wg, deadline);
    case CLOCK_REAL:
        return wg_clockwait(wg, CLOCK_REALTIME, deadline);
    case CLOCK_MONO:
        return wg_clockwait(wg, CLOCK_MONOTONIC, deadline);
    case RELATIVE:
        return wg_reltimedwait(wg, deadline);
    case TRY:
        return wg_trywait(wg);
    case UNTIMED:
    default:
        return wg_wait(wg);
    }
}

static int cancellable_wait(struct member *self, wg_t *wg, enum kind kind,
                            const struct timespec *deadline)
{
    int error, cancel_state;
    errno = E2BIG;
    pthread_cleanup_push(note_cancelled, self);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel_state);
    error = wait_by_kind(wg, kind, deadline);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    pthread_cleanup_pop(0);
    self->tally.errno_changed += errno != E2BIG;
    return error;
}

/* One wait, until end on CLOCK_MONOTONIC, if end is not 0; is_first if that was aimed at
 * the end of the round. */
static int one_wait(struct member *self, wg_t *wg, int64_t end, bool is_first)
{
    struct tally *tally = &self->tally;
    enum kind kind = end == 0 ? UNTIMED : (enum kind)(TIMED + draw(&self->random, 4));
    if (draw(&self->random, 32) == 0)
        kind = TRY;
    clockid_t clock =
        kind == CLOCK_MONO || kind == RELATIVE ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    if (clock == CLOCK_REALTIME)
        end += now_on(CLOCK_REALTIME) - now_on(CLOCK_MONOTONIC);
    int64_t left = kind == RELATIVE ? end - now_on(CLOCK_MONOTONIC) : 0;
    struct timespec deadline = moment(kind != RELATIVE ? end : left > 0 ? left : 0);

    bool is_open = wg_count(wg) > 0;
    int error = cancellable_wait(self, wg, kind, &deadline);
    if (is_first && is_open)
        aim_learn(&self->storm->aim, error == ETIMEDOUT);
    if (error == 0) {
        tally->waited += is_open;
    } else if (error == ETIMEDOUT && kind >= TIMED && kind <= RELATIVE) {
        tally->timed_out++;
        tally->too_soon += now_on(clock) < end;
    } else if (error == EBUSY && kind == TRY) {
        tally->busy++;
    } else {
        tally->wrong++;
    }
    return error;
}

/* Is the work of these rounds of a group there?  The waits that ask for it have
 * returned 0. */
static bool is_done(const struct storm *storm, size_t group, unsigned rounds,
                    unsigned epoch)
{
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < storm->plan.workers; i++)
            if (storm->work[group][round][i] != epoch)
                return false;
    return true;
}

/* When to give up: around the end of the round at first, soon after that then, and never if
 * that has happened a few times. */
static int64_t choose_end(struct member *self, unsigned attempt)
{
    struct storm *storm = self->storm;
    if (draw(&self->random, 100) >= storm->plan.timed || attempt > 3)
        return 0;
    if (attempt > 0)
        return now_on(CLOCK_MONOTONIC) +
               (int64_t)draw(&self->random, (uint64_t)aim_center(&storm->aim) / 4);
    /* With one deadline for all, many waiters give up while they are released, and
     * nobody else is there to pass the release on. */
    int64_t common = __atomic_load_n(&storm->common, __ATOMIC_RELAXED);
    return common != 0 ? common
                       : now_on(CLOCK_MONOTONIC) + aim_at(&storm->aim, &self->random);
}

static void waiter(struct member *self)
{
    struct storm *storm = self->storm;
    unsigned attempt = 0, before = 0;
    for (;;) {
        /* Acquire: the leader's adds, without which a wait could return before
         * they are made. */
        unsigned open = __atomic_load_n(&storm->open, __ATOMIC_ACQUIRE);
        if (open != before)
            attempt = 0;
        before = open;
        size_t group = (size_t)draw(&self->random, storm->plan.groups);
        int64_t end = choose_end(self, attempt);
        int error = one_wait(self, storm->groups[group], end, end != 0 && attempt == 0);
        attempt++;
        if (error == 0) {
            self->tally.early += !is_done(storm, group, open, self->epoch);
            if (open == storm->rounds)
                return;
            rest();
        }
    }
}

static void poller(struct member *self)
{
    struct storm *storm = self->storm;
    for (;;) {
        unsigned open = __atomic_load_n(&storm->open, __ATOMIC_ACQUIRE);
        int64_t end = now_on(CLOCK_MONOTONIC) + (int64_t)draw(&self->random, 3000);
        int error = one_wait(self, storm->groups[0], end, false);
        if (error == ETIMEDOUT &&
            __atomic_add_fetch(&storm->polls, 1, __ATOMIC_RELAXED) % 64 == 1)
            self->tally.torn += !word_and_queue_agree(storm->groups[0]);
        if (error == 0) {
            self->tally.early += !is_done(storm, 0, open, self->epoch);
            if (open == storm->rounds)
                return;
            rest();
        }
    }
}

/* The workers. */

/* Cancel few of the waiters, many, or nearly all: then those that are to pass the release
 * on are likely to be among them, and the others are lost if that is forgotten.  Each of
 * them once: with winpthreads, a thread must not be cancelled that may have ended, though
 * nobody has joined it, for what pthread_cancel() uses of it has been freed then. */
static void strike(struct member *self)
{
    static const unsigned chances[] = {2, 8, 15};
    struct storm *storm = self->storm;
    unsigned chance = chances[draw(&self->random, COUNT(chances))];
    size_t first = (size_t)draw(&self->random, storm->plan.waiters);
    for (size_t i = 0; i < storm->plan.waiters; i++) {
        struct member *waiter = &storm->waiters[(first + i) % storm->plan.waiters];
        if (draw(&self->random, 16) < chance &&
            !__atomic_exchange_n(&waiter->is_struck, 1, __ATOMIC_RELAXED))
            pthread_cancel(waiter->thread);
    }
}

static void finish_task(struct member *self, size_t group)
{
    const struct plan *plan = &self->storm->plan;
    wg_t *wg = self->storm->groups[group];
    for (size_t i = 0; i <= 40 / plan->groups && waiters_of(wg) < plan->crowd; i++)
        rest();
    if (draw(&self->random, 4) == 0)
        self->tally.torn += !word_and_queue_agree(wg);
    bool strikes = plan->cancelled != 0 && wg_count(wg) == 1 &&
                   draw(&self->random, plan->cancelled) == 0;
    bool strikes_before = draw(&self->random, 2) == 0;
    if (strikes && strikes_before)
        strike(self);
    if (finish(self->storm, group) != 0)
        self->tally.wrong++;
    if (strikes && !strikes_before)
        strike(self);
}

static void one_task(struct member *self, size_t group, unsigned round)
{
    struct storm *storm = self->storm;
    wg_t *wg = storm->groups[group];
    take_time(&self->random, WORK_NS / storm->plan.groups);
    /* A task may start further tasks. */
    int more = (int)draw(&self->random, 3);
    self->tally.wrong += wg_add(wg, more) != 0;
    storm->work[group][round][self->number] = self->epoch;
    self->tally.wrong += wg_add(wg, -more) != 0;
    finish_task(self, group);
}

static void worker(struct member *self)
{
    struct storm *storm = self->storm;
    size_t groups = storm->plan.groups;
    for (unsigned round = 0; round < storm->rounds; round++) {
        while (__atomic_load_n(&storm->open, __ATOMIC_ACQUIRE) <= round)
            rest();
        /* An odd step visits each of them once. */
        size_t group = (size_t)draw(&self->random, groups);
        size_t step = 2 * (size_t)draw(&self->random, groups) + 1;
        for (size_t i = 0; i < groups; i++)
            one_task(self, (group + i * step) % groups, round);
    }
}

static bool ended(struct storm *storm)
{
    return __atomic_load_n(&storm->last_round_ended, __ATOMIC_RELAXED);
}

/* Tasks that nobody waits for in particular: they race with all rounds' ends, until the
 * group is closed. */
static void drifter(struct member *self)
{
    struct storm *storm = self->storm;
    while (!ended(storm)) {
        size_t group = (size_t)draw(&self->random, storm->plan.groups);
        int error = wg_tryadd(storm->groups[group], 1);
        if (error == 0) {
            take_time(&self->random, 2000);
            self->tally.wrong += finish(storm, group) != 0;
        } else {
            self->tally.wrong += error != ECANCELED || !storm->closes;
        }
        take_time(&self->random, 10000);
    }
}

static void signaller(struct member *self)
{
    struct storm *storm = self->storm;
    do {
        pthread_t thread =
            member_of(storm, (size_t)draw(&self->random, storm->members))->thread;
        if (draw(&self->random, 16) == 0)
            thread = storm->leader;
        if (!pthread_equal(thread, pthread_self()))
            pthread_kill(thread, draw(&self->random, 2) == 0 ? SIGUSR1 : SIGUSR2);
        /* Not so many that nobody gets anywhere; a wait is not what this is. */
        pause_for(draw(&self->random, 40000));
    } while (!ended(storm));
}

/* The leader. */

static void add_member(struct storm *storm, struct member *member, size_t number,
                       void (*role)(struct member *))
{
    member->storm = storm;
    member->number = number;
    member->role = role;
    member->random = sow(storm->members++);
    /* cppcheck-suppress nullPointer ; POSIX allows it: the default attributes */
    pthread_cond_init(&member->opened, NULL);
    member->thread = start(take_part, member);
}

static void start_members(struct storm *storm)
{
    const struct plan *plan = &storm->plan;
    /* Of threads that begin before the others are known, none passes the first gate. */
    for (size_t i = 0; i < plan->waiters; i++)
        add_member(storm, &storm->waiters[i], i,
                   i == 0 && plan->polls != 0 ? poller : waiter);
    struct member *next = storm->others;
    for (size_t i = 0; i < plan->workers; i++)
        add_member(storm, next++, i, worker);
    for (size_t i = 0; i < plan->drifters; i++)
        add_member(storm, next++, i, drifter);
    if (plan->signals)
        add_member(storm, next++, 0, signaller);
    storm->other_members = (size_t)(next - storm->others);
}

static void open_round(struct storm *storm, unsigned round, struct tally *tally)
{
    const struct plan *plan = &storm->plan;
    for (size_t i = 0; i < plan->groups; i++)
        tally->wrong +=
            wg_add(storm->groups[i], (int)plan->workers + (plan->polls != 0)) != 0;
    int64_t common = draw(&storm->random, 3) == 0
                         ? now_on(CLOCK_MONOTONIC) + aim_at(&storm->aim, &storm->random)
                         : 0;
    __atomic_store_n(&storm->common, common, __ATOMIC_RELAXED);
    __atomic_store_n(&storm->open, round + 1, __ATOMIC_RELEASE);
}

static void open_gate(struct storm *storm, bool over)
{
    pthread_mutex_lock(&storm->lock);
    storm->at_gate = 0;
    storm->over = over;
    storm->epoch++;
    for (size_t i = 0; i < storm->members; i++)
        pthread_cond_signal(&member_of(storm, i)->opened);
    pthread_mutex_unlock(&storm->lock);
}

static void await_all_at_gate(struct storm *storm)
{
    pthread_mutex_lock(&storm->lock);
    while (storm->at_gate != storm->members)
        pthread_cond_wait(&storm->all_at_gate, &storm->lock);
    pthread_mutex_unlock(&storm->lock);
}

/* The leader's own wait, in one of the ways that do not give up. */
static void see_round_end(struct storm *storm, size_t group, unsigned round,
                          struct tally *tally)
{
    wg_t *wg = storm->groups[group];
    if (draw(&storm->random, 4) != 0)
        tally->wrong += wg_wait(wg) != 0;
    else
        while (wg_trywait(wg) != 0)
            rest();
    tally->early += !is_done(storm, group, round + 1, storm->epoch);
    /* Nobody is in, and nobody will come. */
    if (storm->closes && round + 1 == storm->rounds)
        tally->wrong += wg_tryadd(wg, 1) != ECANCELED || wg_count(wg) != 0;
}

static void close_groups(struct storm *storm, struct tally *tally)
{
    take_time(&storm->random, WORK_NS);
    for (size_t i = 0; i < storm->plan.groups; i++) {
        int result = wg_close(storm->groups[i]);
        if (result == WG_DRAINED)
            __atomic_fetch_add(&storm->drained[i], 1, __ATOMIC_RELAXED);
        else
            tally->wrong += result != 0;
    }
}

static void lead_epoch(struct storm *storm, struct tally *tally)
{
    const struct plan *plan = &storm->plan;
    storm->rounds = 1 + (unsigned)draw(&storm->random, plan->rounds);
    storm->closes = draw(&storm->random, 2) == 0;
    storm->tells = draw(&storm->random, 2) == 0;
    __atomic_store_n(&storm->last_round_ended, false, __ATOMIC_RELAXED);
    for (unsigned round = 0; round < storm->rounds; round++) {
        unsigned long polls = __atomic_load_n(&storm->polls, __ATOMIC_RELAXED);
        open_round(storm, round, tally);
        if (round == 0)
            open_gate(storm, false);
        if (storm->closes && round + 1 == storm->rounds)
            close_groups(storm, tally);
        if (plan->polls != 0) {
            while (__atomic_load_n(&storm->polls, __ATOMIC_RELAXED) < polls + plan->polls)
                pause_for(WORK_NS);
            tally->wrong += finish(storm, 0) != 0;
        }
        for (size_t i = 0; i < plan->groups; i++)
            see_round_end(storm, i, round, tally);
    }
    __atomic_store_n(&storm->last_round_ended, true, __ATOMIC_RELAXED);
    await_all_at_gate(storm);
    __atomic_store_n(&storm->open, 0, __ATOMIC_RELAXED);
}

/* All are at the gate: nothing is left of any wait, and if all who could be told that it
 * was over asked, one was.  Returns how many groups say otherwise. */
static int count_remains(struct storm *storm)
{
    int remains = 0;
    for (size_t i = 0; i < storm->plan.groups; i++) {
        wg_t *wg = storm->groups[i];
        int drained = __atomic_exchange_n(&storm->drained[i], 0, __ATOMIC_RELAXED);
        if (is_queued(wg) || *wg_sema_of(wg) != 0 ||
            wg_word_load(wg_word_of(wg)) != (storm->closes ? WG_CLOSED : 0) ||
            wg_destroy(wg) != 0 || drained > storm->closes ||
            (storm->tells && drained != storm->closes))
            remains++;
        wg_init(wg);
    }
    return remains;
}

/* Each cancelled waiter has a successor in the next epoch. */
static void replace_cancelled(struct storm *storm, struct tally *tally)
{
    for (size_t i = 0; i < storm->plan.waiters; i++) {
        struct member *member = &storm->waiters[i];
        void *result;
        if (!member->is_cancelled)
            continue;
        tally->wrong += pthread_join(member->thread, &result) != 0;
        tally->wrong += result != PTHREAD_CANCELED;
        member->is_cancelled = false;
        member->is_struck = 0;
        member->thread = start(take_part, member);
    }
}

static void add_up(struct tally *sum, const struct tally *tally)
{
    sum->waited += tally->waited;
    sum->timed_out += tally->timed_out;
    sum->busy += tally->busy;
    sum->cancelled += tally->cancelled;
    sum->early += tally->early;
    sum->wrong += tally->wrong;
    sum->too_soon += tally->too_soon;
    sum->errno_changed += tally->errno_changed;
    sum->torn += tally->torn;
}

static void end_members(struct storm *storm, struct tally *sum)
{
    open_gate(storm, true);
    for (size_t i = 0; i < storm->members; i++) {
        struct member *member = member_of(storm, i);
        join(member->thread);
        pthread_cond_destroy(&member->opened);
        add_up(sum, &member->tally);
    }
}

/* Resident memory in KiB, or 0 where the system does not tell. */
static long resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%*s %ld", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void run(const struct plan *plan)
{
    static struct storm storm;
    storm = (struct storm){.plan = *plan,
                           .aim = {WORK_NS},
                           .leader = pthread_self(),
                           .random = sow(1000),
                           .lock = PTHREAD_MUTEX_INITIALIZER,
                           .all_at_gate = PTHREAD_COND_INITIALIZER};
    struct tally sum = {0};
    const unsigned most_epochs = FEWER(plan->epochs);
    const int64_t end = now_on(CLOCK_MONOTONIC) + MOST_NS;
    unsigned epochs = 0;
    long warm = 0;
    int remains = 0;

    assert_true(choose_groups(storm.groups, storm.plan.groups, 4));
    install_handlers();
    start_members(&storm);
    /* What has gone wrong will not get better. */
    while (remains == 0 && (epochs < FEWEST_EPOCHS ||
                            (epochs < most_epochs && now_on(CLOCK_MONOTONIC) < end))) {
        lead_epoch(&storm, &sum);
        remains = count_remains(&storm);
        replace_cancelled(&storm, &sum);
        if (++epochs == FIRST_EPOCHS)
            warm = resident();
    }
    long grown = resident() - warm;
    end_members(&storm, &sum);

    print_message("# %s: %u epochs, waited %lu, timed out %lu, busy %lu, cancelled %lu, "
                  "signals %lu, polls %lu, aim %ld us, grown %ld KiB\n",
                  plan->name, epochs, sum.waited, sum.timed_out, sum.busy, sum.cancelled,
                  handled, __atomic_load_n(&storm.polls, __ATOMIC_RELAXED),
                  (long)(aim_center(&storm.aim) / 1000), grown);

    assert_int_equal(remains, 0);
    assert_int_equal(sum.early, 0);
    assert_int_equal(sum.wrong, 0);
    assert_int_equal(sum.too_soon, 0);
    assert_int_equal(sum.errno_changed, 0);
    assert_int_equal(sum.torn, 0);
    assert_int_equal(misuses, 0);
    assert_true(grown <= MOST_KIB);
    /* It has been what it was meant to be. */
    assert_true(sum.waited >= epochs / 8);
    assert_true(plan->timed == 0 || sum.timed_out >= epochs / 8);
    assert_true(plan->cancelled == 0 || sum.cancelled >= epochs / 8);
    assert_true(!plan->signals || handled >= epochs / 8);
}

/*
 * The storms.
 */

static const struct plan few = {
    .name = "few waiters with deadlines",
    .groups = 1,
    .waiters = 6,
    .workers = 3,
    .epochs = 800,
    .rounds = MOST_ROUNDS,
    .timed = 90,
    .crowd = 1,
};
static const struct plan many = {
    .name = "many waiters with deadlines",
    .groups = 1,
    .waiters = 20,
    .workers = 2,
    .drifters = 1,
    .epochs = 200,
    .rounds = MOST_ROUNDS,
    .timed = 90,
    .crowd = 12,
};
static const struct plan cancelled = {
    .name = "cancelled waits",
    .groups = 1,
    .waiters = 24,
    .workers = 2,
    .epochs = 500,
    .rounds = 2,
    .crowd = 20,
    .cancelled = 1,
};
static const struct plan cancelled_timed = {
    .name = "cancelled waits with deadlines",
    .groups = 1,
    .waiters = 24,
    .workers = 2,
    .drifters = 1,
    .epochs = 150,
    .rounds = 2,
    .timed = 70,
    .crowd = 12,
    .cancelled = 2,
};
static const struct plan polling = {
    .name = "polling",
    .groups = 1,
    .waiters = 3,
    .workers = 2,
    .epochs = 100,
    .rounds = MOST_ROUNDS,
    .timed = 50,
    .polls = 200,
};
static const struct plan everything = {
    .name = "everything",
    .groups = MOST_GROUPS,
    .waiters = 20,
    .workers = 4,
    .drifters = 1,
    .epochs = 150,
    .rounds = 3,
    .timed = 70,
    .crowd = 1,
    .cancelled = 40,
    .signals = true,
};

static void test_deadlines(void **state)
{
    (void)state;
    run(&few);
    run(&many);
}

static void test_cancellation(void **state)
{
    (void)state;
    run(&cancelled);
    run(&cancelled_timed);
}

static void test_polling(void **state)
{
    (void)state;
    run(&polling);
}

static void test_signals(void **state)
{
    (void)state;
    static const struct plan *const plans[] = {&few, &many, &cancelled, &cancelled_timed,
                                               &polling};
    for (size_t i = 0; i < COUNT(plans); i++) {
        struct plan plan = *plans[i];
        char name[80];
        snprintf(name, sizeof name, "%s, and signals", plan.name);
        plan.name = name;
        plan.signals = true;
        plan.epochs = plan.epochs / 4;
        run(&plan);
    }
}

static void test_everything(void **state)
{
    (void)state;
    run(&everything);
}

/*
 * Groups on the stack of the one who waits, which is used for something else as soon
 * as the wait has returned 0, while the wg_done() that ended it, and another waiter,
 * may be anywhere.
 */

#define VISITS FEWER(8000)

/* A thread that is handed one group after the other. */
struct servant {
    void (*serve)(wg_t *, uint64_t *random);
    wg_t *wg; /* atomic: null if there is none to serve */
    bool is_ready;
    bool over; /* atomic */
    uint64_t random;
    pthread_t thread;
};

static void finish_it(wg_t *wg, uint64_t *random)
{
    take_time(random, WORK_NS);
    if (draw(random, 2) == 0)
        wg_done(wg);
    else if (wg_done_last(wg) == 0)
        abort(); /* it was the last one */
}

static void wait_for_it(wg_t *wg, uint64_t *random)
{
    (void)random;
    wg_wait(wg);
}

static void *serve(void *argument)
{
    struct servant *servant = (struct servant *)argument;
    for (;;) {
        wg_t *wg = __atomic_exchange_n(&servant->wg, NULL, __ATOMIC_ACQUIRE);
        if (wg != NULL) {
            servant->serve(wg, &servant->random);
            __atomic_store_n(&servant->is_ready, true, __ATOMIC_RELEASE);
        } else if (__atomic_load_n(&servant->over, __ATOMIC_RELAXED)) {
            return NULL;
        } else {
            rest();
        }
    }
}

static void hire(struct servant *servant, void (*what)(wg_t *, uint64_t *), uint64_t number)
{
    *servant = (struct servant){.serve = what, .is_ready = true, .random = sow(number)};
    servant->thread = start(serve, servant);
}

static void dismiss(struct servant *servant)
{
    __atomic_store_n(&servant->over, true, __ATOMIC_RELAXED);
    join(servant->thread);
}

static void hand_over(struct servant *servant, wg_t *wg)
{
    __atomic_store_n(&servant->is_ready, false, __ATOMIC_RELAXED);
    __atomic_store_n(&servant->wg, wg, __ATOMIC_RELEASE);
}

static void until_ready(const struct servant *servant)
{
    while (!__atomic_load_n(&servant->is_ready, __ATOMIC_ACQUIRE))
        rest();
}

struct visit {
    struct servant host, companion;
    struct aim aim;
    uint64_t random;
    unsigned long timed_out, waited, wrong, touched;
};

/* After a time-out the task has yet to finish, and the group to stay where it is. */
static int wait_in_two_steps(struct visit *visit, wg_t *wg)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    clockid_t clock = clocks[draw(&visit->random, COUNT(clocks))];
    int64_t ahead = aim_at(&visit->aim, &visit->random);
    struct timespec deadline = from_now(clock, ahead), duration = moment(ahead);
    int error = draw(&visit->random, 3) == 0 ? wg_reltimedwait(wg, &duration)
                                             : wg_clockwait(wg, clock, &deadline);
    aim_learn(&visit->aim, error == ETIMEDOUT);
    if (error == 0)
        visit->waited++;
    if (error != ETIMEDOUT)
        return error;
    visit->timed_out++;
    return wg_wait(wg);
}

/* The companion is known to be parked, so it is not in the way either. */
static void one_visit(struct visit *visit)
{
    union home home;
    wg_t *wg = &home.groups[draw(&visit->random, COUNT(home.groups))];
    wg_init(wg);
    wg_add(wg, 1);
    if (draw(&visit->random, 2) == 0) {
        hand_over(&visit->companion, wg);
        until_parked(wg, 1);
    }
    hand_over(&visit->host, wg);
    visit->wrong += wait_in_two_steps(visit, wg) != 0;
    overwrite_home(&home);
    until_ready(&visit->host);
    until_ready(&visit->companion);
    visit->touched += !is_untouched(&home);
}

static void *guest(void *argument)
{
    const int64_t end = now_on(CLOCK_MONOTONIC) + MOST_NS;
    for (int i = 0; i < VISITS && now_on(CLOCK_MONOTONIC) < end; i++)
        one_visit((struct visit *)argument);
    return NULL;
}

static void test_groups_on_the_stack(void **state)
{
    (void)state;
    static struct visit visits[3], sum;
    pthread_t guests[COUNT(visits)];
    for (size_t i = 0; i < COUNT(visits); i++) {
        visits[i].aim.center = WORK_NS / 4;
        visits[i].random = sow(2000 + i);
        hire(&visits[i].host, finish_it, 3000 + i);
        hire(&visits[i].companion, wait_for_it, 0);
        guests[i] = start(guest, &visits[i]);
    }
    for (size_t i = 0; i < COUNT(visits); i++) {
        join(guests[i]);
        dismiss(&visits[i].host);
        dismiss(&visits[i].companion);
        sum.waited += visits[i].waited;
        sum.timed_out += visits[i].timed_out;
        sum.wrong += visits[i].wrong;
        sum.touched += visits[i].touched;
    }
    print_message("# groups on the stack: waited %lu, timed out %lu\n", sum.waited,
                  sum.timed_out);
    assert_int_equal(sum.wrong, 0);
    assert_int_equal(sum.touched, 0);
    assert_true(sum.waited >= (sum.waited + sum.timed_out) / 16);
    assert_true(sum.timed_out >= (sum.waited + sum.timed_out) / 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines), cmocka_unit_test(test_cancellation),
        cmocka_unit_test(test_polling),   NEEDS_SIGNALS(test_signals),
        NEEDS_SIGNALS(test_everything),   cmocka_unit_test(test_groups_on_the_stack),
    };
    prepare_load();
    spin_no_more();
    wg_set_misuse_handler(note_misuse);
    return RUN_TESTS(tests);
}
