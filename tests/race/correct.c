/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * correct.c - correct programs, in which a race detector has nothing to report
 *
 * They rest on what the header promises, and no other synchronization: a thread is joined,
 * where it is, after everything has been looked at.
 */
#include "cases.h"

#include <errno.h>

#include "../../src/word.h" /* to know when threads are parked */

enum { ROUNDS = 20, TASKS = 4, WAITERS = 12, NODES = 48 };

/* A task that reports to a group, and what it leaves there. */
struct task {
    wg_t *wg;
    int result;
};

static void *work(void *argument)
{
    struct task *task = argument;
    task->result = 1;
    wg_done(task->wg);
    return NULL;
}

static pthread_t start_task(struct task *task, wg_t *wg)
{
    *task = (struct task){wg, 0};
    return start(work, task);
}

/* The wait finds the counter at 0: it does not meet any lock or semaphore of the tasks. */
static void wait_when_all_is_done(void)
{
    wg_t wg = WG_INITIALIZER;
    struct task tasks[TASKS];
    pthread_t threads[TASKS];
    wg_add(&wg, TASKS);
    for (int i = 0; i < TASKS; i++)
        threads[i] = start_task(&tasks[i], &wg);
    while (wg_count(&wg) != 0)
        sched_yield();
    require(wg_wait(&wg) == 0);
    for (int i = 0; i < TASKS; i++)
        require(tasks[i].result == 1);
    for (int i = 0; i < TASKS; i++)
        join(threads[i]);
}

/* The wait sleeps, most of the time. */
static void *work_late(void *argument)
{
    const struct timespec a_moment = {0, 1000000};
    nanosleep(&a_moment, NULL); /* not needed for anything but variety */
    return work(argument);
}

static void wait_asleep(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        wg_t wg = WG_INITIALIZER;
        struct task task = {&wg, 0};
        wg_add(&wg, 1);
        pthread_t thread = start(work_late, &task);
        require(wg_wait(&wg) == 0);
        require(task.result == 1);
        join(thread);
    }
}

/* The memory is overwritten, by plain writes, as soon as the wait has returned. */
static void memory_becomes_something_else(void)
{
    static union {
        wg_t wg;
        unsigned char bytes[sizeof(wg_t)];
    } memory;
    for (int i = 0; i < ROUNDS; i++) {
        struct task task;
        wg_init(&memory.wg);
        wg_add(&memory.wg, 1);
        pthread_t thread = start_task(&task, &memory.wg);
        require(wg_wait(&memory.wg) == 0);
        memset(memory.bytes, 0xA5, sizeof memory.bytes);
        require(task.result == 1);
        join(thread);
    }
}

/* On the heap, and freed; the next group is likely to lie in the same place. */
static void memory_is_freed(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct task task;
        wg_t *wg = malloc(sizeof *wg);
        require(wg_init(wg) == 0);
        wg_add(wg, 1);
        pthread_t thread = start_task(&task, wg);
        require(wg_wait(wg) == 0);
        free(wg);
        volatile unsigned char *bytes = malloc(sizeof *wg);
        for (size_t byte = 0; byte < sizeof *wg; byte++)
            bytes[byte] = 0xA5;
        free((void *)bytes);
        join(thread);
    }
}

/* Many wait for one round, more than one thread wakes; each sees all of it. */
static wg_t open_round, seen;
static int in_round;

static void *see_round(void *unused)
{
    (void)unused;
    require(wg_wait(&open_round) == 0);
    require(in_round == 1);
    wg_done(&seen);
    return NULL;
}

static void many_waiters(void)
{
    pthread_t threads[WAITERS];
    in_round = 0;
    wg_add(&open_round, 1);
    wg_add(&seen, WAITERS);
    for (int i = 0; i < WAITERS; i++)
        threads[i] = start(see_round, NULL);
    in_round = 1;
    wg_done(&open_round);
    require(wg_wait(&seen) == 0);
    in_round = 2; /* and main sees that all have seen it */
    for (int i = 0; i < WAITERS; i++)
        join(threads[i]);
}

