/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * fork: the child has one thread, whatever the others were doing; its groups work.
 *
 * What goes on in a child is checked there, by REQUIRE(), which says what is wrong and
 * leaves; the parent looks at how it has ended.  A child that hangs is ended by an
 * alarm of its own.
 */
#include "load.h"

#ifndef HAVE_FORK

int main(void)
{
    puts("1..0 # SKIP there is no fork()");
}

#else

#    include <errno.h>
#    include <signal.h>
#    include <sys/resource.h>

#    ifndef SANITIZED
#        define SANITIZED (WITH_TSAN || WITH_ASAN)
#    endif

/* So many in the middle of everything, or on a machine that has much else to do, as many as
 * these seconds allow. */
#    define FORKS ((SANITIZED ? 100 : 250) / SLOWER)
#    define FEWEST_FORKS 20
#    define MOST_SECONDS 4

/*
 * Children.
 */

static void require(bool condition, const char *what, int line)
{
    if (!condition) {
        char message[160];
        int length =
            snprintf(message, sizeof message, "# child, line %d: %s\n", line, what);
        if (write(2, message, (size_t)length) == length)
            _exit(1);
        _exit(2);
    }
}
/* clang-format off */
#    define REQUIRE(condition) require(condition, #condition, __LINE__)
/* clang-format on */

/* Is body all right in a child?  That has the parent's groups and the stacks of its
 * threads, as they were.  The answer is to be asserted when nothing of the test is under
 * way any more. */
static bool run_in_child(void (*body)(void *), void *argument)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == -1)
        return false;
    if (child == 0) {
        static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
        /* CMocka's handlers would go on with the next test. */
        for (size_t i = 0; i < COUNT(crashes); i++)
            signal(crashes[i], SIG_DFL);
        alarm(60);
        misuses = 0;
        body(argument);
        _exit(0);
    }
    int status = -1;
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        continue;
    if (WIFSIGNALED(status))
        print_message("# child: ended by signal %d\n", WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#    define MOMENT_NS 20000

static int wait_on(wg_t *wg, clockid_t clock)
{
    struct timespec deadline = from_now(clock, MOMENT_NS);
    return wg_clockwait(wg, clock, &deadline);
}

static bool is_idle(wg_t *wg)
{
    return wg_word_load(wg_word_of(wg)) == 0 && !is_queued(wg);
}

/* A round of a group whose counter is 0, without threads: the wait goes all the way to the
 * parking lot, and back by itself. */
static void use_alone(wg_t *wg, clockid_t clock)
{
    REQUIRE(wg_add(wg, 2) == 0);
    REQUIRE(wait_on(wg, clock) == ETIMEDOUT);
    REQUIRE(wg_trywait(wg) == EBUSY);
    REQUIRE(wg_destroy(wg) == EBUSY);
    REQUIRE(wg_done(wg) == 0);
    REQUIRE(wg_count(wg) == 1);
    REQUIRE(wg_done(wg) == 0);
    REQUIRE(wg_wait(wg) == 0);
    REQUIRE(is_idle(wg));
}

/* The same with threads.  stale is how many waiters the word shows that are in
 * the parent. */
static void use_with_threads(wg_t *wg, uint32_t stale)
{
    pthread_t waiters[12];
    REQUIRE(wg_add(wg, 1) == 0);
    for (size_t i = 0; i < COUNT(waiters); i++)
        waiters[i] = start(wait_for, wg);
    until_parked(wg, stale + COUNT(waiters));
    REQUIRE(wg_done(wg) == 0);
    for (size_t i = 0; i < COUNT(waiters); i++) {
        void *result;
        /* cppcheck-suppress uninitvar ; the loop above has as many turns */
        REQUIRE(pthread_join(waiters[i], &result) == 0);
        REQUIRE(result == NULL);
    }
    REQUIRE(wg_wait(wg) == 0);
    REQUIRE(is_idle(wg));
}

static void bring_to_0(wg_t *wg)
{
    for (int n = wg_count(wg); n > 0; n--)
        REQUIRE(wg_done(wg) == 0);
    REQUIRE(wg_count(wg) == 0);
}

/*
 * A group in each bucket.
 */

static wg_t *everywhere[COUNT(places)];
static size_t buckets;

static void find_buckets(void)
{
    static const struct wg_bucket *known[COUNT(places)];
    for (size_t i = 0; i < COUNT(places); i++) {
        const struct wg_bucket *bucket = bucket_of(&places[i]);
        size_t b = 0;
        while (b < buckets && known[b] != bucket)
            b++;
        if (b == buckets) {
            known[buckets] = bucket;
            everywhere[buckets++] = &places[i];
        }
    }
}

/* What the child does with a group that it knows nothing of, in one of several ways. */
static void use_old(wg_t *wg, size_t way)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    clockid_t clock = clocks[way / 8 % COUNT(clocks)];
    switch (way % 8) {
    case 0:
        REQUIRE(wg_init(wg) == 0);
        break;
    case 1:
        bring_to_0(wg);
        REQUIRE(wg_wait(wg) == 0);
        REQUIRE(is_idle(wg));
        break;
    case 2:
        bring_to_0(wg);
        REQUIRE(wg_trywait(wg) == 0);
        REQUIRE(is_idle(wg));
        break;
    case 3:
        bring_to_0(wg);
        REQUIRE(wait_on(wg, clock) == 0);
        REQUIRE(is_idle(wg));
        break;
    case 4:
        bring_to_0(wg);
        REQUIRE(wg_destroy(wg) == 0);
        REQUIRE(wg_init(wg) == 0);
        break;
    case 5: /* It goes into the next round as it is. */
        bring_to_0(wg);
        break;
    case 6: /* The stale waiters are still there when a new one comes and goes. */
        REQUIRE(wg_add(wg, 1) == 0);
        REQUIRE(wait_on(wg, clock) == ETIMEDOUT);
        REQUIRE(!is_queued(wg));
        bring_to_0(wg);
        break;
    default:
        REQUIRE(wg_add(wg, -wg_count(wg)) == 0);
        break;
    }
}

