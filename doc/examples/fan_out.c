/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * fan_out.c - start workers in a loop, print their results as they come, wait
 * for all of them
 *
 * Each worker counts the prime numbers up to a limit of its own, so that they finish in
 * another order than they were started in.
 *
 *     cc fan_out.c $(pkg-config --cflags --libs waitgroup) -pthread -o fan_out
 *     ./fan_out          # ten workers
 *     ./fan_out 25
 *
 * Exit status: 0, 1 if not all workers could be started or the results could not be
 * written, 2 if called in a wrong way.
 *
 * What it shows: the group need not know how many tasks there will be; wg_go() adds
 * each one, starts it in a thread of its own, and reports when it has ended.  No thread
 * is joined: the group, which lies on the stack of main(), is all that is needed to
 * wait for them.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <waitgroup.h>

#define DEFAULT_WORKERS 10

struct task {
    int number;
    int limit;
};

static bool is_prime(int n)
{
    if (n < 4)
        return n > 1;
    if (n % 2 == 0)
        return false;
    for (int divisor = 3; divisor <= n / divisor; divisor += 2)
        if (n % divisor == 0)
            return false;
    return true;
}

static int count_primes(int limit)
{
    int count = 0;
    for (int n = 2; n <= limit; n++)
        count += is_prime(n);
    return count;
}

static void work(void *argument)
{
    struct task *task = argument;
    int primes = count_primes(task->limit);

    /* One call for the whole line: stdio locks the stream for a call, so that the lines of
     * two workers never mix. */
    printf("worker %d: %d primes up to %d\n", task->number, primes, task->limit);
    free(task);
}

/* Returns 0 or an error number. */
static int start(wg_t *group, int number)
{
    struct task *task = malloc(sizeof *task);
    if (task == NULL)
        return ENOMEM;
    /* The limits are multiples of 50000 up to 500000; 7 and 10 have no common divisor, so
     * ten workers in a row have ten different ones. */
    *task = (struct task){number, 50000 * (1 + number % 10 * 7 % 10)};

    int error = wg_go(group, work, task);
    if (error != 0)
        free(task);
    return error;
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) +
           1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

static bool parse_count(const char *text, int *count)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > INT_MAX)
        return false;
    *count = (int)value;
    return true;
}

int main(int argc, char **argv)
{
    int count = DEFAULT_WORKERS;
    if (argc > 2 || (argc == 2 && !parse_count(argv[1], &count))) {
        fprintf(stderr, "usage: fan_out [number of workers, default %d]\n",
                DEFAULT_WORKERS);
        return 2;
    }

    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);

    wg_t group = WG_INITIALIZER;
    int started = 0;
    int error = 0;
    while (started < count && (error = start(&group, started)) == 0)
        started++;
    if (error != 0)
        fprintf(stderr, "fan_out: cannot start worker %d: %s\n", started, strerror(error));

    wg_wait(&group);
    printf("%d worker%s in %.3f s\n", started, started == 1 ? "" : "s",
           seconds_since(&begin));

    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "fan_out: cannot write the results\n");
        return 1;
    }
    return error != 0;
}