/* Round after round on one group, with workers that are the same throughout. */
static wg_t started[ROUNDS], finished;
static int number, squares[TASKS];

static void *work_in_rounds(void *argument)
{
    int *square = argument;
    for (int i = 0; i < ROUNDS; i++) {
        require(wg_wait(&started[i]) == 0);
        *square = number * number;
        wg_done(&finished);
    }
    return NULL;
}

static void rounds(void)
{
    pthread_t threads[TASKS];
    for (int i = 0; i < ROUNDS; i++)
        wg_add(&started[i], 1);
    for (int i = 0; i < TASKS; i++)
        threads[i] = start(work_in_rounds, &squares[i]);
    for (int i = 0; i < ROUNDS; i++) {
        wg_add(&finished, TASKS);
        number = i;
        wg_done(&started[i]);
        require(wg_wait(&finished) == 0);
        for (int task = 0; task < TASKS; task++)
            require(squares[task] == i * i);
    }
    for (int i = 0; i < TASKS; i++)
        join(threads[i]);
}

/* One group's waiter is a task of the next: what was done first is seen by the last. */
static wg_t first, second;
static int passed_along;

static void *do_first(void *unused)
{
    (void)unused;
    passed_along = 1;
    wg_done(&first);
    return NULL;
}

static void *do_second(void *unused)
{
    (void)unused;
    require(wg_wait(&first) == 0);
    wg_done(&second);
    return NULL;
}

static void one_after_the_other(void)
{
    passed_along = 0;
    wg_add(&first, 1);
    wg_add(&second, 1);
    pthread_t two = start(do_second, NULL), one = start(do_first, NULL);
    require(wg_wait(&second) == 0);
    require(passed_along == 1);
    join(one);
    join(two);
}

/* Waits that give up, each in its own way, until one does not have to. */
static void waits_that_give_up(void)
{
    const struct timespec past = {0, 0};
    const struct timespec moment = {0, 200000};
    for (int kind = 0; kind < 5; kind++) {
        wg_t wg = WG_INITIALIZER;
        struct task task = {&wg, 0};
        wg_add(&wg, 1);
        pthread_t thread = start(work_late, &task);
        int error;
        do {
            struct timespec soon;
            clock_gettime(CLOCK_MONOTONIC, &soon);
            soon.tv_nsec += 200000;
            soon.tv_sec += soon.tv_nsec / 1000000000;
            soon.tv_nsec %= 1000000000;
            error = kind == 0   ? wg_trywait(&wg)
                    : kind == 1 ? wg_timedwait(&wg, &past)
                    : kind == 2 ? wg_clockwait(&wg, CLOCK_MONOTONIC, &soon)
                    : kind == 3 ? wg_destroy(&wg)
                                : wg_reltimedwait(&wg, &moment);
            require(error == 0 || error == (kind == 0 || kind == 3 ? EBUSY : ETIMEDOUT));
        } while (error != 0);
        require(task.result == 1);
        memset(&wg, 0xA5, sizeof wg);
        join(thread);
    }
}

/* Released while its deadline is far away. */
static void deadlines_that_are_not_met(void)
{
    struct timespec far;
    clock_gettime(CLOCK_MONOTONIC, &far);
    far.tv_sec += 3600;
    for (int i = 0; i < ROUNDS; i++) {
        wg_t wg = WG_INITIALIZER;
        struct task task = {&wg, 0};
        wg_add(&wg, 1);
        pthread_t thread = start(work_late, &task);
        require(wg_clockwait(&wg, CLOCK_MONOTONIC, &far) == 0);
        require(task.result == 1);
        join(thread);
    }
}

/* Tasks that start tasks, in threads that nobody joins: the C library hands their stacks
 * and their thread-local variables on from one to another while all this goes on. */
struct node {
    int number, children;
    struct node *tree;
    int grown;
};
static wg_t forest;

/* On several pages, so that not all of them are on the one where the stack begins. */
static __thread volatile int own[3000];

static void look_at_own(int value)
{
    for (size_t i = 0; i < COUNT(own); i += 100) {
        require(own[i] == 0);
        own[i] = value;
    }
    errno = value;
}