static void use_everything(void *argument)
{
    size_t way = *(size_t *)argument;
    for (size_t i = 0; i < buckets; i++) {
        REQUIRE(!is_queued(everywhere[i]));
        use_old(everywhere[i], way + i);
        /* A round more for some, another time for others: it takes long. */
        if ((way + i / 8) % 8 == 0)
            use_alone(everywhere[i], CLOCK_REALTIME);
    }
    wg_t new_one = WG_INITIALIZER;
    use_alone(&new_one, CLOCK_MONOTONIC);
    if (!SANITIZED && way % 4 == 0) {
        use_with_threads(&new_one, 0);
        bring_to_0(everywhere[way % buckets]);
        use_with_threads(everywhere[way % buckets], waiters_of(everywhere[way % buckets]));
    }
    REQUIRE(misuses == 0);
}

/*
 * In the middle of everything.  The threads use the groups as they please; none of them
 * counts on another, so that none hangs when the storm is over.
 *
 * Where 8-byte atomics take a lock of libatomic's, they hang in a child if another thread
 * held it at the fork.  armel has them from the kernel.
 */
#    if defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8) || defined(__arm__)
#        define FORKS_AT_ANY_TIME
#    endif

#    ifdef FORKS_AT_ANY_TIME

struct storm {
    bool over;        /* atomic */
    unsigned results; /* atomic: not what they should be */
    unsigned threads; /* atomic: so many have begun */
};

static uint64_t sow_next(struct storm *storm)
{
    return sow(__atomic_fetch_add(&storm->threads, 1, __ATOMIC_RELAXED));
}

static wg_t *any_group(uint64_t *random)
{
    return everywhere[draw(random, buckets)];
}

static bool is_over(struct storm *storm)
{
    return __atomic_load_n(&storm->over, __ATOMIC_RELAXED);
}

static void note(struct storm *storm, bool is_right)
{
    if (!is_right)
        __atomic_fetch_add(&storm->results, 1, __ATOMIC_RELAXED);
}

static void *add_and_finish(void *argument)
{
    struct storm *storm = (struct storm *)argument;
    uint64_t random = sow_next(storm);
    while (!is_over(storm)) {
        wg_t *wg = any_group(&random);
        note(storm, wg_add(wg, 2) == 0);
        note(storm, wg_done(wg) == 0);
        if (draw(&random, 8) == 0)
            sched_yield();
        note(storm, wg_done(wg) == 0);
    }
    return NULL;
}

