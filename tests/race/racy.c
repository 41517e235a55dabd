/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * racy.c - mistakes that a race detector has to report
 *
 * In each case two threads meet in the payload, and the group does not order them.  The
 * stages see to it that it happens in every run, in the order in which it is written down.
 */
#include "cases.h"

#include <errno.h>

static volatile int payload; /* the accesses are really made */

static __attribute__((noinline)) void write_payload(int value)
{
    payload = value;
}

static __attribute__((noinline)) int read_payload(void)
{
    return payload;
}

/* Two threads: from this stage on, once both are here, one writes, and then the other.  Not
 * at the same moment, for that is when a detector may miss it. */
static void write_in_turn(int from)
{
    int arrived = next_stage() - from;
    await_stage(from + 2 + arrived);
    write_payload(1);
    next_stage();
}

static wg_t group, other;

/* Each task has finished before main looks, but neither before the other. */
static void *write_and_finish(void *unused)
{
    (void)unused;
    write_in_turn(0);
    wg_done(&group);
    return NULL;
}

static void two_tasks(void)
{
    wg_add(&group, 2);
    pthread_t one = start(write_and_finish, NULL), two = start(write_and_finish, NULL);
    wg_wait(&group);
    read_payload();
    join(one);
    join(two);
}

/* Wait until nobody is inside, then go in: both do. */
static void *enter_and_leave(void *unused)
{
    (void)unused;
    wg_wait(&group);
    next_stage();
    await_stage(2);
    wg_add(&group, 1);
    write_in_turn(2);
    wg_done(&group);
    return NULL;
}

static void group_as_mutex(void)
{
    pthread_t one = start(enter_and_leave, NULL), two = start(enter_and_leave, NULL);
    join(one);
    join(two);
}

/* Main waits for a group that another task has to do with. */
static void *report_to_first(void *unused)
{
    (void)unused;
    write_payload(1);
    wg_done(&group);
    next_stage();
    return NULL;
}

static void *report_to_second(void *unused)
{
    (void)unused;
    await_stage(1);
    wg_done(&other);
    return NULL;
}

static void wait_on_the_wrong_group(void)
{
    wg_add(&group, 1);
    wg_add(&other, 1);
    pthread_t one = start(report_to_first, NULL), two = start(report_to_second, NULL);
    wg_wait(&other);
    read_payload();
    join(one);
    join(two);
}

/* The task adds itself: main has not waited for it. */
static void *add_itself(void *unused)
{
    (void)unused;
    await_stage(1);
    wg_add(&group, 1);
    write_payload(1);
    wg_done(&group);
    return NULL;
}

static void add_in_the_task(void)
{
    pthread_t task = start(add_itself, NULL);
    wg_wait(&group);
    read_payload();
    next_stage();
    join(task);
}

/* What comes after the done is not waited for. */
static void *finish_and_write(void *unused)
{
    (void)unused;
    wg_done(&group);
    write_payload(1);
    next_stage();
    return NULL;
}

static void done_too_early(void)
{
    wg_add(&group, 1);
    pthread_t task = start(finish_and_write, NULL);
    wg_wait(&group);
    await_stage(1);
    read_payload();
    join(task);
}

/* A wait that was given up has waited for nothing, whatever has been done by then. */
static void *write_half(void *unused)
{
    (void)unused;
    write_payload(1);
    wg_done(&group);
    next_stage();
    await_stage(2);
    wg_done(&group);
    return NULL;
}

static void result_of_a_timeout(void)
{
    static const struct timespec past = {0, 0};
    wg_add(&group, 2);
    pthread_t task = start(write_half, NULL);
    await_stage(1);
    require(wg_timedwait(&group, &past) == ETIMEDOUT);
    read_payload();
    next_stage();
    join(task);
}

/* A counter of 0 that has been looked at, and not been waited for. */
static void *write_and_finish_alone(void *unused)
{
    (void)unused;
    write_payload(1);
    wg_done(&group);
    return NULL;
}

static void count_instead_of_wait(void)
{
    wg_add(&group, 1);
    pthread_t task = start(write_and_finish_alone, NULL);
    while (wg_count(&group) != 0)
        sched_yield();
    read_payload();
    join(task);
}

/* A done does not see what others did before theirs, even if it is the last. */
static void *first_half(void *unused)
{
    (void)unused;
    write_payload(1);
    wg_done(&group);
    next_stage();
    return NULL;
}

static void *second_half(void *unused)
{
    (void)unused;
    await_stage(1);
    wg_done(&group);
    read_payload();
    return NULL;
}

static void last_task_sums_up(void)
{
    wg_add(&group, 2);
    pthread_t one = start(first_half, NULL), two = start(second_half, NULL);
    join(two);
    join(one);
}

/* Those that a round has released are not in order among themselves. */
static void *wait_and_write(void *unused)
{
    (void)unused;
    wg_wait(&group);
    write_in_turn(0);
    return NULL;
}

static void two_waiters(void)
{
    wg_add(&group, 1);
    pthread_t one = start(wait_and_write, NULL), two = start(wait_and_write, NULL);
    wg_done(&group);
    join(one);
    join(two);
}

/* The next round's task is waited for by the next wait, not by the last one. */
static void *write_in_next_round(void *unused)
{
    (void)unused;
    write_payload(2);
    next_stage();
    wg_done(&group);
    return NULL;
}

