/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * leaders.c - several threads wait for the same group, which is used again
 * round after round
 *
 * A ring of cells is heated in one place, and the heat spreads.  In each round the workers
 * compute the next state of the ring from the last one, each worker its own part of it, and
 * report to a group.  Three leaders wait for that group; each of them examines the whole
 * ring after every round: no heat may be lost, the hottest cell must not get hotter nor the
 * coldest one colder.  In the end the result is compared with that of a single thread.
 *
 *     cc leaders.c $(pkg-config --cflags --libs waitgroup) -pthread -o leaders
 *     ./leaders          # ten rounds
 *     ./leaders 1000
 *
 * Exit status: 0, 1 if a result is wrong or could not be written, 2 if called in a wrong
 * way or for want of memory or threads.
 *
 * What it shows: the first leader that returns from wg_wait() opens the next round at once,
 * with nothing but wg_add(), no matter where the other leaders are.  They may be parked in
 * wg_wait() still, on their way out of it, or not even in it yet:
 *
 *   - Those that are parked return, as the end of their round has released them.
 *   - One that comes late may find the counter raised again, and then waits for the next
 *     round as well.  It wakes up later than it could have, which does no harm, because
 *     the states are kept: what a leader is going to read is never overwritten by a later
 *     round.  A program that cannot keep them needs a second group, on which the leaders
 *     report that they have finished reading, and which is waited for before the next
 *     round is opened.
 *
 * No leader can run ahead of its round.  It waits for a round only after it has opened that
 * round itself, or has found it open under the lock; so the wg_add() of the round happens
 * before its wg_wait(), and this cannot return on the 0 of an earlier round.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <waitgroup.h>

#define WORKERS 4
#define LEADERS 3
#define CELLS 64 /* a multiple of WORKERS */
#define DEFAULT_ROUNDS 10
#define MAX_ROUNDS 100000

struct ring {
    int64_t cells[CELLS];
};

struct team {
    /* The workers that have not finished the open round. */
    wg_t working;

    /* states[r] is the ring after round r, complete once the leaders have been released.
     * It is written in round r only. */
    struct ring *states;
    int rounds;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Owned by the lock. */
    int open;      /* the newest round that has been opened, 0 for none */
    bool given_up; /* the first round will never be opened */
};

struct member {
    struct team *team;
    int number;
    pthread_t thread;
    bool correct; /* leaders: so were all the states examined */
};

/*
 * The computation.
 */

/* Each cell keeps one half of its heat and passes the other one to its right neighbour. */
static void spread(const struct ring *from, struct ring *to, int begin, int end)
{
    for (int i = begin; i < end; i++) {
        int64_t kept = from->cells[i] - from->cells[i] / 2;
        int64_t received = from->cells[(i + CELLS - 1) % CELLS] / 2;
        to->cells[i] = kept + received;
    }
}

struct summary {
    int64_t total, coldest, hottest;
};

static struct summary summarize(const struct ring *ring)
{
    struct summary s = {0, ring->cells[0], ring->cells[0]};
    for (int i = 0; i < CELLS; i++) {
        int64_t heat = ring->cells[i];
        s.total += heat;
        if (heat < s.coldest)
            s.coldest = heat;
        if (heat > s.hottest)
            s.hottest = heat;
    }
    return s;
}

/* No cell is ever 0, so one that has not been computed yet is missing from the total. */
static void heat_up(struct ring *ring)
{
    for (int i = 0; i < CELLS; i++)
        ring->cells[i] = 1;
    ring->cells[0] = 1000000;
}

/*
 * The rounds.
 */

/* Open a round, unless somebody has, or there is none left.  The one before must be over.
 * Returns the newest round that is open, and says whether this call has opened it. */
static int open_round(struct team *team, int round, bool *opened)
{
    pthread_mutex_lock(&team->lock);
    *opened = team->open < round && round <= team->rounds;
    if (*opened) {
        wg_add(&team->working, WORKERS);
        team->open = round;
        pthread_cond_broadcast(&team->changed);
    }
    int newest = team->open;
    pthread_mutex_unlock(&team->lock);
    return newest;
}

/* Wait until a round is open; false if it never will be. */
static bool await_round(struct team *team, int round)
{
    pthread_mutex_lock(&team->lock);
    while (team->open < round && !team->given_up)
        pthread_cond_wait(&team->changed, &team->lock);
    bool is_open = team->open >= round;
    pthread_mutex_unlock(&team->lock);
    return is_open;
}