static void *wait_in_all_ways(void *argument)
{
    struct storm *storm = (struct storm *)argument;
    uint64_t random = sow_next(storm);
    while (!is_over(storm)) {
        wg_t *wg = any_group(&random);
        note(storm, wg_add(wg, 1) == 0);
        int error = wait_on(wg, draw(&random, 2) == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC);
        note(storm, error == ETIMEDOUT);
        note(storm, wg_done(wg) == 0);
        /* The others' tasks do not wait for anything, so this one ends. */
        note(storm, wg_wait(wg) == 0);
    }
    return NULL;
}

static void *hold_locks(void *argument)
{
    struct storm *storm = (struct storm *)argument;
    uint64_t random = sow_next(storm);
    while (!is_over(storm)) {
        struct wg_bucket *bucket = wg_lot_lock(wg_sema_of(any_group(&random)));
        for (volatile uint64_t i = draw(&random, 4096); i > 0; i--)
            continue;
        wg_lot_unlock(bucket);
        sched_yield();
    }
    return NULL;
}

static void *cancel_waiters(void *argument)
{
    struct storm *storm = (struct storm *)argument;
    uint64_t random = sow_next(storm);
    while (!is_over(storm)) {
        wg_t *wg = any_group(&random);
        pthread_t waiters[2];
        note(storm, wg_add(wg, 1) == 0);
        for (size_t i = 0; i < COUNT(waiters); i++)
            waiters[i] = start(wait_for, wg);
        sched_yield();
        pthread_cancel(waiters[0]);
        note(storm, wg_done(wg) == 0);
        for (size_t i = 0; i < COUNT(waiters); i++) {
            void *result;
            note(storm, pthread_join(waiters[i], &result) == 0);
            note(storm, result == NULL || (i == 0 && result == PTHREAD_CANCELED));
        }
    }
    return NULL;
}

static void test_in_the_middle_of_everything(void **state)
{
    (void)state;
    struct storm storm = {0};
    pthread_t threads[] = {
        start(add_and_finish, &storm),   start(add_and_finish, &storm),
        start(wait_in_all_ways, &storm), start(wait_in_all_ways, &storm),
        start(wait_in_all_ways, &storm), start(hold_locks, &storm),
        start(cancel_waiters, &storm),
    };
    const time_t end = time(NULL) + MOST_SECONDS;
    bool works = true;
    for (size_t i = 0; works && i < FORKS && (i < FEWEST_FORKS || time(NULL) < end); i++)
        works = run_in_child(use_everything, &i);
    __atomic_store_n(&storm.over, true, __ATOMIC_RELAXED);
    for (size_t i = 0; i < COUNT(threads); i++)
        join(threads[i]);
    assert_true(works);
    assert_int_equal(storm.results, 0);
    assert_int_equal(misuses, 0);
    for (size_t i = 0; i < buckets; i++)
        assert_true(is_idle(everywhere[i]));
}

#    endif /* FORKS_AT_ANY_TIME */

/*
 * By hand: what the other threads are in the middle of is known.
 */

/* A thread that holds a bucket's lock until it is told to let go. */
struct holder {
    const void *key;
    int stage; /* atomic: 1 when it holds the lock, 2 when it shall let go */
};

static void *hold_lock(void *argument)
{
    struct holder *holder = (struct holder *)argument;
    struct wg_bucket *bucket = wg_lot_lock(holder->key);
    __atomic_store_n(&holder->stage, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&holder->stage, __ATOMIC_ACQUIRE) != 2)
        sched_yield();
    wg_lot_unlock(bucket);
    return NULL;
}

static void use_all_ways(void *argument)
{
    wg_t *wg = (wg_t *)argument;
    for (size_t way = 0; way < 16; way++) {
        use_old(wg, way);
        use_alone(wg, CLOCK_MONOTONIC);
    }
    if (THREADS_IN_CHILD)
        use_with_threads(wg, 0);
}

static void test_lock_is_held(void **state)
{
    (void)state;
    wg_t wg = WG_INITIALIZER;
    struct holder holder = {wg_sema_of(&wg), 0};
    pthread_t thread = start(hold_lock, &holder);
    while (__atomic_load_n(&holder.stage, __ATOMIC_ACQUIRE) != 1)
        sched_yield();
    bool works = run_in_child(use_all_ways, &wg);
    __atomic_store_n(&holder.stage, 2, __ATOMIC_RELEASE);
    join(thread);
    assert_true(works);
    use_alone(&wg, CLOCK_REALTIME);
}