static void result_of_the_last_round(void)
{
    wg_add(&group, 1);
    write_payload(1);
    wg_done(&group);
    wg_wait(&group);
    wg_add(&group, 1);
    pthread_t task = start(write_in_next_round, NULL);
    await_stage(1);
    read_payload();
    wg_wait(&group);
    join(task);
}

/* A task lends a variable of its own thread, and goes on using it. */
static __thread volatile int own[3000]; /* the last is not where a tool may see stack */
static volatile int *lent;

static void lend_own(void *unused)
{
    (void)unused;
    lent = &own[COUNT(own) - 1];
    wg_done(&other);
    *lent = 1;
    next_stage();
    await_stage(2);
}

static void variable_of_a_task(void)
{
    wg_add(&other, 1);
    require(wg_go(&group, lend_own, NULL) == 0);
    wg_wait(&other);
    await_stage(1);
    *lent = 2;
    next_stage();
    wg_wait(&group);
}

/* Of a task that is not the last, nothing is said: it has not seen what others did
 * before theirs. */
static void *second_of_three(void *unused)
{
    (void)unused;
    await_stage(1);
    require(wg_done_last(&group) == 0);
    read_payload();
    next_stage();
    return NULL;
}

static void not_the_last_task(void)
{
    wg_add(&group, 3);
    pthread_t one = start(first_half, NULL), two = start(second_of_three, NULL);
    await_stage(2);
    require(wg_done_last(&group) == WG_LAST);
    join(two);
    join(one);
}

/* What the last task does after it was told so is in no order with what the
 * others do then. */
static void *finish_and_go_on(void *unused)
{
    (void)unused;
    require(wg_done_last(&group) == 0);
    write_payload(1);
    next_stage();
    return NULL;
}

static void *finish_last(void *unused)
{
    (void)unused;
    await_stage(1);
    require(wg_done_last(&group) == WG_LAST);
    read_payload();
    return NULL;
}

static void done_too_early_for_the_last(void)
{
    wg_add(&group, 2);
    pthread_t one = start(finish_and_go_on, NULL), two = start(finish_last, NULL);
    join(two);
    join(one);
}

/* A refusal sees the close, and not what tasks have done. */
static void *come_late(void *unused)
{
    (void)unused;
    await_stage(1);
    require(wg_tryadd(&group, 1) == ECANCELED);
    read_payload();
    return NULL;
}

static void work_seen_by_the_refused(void)
{
    wg_init(&group);
    wg_add(&group, 1);
    pthread_t late = start(come_late, NULL);
    require(wg_close(&group) == 0);
    pthread_t task = start(first_half, NULL);
    join(late);
    join(task);
}

/* Nor what comes after the close. */
static void close_too_early(void)
{
    wg_init(&group);
    pthread_t late = start(come_late, NULL);
    require(wg_close(&group) == WG_DRAINED);
    write_payload(1);
    next_stage();
    join(late);
}

/* A close that finds tasks has not waited for them, nor for those that have ended. */
static void close_instead_of_wait(void)
{
    wg_init(&group);
    wg_add(&group, 2);
    pthread_t one = start(first_half, NULL);
    await_stage(1);
    require(wg_close(&group) == 0);
    read_payload();
    wg_done(&group);
    join(one);
}

/* Who comes in has seen nothing of those who were in before. */
static void *come_in(void *unused)
{
    (void)unused;
    await_stage(1);
    require(wg_tryadd(&group, 1) == 0);
    read_payload();
    wg_done(&group);
    return NULL;
}

static void come_in_one_by_one(void)
{
    wg_init(&group);
    wg_add(&group, 1);
    pthread_t one = start(first_half, NULL), two = start(come_in, NULL);
    join(two);
    join(one);
}

/* A flag beside the group: it is set after the close, and another thread has gone
 * by without. */
static void *look_at_a_flag(void *unused)
{
    (void)unused;
    if (wg_tryadd(&group, 1) == 0) {
        next_stage();
        await_stage(2);
        read_payload();
        wg_done(&group);
    }
    return NULL;
}

static void flag_beside_the_group(void)
{
    wg_init(&group);
    pthread_t task = start(look_at_a_flag, NULL);
    await_stage(1);
    require(wg_close(&group) == 0);
    write_payload(1);
    next_stage();
    join(task);
}

static const struct named_case cases[] = {
    {"two_tasks", two_tasks},
    {"group_as_mutex", group_as_mutex},
    {"wait_on_the_wrong_group", wait_on_the_wrong_group},
    {"add_in_the_task", add_in_the_task},
    {"done_too_early", done_too_early},
    {"result_of_a_timeout", result_of_a_timeout},
    {"count_instead_of_wait", count_instead_of_wait},
    {"last_task_sums_up", last_task_sums_up},
    {"two_waiters", two_waiters},
    {"result_of_the_last_round", result_of_the_last_round},
    {"variable_of_a_task", variable_of_a_task},
    {"not_the_last_task", not_the_last_task},
    {"done_too_early_for_the_last", done_too_early_for_the_last},
    {"work_seen_by_the_refused", work_seen_by_the_refused},
    {"close_too_early", close_too_early},
    {"close_instead_of_wait", close_instead_of_wait},
    {"come_in_one_by_one", come_in_one_by_one},
    {"flag_beside_the_group", flag_beside_the_group},
};

int main(int argc, char **argv)
{
    return run_cases(cases, COUNT(cases), argc, argv);
}