static void grow(void *argument)
{
    struct node *node = argument, *tree = node->tree;
    volatile int below[100] = {0};
    look_at_own(node->number + 1);
    for (size_t i = 0; i < COUNT(below); i++)
        below[i] = node->number;
    node->grown = below[node->number];
    for (int child = 1; child <= node->children; child++) {
        int next = node->children * node->number + child;
        if (next >= NODES)
            break;
        tree[next] = (struct node){next, node->children, tree, 0};
        require(wg_go(&forest, grow, &tree[next]) == 0);
    }
    require(errno == node->number + 1 && own[0] == errno);
}

static void *look_and_end(void *unused)
{
    look_at_own(1);
    return unused;
}

/* Deep, where each starts the next; a tree; wide; and all of them at once.  DRD counts each
 * thread that nobody joins, and can count to 500. */
static void tasks_that_start_tasks(void)
{
    static const int children[] = {1, 2, NODES / 2, 3, 1};
    static struct node trees[COUNT(children)][NODES];
    for (size_t i = 0; i < COUNT(children); i++) {
        trees[i][0] = (struct node){0, children[i], trees[i], 0};
        require(wg_go(&forest, grow, &trees[i][0]) == 0);
    }
    require(wg_wait(&forest) == 0);
    for (size_t i = 0; i < COUNT(children); i++)
        for (int node = 0; node < NODES; node++)
            require(trees[i][node].grown == node);
    for (int i = 0; i < ROUNDS; i++) /* in what they have left */
        join(start(look_and_end, NULL));
}

/* Tasks get what threads of another sort have left, which they are in no order with.  What
 * is handed on first is the C library's choice, so there are several, joined in either
 * order.  And their stacks are of the size that tasks get, with or without guard pages:
 * without, neighbours are one piece of memory to Valgrind.  (With those of glibc 2.42 and
 * newer, too.) */
static void touch_own(void *unused)
{
    (void)look_and_end(unused);
}

static pthread_attr_t no_guard;

static void *look_together(void *unused)
{
    look_at_own(2);
    next_stage();
    await_stage(TASKS);
    return unused;
}

static void *start_and_join(void *argument)
{
    int way = *(int *)argument;
    pthread_t threads[TASKS];
    for (int i = 0; i < TASKS; i++)
        require(pthread_create(&threads[i], way & 1 ? &no_guard : NULL, look_together,
                               NULL) == 0);
    for (int i = 0; i < TASKS; i++)
        join(threads[way & 2 ? TASKS - 1 - i : i]);
    next_stage();
    return NULL;
}

static void what_other_threads_have_left(void)
{
    size_t stack = 0, guard = 0;
    pthread_attr_init(&no_guard);
    pthread_attr_getstacksize(&no_guard, &stack);
    pthread_attr_getguardsize(&no_guard, &guard);
    pthread_attr_setstacksize(&no_guard, stack + guard);
    pthread_attr_setguardsize(&no_guard, 0);
    for (int way = 0; way < 4; way++) {
        wg_t wg = WG_INITIALIZER;
        first_stage();
        pthread_t other = start(start_and_join, &way);
        await_stage(TASKS + 1);
        for (int i = 0; i < TASKS; i++)
            require(wg_go(&wg, touch_own, NULL) == 0);
        require(wg_wait(&wg) == 0);
        join(other);
    }
    pthread_attr_destroy(&no_guard);
}

/* The group is freed by the first of several waiters while others are still on their way:
 * all were parked.  Only this says so. */
static wg_t *shared;
static int halves[2], sums[WAITERS];

static void *wait_and_sum_up(void *sum)
{
    wg_t *wg = shared;
    require(wg_wait(wg) == 0);
    if (next_stage() % WAITERS == 0)
        free(wg);
    *(int *)sum = halves[0] + halves[1];
    return NULL;
}

static void *do_half(void *half)
{
    *(int *)half += 1;
    wg_done(shared);
    return NULL;
}