/* The same with the locks of all buckets. */
static void test_all_locks_are_held(void **state)
{
    (void)state;
    enum { MOST = 512 };
    static struct holder holders[MOST];
    static pthread_t threads[MOST];
    size_t way = 1;
    assert_true(buckets >= 1 && buckets <= MOST);
    for (size_t i = 0; i < buckets; i++) {
        holders[i] = (struct holder){wg_sema_of(everywhere[i]), 0};
        threads[i] = start(hold_lock, &holders[i]);
        while (__atomic_load_n(&holders[i].stage, __ATOMIC_ACQUIRE) != 1)
            sched_yield();
    }
    bool works = run_in_child(use_everything, &way);
    for (size_t i = 0; i < buckets; i++)
        __atomic_store_n(&holders[i].stage, 2, __ATOMIC_RELEASE);
    for (size_t i = 0; i < buckets; i++)
        join(threads[i]);
    assert_true(works);
}

/* Waiters of the parent, on a group with a task or two. */
struct parked {
    wg_t wg;
    pthread_t threads[20];
    size_t count;
};

static void park(struct parked *parked, int tasks, size_t count)
{
    wg_init(&parked->wg);
    wg_add(&parked->wg, tasks);
    parked->count = count;
    for (size_t i = 0; i < count; i++)
        parked->threads[i] = start(wait_for, &parked->wg);
    until_parked(&parked->wg, (uint32_t)count);
}

static void join_parked(struct parked *parked)
{
    for (size_t i = 0; i < parked->count; i++)
        join(parked->threads[i]);
    assert_true(is_idle(&parked->wg));
}

/* The first use of the lot in a child finds nothing there, in the queue or on its way out
 * of it: what is taken is one's own, and nobody else is to be woken. */
static void find_lot_empty(void *argument)
{
    wg_t *wg = (wg_t *)argument;
    const void *key = wg_sema_of(wg);
    struct wg_waiter self;
    wg_parker_init(&self.parker, CLOCK_REALTIME);
    struct wg_bucket *bucket = wg_lot_lock(key);
    struct wg_waiter **queue = wg_lot_find(bucket, key);
    REQUIRE(*queue == NULL);
    wg_lot_enqueue(bucket, key, &self);
    REQUIRE(*queue == &self);
    wg_lot_take(bucket, queue);
    REQUIRE(self.next == &self);
    wg_lot_release(bucket, key);
    REQUIRE(!self.more);
    REQUIRE(wg_lot_park(&self, CLOCK_REALTIME, NULL) == 0);
    wg_parker_destroy(&self.parker);
}

static void use_stale(void *argument)
{
    struct parked *parked = (struct parked *)argument;
    find_lot_empty(&parked->wg);
    REQUIRE(waiters_of(&parked->wg) == parked->count);
    bring_to_0(&parked->wg);
    if (THREADS_IN_CHILD)
        use_with_threads(&parked->wg, (uint32_t)parked->count);
    use_all_ways(&parked->wg);
}

static void test_waiters_are_parked(void **state)
{
    (void)state;
    struct parked parked;
    park(&parked, 1, COUNT(parked.threads));
    bool works = run_in_child(use_stale, &parked);
    uint32_t waiters = waiters_of(&parked.wg);
    wg_done(&parked.wg);
    join_parked(&parked);
    assert_true(works);
    assert_int_equal(waiters, parked.count);
}

/* All have been taken, and none has been cut.  The child knows nothing of it. */
static void use_released(void *argument)
{
    struct parked *parked = (struct parked *)argument;
    find_lot_empty(&parked->wg);
    REQUIRE(is_idle(&parked->wg));
    use_all_ways(&parked->wg);
}

static void test_release_is_under_way(void **state)
{
    (void)state;
    struct parked parked;
    park(&parked, 1, COUNT(parked.threads));
    wg_word *word = wg_word_of(&parked.wg);
    wg_word_add(word, wg_word_tasks(-1));

    const void *key = wg_sema_of(&parked.wg);
    struct wg_bucket *bucket = wg_lot_lock(key);
    assert_true(wg_word_end_round(word, wg_word_load(word)));
    struct wg_waiter **queue = wg_lot_find(bucket, key);
    if (*queue != NULL)
        wg_lot_take(bucket, queue);
    wg_lot_unlock(bucket);
    bool works = run_in_child(use_released, &parked);
    wg_lot_lock(key);
    wg_lot_release(bucket, key);
    join_parked(&parked);
    assert_true(works);
}