static void give_up(struct team *team)
{
    pthread_mutex_lock(&team->lock);
    team->given_up = true;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

static void *work(void *argument)
{
    const struct member *self = argument;
    struct team *team = self->team;
    int begin = CELLS / WORKERS * self->number;
    int end = begin + CELLS / WORKERS;

    /* The last state is complete, with the parts of all the other workers: a leader has
     * seen it complete before it opened this round. */
    for (int round = 1; round <= team->rounds && await_round(team, round); round++) {
        spread(&team->states[round - 1], &team->states[round], begin, end);
        wg_done(&team->working);
    }
    return NULL;
}

static void *lead(void *argument)
{
    struct member *self = argument;
    struct team *team = self->team;
    if (!await_round(team, 1))
        return NULL;

    struct summary last = summarize(&team->states[0]);
    for (int round = 1; round <= team->rounds; round++) {
        wg_wait(&team->working);
        bool is_opener;
        int newest = open_round(team, round + 1, &is_opener);

        /* The workers are busy with the next round by now; this one's state stays. */
        struct summary now = summarize(&team->states[round]);
        bool correct = now.total == last.total && now.coldest >= last.coldest &&
                       now.hottest <= last.hottest;
        char next[48];
        if (is_opener)
            snprintf(next, sizeof next, "opens round %d", newest);
        else if (newest > round)
            snprintf(next, sizeof next, "finds round %d open", newest);
        else
            snprintf(next, sizeof next, "that was the last");
        printf("%5d %7d %12" PRId64 " %8" PRId64 " %8" PRId64 "   %-8s %s\n", round,
               self->number, now.total, now.coldest, now.hottest,
               correct ? "correct" : "WRONG", next);
        if (!correct)
            self->correct = false;
        last = now;
    }
    return NULL;
}

/*
 * The team.
 */

/* Start a member's thread; complains and returns false if that fails. */
static bool start(struct member *member, void *(*run)(void *))
{
    int error = pthread_create(&member->thread, NULL, run, member);
    if (error != 0)
        fprintf(stderr, "leaders: cannot start a thread: %s\n", strerror(error));
    return error == 0;
}

/* Returns the exit status. */
static int run_team(struct team *team)
{
    struct member members[WORKERS + LEADERS];
    int started = 0;
    bool complete = true;
    while (started < WORKERS + LEADERS && complete) {
        bool is_worker = started < WORKERS;
        struct member *member = &members[started];
        member->team = team;
        member->number = is_worker ? started : started - WORKERS;
        member->correct = true;
        complete = start(member, is_worker ? work : lead);
        started += complete;
    }

    bool opened;
    if (complete)
        open_round(team, 1, &opened);
    else
        give_up(team);

    /* The team, and the group in it, are on the stack of the caller.  They stay until every
     * thread that might yet call wg_wait() has ended. */
    bool correct = true;
    for (int i = 0; i < started; i++) {
        pthread_join(members[i].thread, NULL);
        correct = correct && members[i].correct;
    }
    if (!complete)
        return 2;
    if (!correct)
        fprintf(stderr, "leaders: a leader has seen a wrong state\n");
    return !correct;
}

/* The same computation without threads; returns the exit status. */
static int check(const struct team *team)
{
    struct ring now = team->states[0];
    for (int round = 1; round <= team->rounds; round++) {
        struct ring last = now;
        spread(&last, &now, 0, CELLS);
    }
    if (memcmp(&now, &team->states[team->rounds], sizeof now) != 0) {
        fprintf(stderr, "leaders: the last state is wrong\n");
        return 1;
    }
    return 0;
}

static bool parse_rounds(const char *text, int *rounds)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > MAX_ROUNDS)
        return false;
    *rounds = (int)value;
    return true;
}

int main(int argc, char **argv)
{
    struct team team = {
        .working = WG_INITIALIZER,
        .rounds = DEFAULT_ROUNDS,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    if (argc > 2 || (argc == 2 && !parse_rounds(argv[1], &team.rounds))) {
        fprintf(stderr, "usage: leaders [number of rounds, 1 to %d, default %d]\n",
                MAX_ROUNDS, DEFAULT_ROUNDS);
        return 2;
    }

    team.states = calloc((size_t)team.rounds + 1, sizeof *team.states);
    if (team.states == NULL) {
        fprintf(stderr, "leaders: out of memory\n");
        return 2;
    }
    heat_up(&team.states[0]);

    printf(
        "%d workers compute, round by round, how heat spreads in a ring of %d cells.\n"
        "%d leaders wait for each round and check it; the first to return opens the next.\n"
        "\n"
        "round  leader   total heat  coldest  hottest   check    and then\n",
        WORKERS, CELLS, LEADERS);
    int status = run_team(&team);
    if (status == 0)
        status = check(&team);
    free(team.states);

    if (status == 0) {
        printf("%d round%s, %d leaders: all correct\n", team.rounds,
               team.rounds == 1 ? "" : "s", LEADERS);
        if (fflush(stdout) != 0 || ferror(stdout)) {
            fprintf(stderr, "leaders: cannot write the results\n");
            status = 1;
        }
    }
    return status;
}