static void freed_by_the_first_waiter(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t waiters[WAITERS], tasks[2];
        shared = malloc(sizeof *shared);
        require(wg_init(shared) == 0);
        wg_add(shared, 2);
        for (int waiter = 0; waiter < WAITERS; waiter++)
            waiters[waiter] = start(wait_and_sum_up, &sums[waiter]);
        while (wg_word_waiters(wg_word_load(wg_word_of(shared))) != WAITERS)
            sched_yield();
        for (int task = 0; task < 2; task++)
            tasks[task] = start(do_half, &halves[task]);
        for (int waiter = 0; waiter < WAITERS; waiter++)
            join(waiters[waiter]);
        for (int task = 0; task < 2; task++)
            join(tasks[task]);
        for (int waiter = 0; waiter < WAITERS; waiter++)
            require(sums[waiter] == 2 * (i + 1));
    }
}

/* A count of what is in flight: adds that nothing orders with the waits. */
static wg_t in_flight;

static void *come_and_go(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        require(wg_add(&in_flight, 1) == 0);
        require(wg_done(&in_flight) == 0);
    }
    return NULL;
}

static void drained_now_and_then(void)
{
    pthread_t one = start(come_and_go, NULL), two = start(come_and_go, NULL);
    for (int i = 0; i < ROUNDS; i++)
        require(wg_wait(&in_flight) == 0);
    join(one);
    join(two);
}

/* Nobody waits: the last task has seen what all have done, and frees the group. */
struct part {
    wg_t *wg;
    struct part *all;
    int result;
};
static int sum;

static void *finish_part(void *argument)
{
    struct part *part = argument, *all = part->all;
    part->result = 1;
    int last = wg_done_last(part->wg);
    require(last == 0 || last == WG_LAST || last == WG_DRAINED);
    if (last != 0) {
        wg_t *wg = part->wg;
        free(wg);
        sum = 0;
        for (int i = 0; i < TASKS; i++)
            sum += all[i].result;
        require(sum == TASKS);
    }
    return NULL;
}

static void last_task_sums_up(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t threads[TASKS];
        struct part parts[TASKS];
        wg_t *wg = malloc(sizeof *wg);
        require(wg_init(wg) == 0);
        wg_add(wg, TASKS);
        if (i % 2 == 0)
            require(wg_close(wg) == 0);
        for (int task = 0; task < TASKS; task++) {
            parts[task] = (struct part){wg, parts, 0};
            threads[task] = start(finish_part, &parts[task]);
        }
        for (int task = 0; task < TASKS; task++)
            join(threads[task]);
    }
}

/* A server and its end: what it works with is there for those who come in, and taken down
 * when nobody is in, and nobody will come.  Those who are refused see why. */
static wg_t visitors;
static int *resource, reason;

static void *visit(void *visits)
{
    while (wg_tryadd(&visitors, 1) == 0) {
        __atomic_fetch_add(resource, 1, __ATOMIC_RELAXED);
        wg_done(&visitors);
        ++*(int *)visits;
        sched_yield();
    }
    require(reason == 1);
    return NULL;
}

static void closed_and_waited_for(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        int visits[TASKS] = {0}, value = 0;
        pthread_t threads[TASKS];
        resource = malloc(sizeof *resource);
        *resource = reason = 0;
        wg_init(&visitors);
        for (int task = 0; task < TASKS; task++)
            threads[task] = start(visit, &visits[task]);
        while (i % 2 == 0 && __atomic_fetch_add(resource, 0, __ATOMIC_RELAXED) == 0)
            sched_yield();
        reason = 1;
        require(wg_close(&visitors) != EINVAL);
        require(wg_wait(&visitors) == 0);
        value = *resource;
        *resource = -1;
        free(resource);
        for (int task = 0; task < TASKS; task++) {
            join(threads[task]);
            value -= visits[task];
        }
        require(value == 0);
    }
}

/* A count of references: whoever lets go last, or closes it then, takes down what it was
 * for; and has seen what was there before the close. */
static void let_go_last(int last)
{
    require(last == 0 || last == WG_LAST || last == WG_DRAINED);
    if (last == WG_DRAINED) {
        require(reason == 1);
        *resource = -1;
        free(resource);
        next_stage();
    }
}