/* A wg_done() that has brought the counter to 0 and has not ended the round yet: in the
 * child, it never will. */
static void test_end_is_under_way(void **state)
{
    (void)state;
    struct parked parked;
    park(&parked, 1, COUNT(parked.threads));
    wg_word_add(wg_word_of(&parked.wg), wg_word_tasks(-1));
    bool works = run_in_child(use_stale, &parked);
    uint32_t waiters = waiters_of(&parked.wg);
    assert_int_equal(wg_wait(&parked.wg), 0);
    join_parked(&parked);
    assert_true(works);
    assert_int_equal(waiters, parked.count);
}

/*
 * Each call, on a group whose word shows waiters that are in the parent.
 */

enum { TASKS = 2, STALE = 3 };

static void call_init(wg_t *wg)
{
    REQUIRE(wg_init(wg) == 0);
    REQUIRE(is_idle(wg));
}

static void call_add(wg_t *wg)
{
    REQUIRE(wg_add(wg, 5) == 0);
    REQUIRE(wg_count(wg) == TASKS + 5);
    REQUIRE(wg_add(wg, -5 - TASKS) == 0);
    REQUIRE(wg_count(wg) == 0);
    REQUIRE(wg_add(wg, 1) == 0);
    REQUIRE(wg_done(wg) == 0);
}

static void call_done(wg_t *wg)
{
    REQUIRE(wg_done(wg) == 0);
    REQUIRE(wg_count(wg) == 1);
    REQUIRE(wg_done(wg) == 0);
    REQUIRE(wg_count(wg) == 0);
    /* One too many is a misuse as ever, and undone. */
    uint64_t before = wg_word_load(wg_word_of(wg));
    REQUIRE(wg_done(wg) == EINVAL);
    REQUIRE(misuses == 1);
    REQUIRE(wg_word_load(wg_word_of(wg)) == before);
}

static void call_wait(wg_t *wg)
{
    bring_to_0(wg);
    REQUIRE(wg_wait(wg) == 0);
    REQUIRE(is_idle(wg));
}

static void call_trywait(wg_t *wg)
{
    REQUIRE(wg_trywait(wg) == EBUSY);
    bring_to_0(wg);
    REQUIRE(wg_trywait(wg) == 0);
    REQUIRE(is_idle(wg));
}

static void call_timedwait(wg_t *wg)
{
    struct timespec deadline = from_now(CLOCK_REALTIME, MOMENT_NS);
    REQUIRE(wg_timedwait(wg, &deadline) == ETIMEDOUT);
    REQUIRE(wg_count(wg) == TASKS);
    REQUIRE(!is_queued(wg));
    bring_to_0(wg);
    REQUIRE(wg_timedwait(wg, &deadline) == 0);
    REQUIRE(is_idle(wg));
}

static void call_clockwait_on(wg_t *wg, clockid_t clock)
{
    REQUIRE(wait_on(wg, clock) == ETIMEDOUT);
    REQUIRE(wg_count(wg) == TASKS);
    REQUIRE(!is_queued(wg));
    bring_to_0(wg);
    REQUIRE(wait_on(wg, clock) == 0);
    REQUIRE(is_idle(wg));
}

static void call_clockwait_realtime(wg_t *wg)
{
    call_clockwait_on(wg, CLOCK_REALTIME);
}

static void call_clockwait_monotonic(wg_t *wg)
{
    call_clockwait_on(wg, CLOCK_MONOTONIC);
}

static void call_reltimedwait(wg_t *wg)
{
    const struct timespec durations[] = {{0, MOMENT_NS}, {0, 0}, {-1, 0}};
    for (size_t i = 0; i < COUNT(durations); i++)
        REQUIRE(wg_reltimedwait(wg, &durations[i]) == ETIMEDOUT);
    REQUIRE(wg_count(wg) == TASKS);
    REQUIRE(!is_queued(wg));
    bring_to_0(wg);
    REQUIRE(wg_reltimedwait(wg, &durations[0]) == 0);
    REQUIRE(is_idle(wg));
}

static void call_tryadd(wg_t *wg)
{
    REQUIRE(wg_tryadd(wg, 2) == 0);
    REQUIRE(wg_count(wg) == TASKS + 2);
    bring_to_0(wg);
    REQUIRE(wg_tryadd(wg, 1) == 0);
    REQUIRE(wg_done(wg) == 0);
}