static void *refer(void *unused)
{
    while (wg_tryadd(&visitors, 1) == 0) {
        __atomic_fetch_add(resource, 1, __ATOMIC_RELAXED);
        let_go_last(wg_done_last(&visitors));
        sched_yield();
    }
    require(reason == 1);
    return unused;
}

static void closed_and_left(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t threads[TASKS];
        resource = malloc(sizeof *resource);
        *resource = reason = 0;
        wg_init(&visitors);
        for (int task = 0; task < TASKS; task++)
            threads[task] = start(refer, NULL);
        while (i % 2 == 0 && __atomic_fetch_add(resource, 0, __ATOMIC_RELAXED) == 0)
            sched_yield();
        reason = 1;
        let_go_last(wg_close(&visitors));
        for (int task = 0; task < TASKS; task++)
            join(threads[task]);
        require(stage_now() == i + 1);
    }
}

/* A task that nobody may start any more sees why. */
static void come_again(void *unused)
{
    if (wg_go(&visitors, come_again, unused) == ECANCELED)
        require(reason == 1);
}

static void tasks_are_refused(void)
{
    reason = 0;
    wg_init(&visitors);
    require(wg_go(&visitors, come_again, NULL) == 0);
    sched_yield();
    reason = 1;
    require(wg_close(&visitors) == 0);
    require(wg_wait(&visitors) == 0);
}

/* What has been prepared for the misuse handler is seen by it. */
static int prepared;
static wg_t misused;

static void look_away(const wg_t *wg, const char *what)
{
    require(wg == &misused && what != NULL);
}

static void look(const wg_t *wg, const char *what)
{
    look_away(wg, what);
    require(prepared == 1);
    pthread_exit(NULL);
}

static void *misuse(void *unused)
{
    for (;;) {
        require(wg_done(&misused) == EINVAL);
        sched_yield();
    }
    return unused;
}

static void misuse_handler(void)
{
    wg_set_misuse_handler(look_away);
    pthread_t thread = start(misuse, NULL);
    prepared = 1;
    wg_set_misuse_handler(look);
    join(thread);
    wg_set_misuse_handler(NULL);
}

/* And by whoever calls it after having put another one into its place. */
static void note_preparation(const wg_t *wg, const char *what)
{
    (void)wg;
    (void)what;
    require(prepared == 2);
}

static void *prepare(void *unused)
{
    prepared = 2;
    wg_set_misuse_handler(note_preparation);
    return unused;
}

static void handler_before(void)
{
    wg_set_misuse_handler(look_away);
    pthread_t thread = start(prepare, NULL);
    wg_misuse_fn before;
    while ((before = wg_set_misuse_handler(look_away)) == look_away)
        sched_yield();
    before(&misused, "");
    join(thread);
    wg_set_misuse_handler(NULL);
}

static const struct named_case cases[] = {
    {"wait_when_all_is_done", wait_when_all_is_done},
    {"wait_asleep", wait_asleep},
    {"memory_becomes_something_else", memory_becomes_something_else},
    {"memory_is_freed", memory_is_freed},
    {"many_waiters", many_waiters},
    {"rounds", rounds},
    {"one_after_the_other", one_after_the_other},
    {"waits_that_give_up", waits_that_give_up},
    {"deadlines_that_are_not_met", deadlines_that_are_not_met},
    {"what_other_threads_have_left", what_other_threads_have_left},
    {"freed_by_the_first_waiter", freed_by_the_first_waiter},
    {"drained_now_and_then", drained_now_and_then},
    {"last_task_sums_up", last_task_sums_up},
    {"closed_and_waited_for", closed_and_waited_for},
    {"closed_and_left", closed_and_left},
    {"misuse_handler", misuse_handler},
    {"handler_before", handler_before},
    /* The last ones, for DRD gets slower with each thread that nobody has joined. */
    {"tasks_are_refused", tasks_are_refused},
    {"tasks_that_start_tasks", tasks_that_start_tasks},
};

int main(int argc, char **argv)
{
    return run_cases(cases, COUNT(cases), argc, argv);
}