static void call_done_last(wg_t *wg)
{
    for (int n = TASKS; n > 0; n--)
        REQUIRE(wg_done_last(wg) == (n == 1 ? WG_LAST : 0));
    REQUIRE(wg_tryadd(wg, 1) == 0);
    REQUIRE(wg_done_last(wg) == WG_LAST);
}

/* It stays closed when it becomes idle, and can be destroyed. */
static void find_closed(wg_t *wg)
{
    REQUIRE(wg_word_load(wg_word_of(wg)) == WG_CLOSED && !is_queued(wg));
    REQUIRE(wg_tryadd(wg, 1) == ECANCELED);
    REQUIRE(wg_init(wg) == 0);
}

static void call_close(wg_t *wg)
{
    REQUIRE(wg_close(wg) == 0);
    REQUIRE(wg_tryadd(wg, 1) == ECANCELED);
    for (int n = TASKS; n > 0; n--)
        REQUIRE(wg_done_last(wg) == (n == 1 ? WG_DRAINED : 0));
    REQUIRE(wg_wait(wg) == 0);
    find_closed(wg);
}

static void call_close_at_0(wg_t *wg)
{
    bring_to_0(wg);
    REQUIRE(wg_close(wg) == WG_DRAINED);
    REQUIRE(wg_trywait(wg) == 0);
    find_closed(wg);
}

static void call_destroy_closed(wg_t *wg)
{
    REQUIRE(wg_close(wg) == 0);
    REQUIRE(wg_destroy(wg) == EBUSY);
    bring_to_0(wg);
    REQUIRE(wg_destroy(wg) == 0);
    REQUIRE(wg_close(wg) == EINVAL);
    REQUIRE(misuses == 1);
    REQUIRE(wg_init(wg) == 0);
}

static void call_count(wg_t *wg)
{
    REQUIRE(wg_count(wg) == TASKS);
}

static void call_destroy(wg_t *wg)
{
    REQUIRE(wg_destroy(wg) == EBUSY);
    REQUIRE(wg_count(wg) == TASKS);
    bring_to_0(wg);
    REQUIRE(wg_destroy(wg) == 0);
    REQUIRE(wg_wait(wg) == EINVAL);
    REQUIRE(misuses == 1);
    REQUIRE(wg_init(wg) == 0);
}

static void add_1(void *value)
{
    __atomic_fetch_add((int *)value, 1, __ATOMIC_RELAXED);
}

static void call_go(wg_t *wg)
{
    int value = 0;
    bring_to_0(wg);
    for (int i = 0; THREADS_IN_CHILD && i < 4; i++)
        REQUIRE(wg_go(wg, add_1, &value) == 0);
    REQUIRE(wg_wait(wg) == 0);
    REQUIRE(value == (THREADS_IN_CHILD ? 4 : 0));
    REQUIRE(is_idle(wg));
}

static void (*const calls[])(wg_t *) = {
    call_init,
    call_add,
    call_done,
    call_wait,
    call_trywait,
    call_timedwait,
    call_count,
    call_destroy,
    call_clockwait_realtime,
    call_clockwait_monotonic,
    call_reltimedwait,
    call_tryadd,
    call_done_last,
    call_close,
    call_close_at_0,
    call_destroy_closed,
    call_go,
};

static void call_each(void *argument)
{
    struct parked *parked = (struct parked *)argument;
    for (size_t i = 0; i < COUNT(calls); i++) {
        misuses = 0;
        calls[i](&parked[i].wg);
        use_all_ways(&parked[i].wg);
    }
}

static void test_each_call_with_stale_waiters(void **state)
{
    (void)state;
    static struct parked parked[COUNT(calls)];
    for (size_t i = 0; i < COUNT(parked); i++)
        park(&parked[i], TASKS, STALE);
    bool works = run_in_child(call_each, parked);
    for (size_t i = 0; i < COUNT(parked); i++) {
        works = works && waiters_of(&parked[i].wg) == STALE;
        assert_int_equal(wg_add(&parked[i].wg, -TASKS), 0);
        join_parked(&parked[i]);
    }
    assert_true(works);
}

/* And the child's child. */
static void fork_again(void *argument)
{
    struct parked *parked = (struct parked *)argument;
    int status;
    pid_t child = fork();
    REQUIRE(child != -1);
    if (child == 0) {
        alarm(60); /* it has not inherited the child's */
        use_stale(parked);
        _exit(0);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    use_stale(parked);
}

static void test_child_of_a_child(void **state)
{
    (void)state;
    struct parked parked;
    park(&parked, 1, COUNT(parked.threads));
    bool works = run_in_child(fork_again, &parked);
    wg_done(&parked.wg);
    join_parked(&parked);
    assert_true(works);
}

/*
 * What a fork costs: how many pages the child has to copy before it comes to its own work.
 * Measured in processes of their own, before anything else here uses the library.
 */
static int page_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int)usage.ru_minflt;
}

/* The fewest of several children. */
static int fewest_faults(void)
{
    int fewest = page_faults();
    for (int i = 0; i < 20; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0)
            _exit(page_faults());
        if (child != -1 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
            WEXITSTATUS(status) < fewest)
            fewest = WEXITSTATUS(status);
    }
    return fewest;
}

static void use_nothing(void)
{
}

static void park_nobody(void)
{
    static wg_t wg = WG_INITIALIZER;
    wg_add(&wg, 1);
    wg_done(&wg);
    wg_wait(&wg);
}

static void use_all_buckets(void)
{
    find_buckets();
    use_alone(everywhere[0], CLOCK_REALTIME);
}

enum { SLEEPERS = 100 };

static int asleep; /* atomic */

static void *sleep_elsewhere(void *fd)
{
    char byte;
    __atomic_fetch_add(&asleep, 1, __ATOMIC_RELAXED);
    return (void *)(intptr_t)read(*(int *)fd, &byte, 1);
}

static void start_sleepers(void)
{
    int fds[2];
    REQUIRE(pipe(fds) == 0);
    for (int i = 0; i < SLEEPERS; i++)
        start(sleep_elsewhere, &fds[0]);
    while (__atomic_load_n(&asleep, __ATOMIC_RELAXED) != SLEEPERS)
        sched_yield();
}

static void park_in_many_buckets(void)
{
    find_buckets();
    for (size_t i = 0; i < SLEEPERS; i++) {
        wg_add(everywhere[i], 1);
        start(wait_for, everywhere[i]);
        until_queued(everywhere[i], 1);
    }
}

/* That of a child of a process that has done so; -1 if it could not be measured. */
static int faults_after(void (*use)(void))
{
    int status = -1;
    pid_t process = fork();
    if (process == 0) {
        alarm(60);
        use();
        _exit(fewest_faults());
    }
    return process != -1 && waitpid(process, &status, 0) == process && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : -1;
}

static struct {
    int unused, nobody_parked, used, asleep, parked;
} faults;

static void measure_faults(void)
{
    if (SANITIZED || !THREADS_IN_CHILD)
        return;
    faults.unused = faults_after(use_nothing);
    faults.nobody_parked = faults_after(park_nobody);
    faults.used = faults_after(use_all_buckets);
    faults.asleep = faults_after(start_sleepers);
    faults.parked = faults_after(park_in_many_buckets);
    printf("# page faults in a child: %d, nobody parked %d, all buckets used %d; "
           "with %d threads %d, parked %d\n",
           faults.unused, faults.nobody_parked, faults.used, SLEEPERS, faults.asleep,
           faults.parked);
}

static void test_page_faults(void **state)
{
    (void)state;
    assert_true(faults.unused >= 0);
    assert_int_equal(faults.nobody_parked, faults.unused);
    /* The flag and the generation may lie on two pages, and the C library has handlers to
     * call.  The table alone has sixteen pages. */
    assert_true(faults.used <= faults.unused + 3);
    assert_true(faults.parked <= faults.asleep + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_faults),
        cmocka_unit_test(test_lock_is_held),
        cmocka_unit_test(test_all_locks_are_held),
        cmocka_unit_test(test_waiters_are_parked),
        cmocka_unit_test(test_release_is_under_way),
        cmocka_unit_test(test_end_is_under_way),
        cmocka_unit_test(test_each_call_with_stale_waiters),
        cmocka_unit_test(test_child_of_a_child),
#    ifdef FORKS_AT_ANY_TIME
        cmocka_unit_test(test_in_the_middle_of_everything),
#    endif
    };
    prepare_load();
    measure_faults();
    wg_set_misuse_handler(note_misuse);
    find_buckets();
    return RUN_TESTS(tests);
}

#endif
