/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * lot.c - the parking lot
 *
 * The table is fixed: nothing is allocated, and nothing is ever freed that another thread
 * might still look at.  The idea is that of WebKit's ParkingLot and of the semaphore table
 * in Go's runtime.
 *
 * A bucket's queue is a list of rings, one ring for each key: a search for a key passes the
 * first waiters of other keys only, not all of their waiters, and taking a whole ring takes
 * the same time whatever its length.
 *
 * Releasing many waiters: the thread that takes a ring adds it to the bucket's list of those
 * to be woken and wakes a first batch of them.  Each of these wakes a further batch on its way
 * out, and so forth.  A thread that wakes others is often preempted by them, and the fewer it
 * wakes the less that costs; but all processors should be at work, and one that sleeps takes its
 * time to wake.  So the first batch is one more than there are processors, and each that has been
 * woken wakes two others, of which one gets on while the other is on its way; on a single
 * processor, one.  Nobody is forgotten: while the list is not empty, there is a waiter taken from
 * it that has not been through pass_on() yet, since each one that finds the list not empty takes at
 * least one more.
 */
#include <config.h>

#include "lot.h"

#include <pthread.h>

#include "annotate.h"
#include "cpu.h"

#define BUCKET_BITS 8
#define BUCKETS (1 << BUCKET_BITS)

struct wg_bucket {
    pthread_mutex_t lock;
    /* All the rest is owned by the lock. */
    struct wg_waiter *rings; /* the first waiter of each key; others follow by ->other */
    struct wg_waiter *taken; /* a ring: taken from the queue, not woken by anybody yet */
    uint64_t tickets;        /* handed out so far */
} __attribute__((aligned(64)));

/* clang-format off */
#define BUCKET {.lock = PTHREAD_MUTEX_INITIALIZER}
/* clang-format on */
#define BUCKET4 BUCKET, BUCKET, BUCKET, BUCKET
#define BUCKET16 BUCKET4, BUCKET4, BUCKET4, BUCKET4
#define BUCKET64 BUCKET16, BUCKET16, BUCKET16, BUCKET16
static struct wg_bucket table[] = {BUCKET64, BUCKET64, BUCKET64, BUCKET64};
_Static_assert(sizeof table == BUCKETS * sizeof table[0], "an initializer for each bucket");

/* Fibonacci hashing: groups in an array, and at the same place in equal stacks, spread. */
static struct wg_bucket *bucket_of(const void *key)
{
    return &table[((uint64_t)(uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15)) >>
                  (64 - BUCKET_BITS)];
}

struct wg_bucket *wg_lot_lock(const void *key)
{
    struct wg_bucket *bucket = bucket_of(key);
    pthread_mutex_lock(&bucket->lock);
    return bucket;
}

void wg_lot_unlock(struct wg_bucket *bucket)
{
    pthread_mutex_unlock(&bucket->lock);
}

/* The child of a fork has one thread, which is not parked, and none that could unlock what was
 * locked at that moment.  The word of a group may still count waiters that the child has not:
 * it is put right by the next wait or wg_destroy() that finds the counter at 0, or with the next
 * waiters that are released. */
static void empty_table(void)
{
    static const struct wg_bucket empty = BUCKET;
    for (size_t i = 0; i < BUCKETS; i++)
        table[i] = empty;
}

static __attribute__((constructor)) void prepare_for_fork(void)
{
    pthread_atfork(NULL, NULL, empty_table);
}

/* The pointer that leads to the ring of key: to its first waiter, or to null. */
static struct wg_waiter **find(struct wg_bucket *bucket, const void *key)
{
    struct wg_waiter **link = &bucket->rings;
    while (*link != NULL && (*link)->key != key)
        link = &(*link)->other;
    return link;
}

/* Join two rings into one that begins with first and has all of second behind it. */
static void join(struct wg_waiter *first, struct wg_waiter *second)
{
    struct wg_waiter *last = first->prev;
    last->next = second;
    first->prev = second->prev;
    second->prev->next = first;
    second->prev = last;
}

bool wg_lot_occupied(struct wg_bucket *bucket, const void *key)
{
    return *find(bucket, key) != NULL;
}

void wg_lot_enqueue(struct wg_bucket *bucket, const void *key, struct wg_waiter *self,
                    clockid_t clock)
{
    self->key = key;
    self->ticket = bucket->tickets++;
    self->next = self->prev = self;
    self->other = NULL;
    self->pass_on = false;
    wg_parker_init(&self->parker, clock);

    struct wg_waiter **link = find(bucket, key);
    if (*link == NULL)
        *link = self;
    else
        join(*link, self);
}

bool wg_lot_dequeue(struct wg_bucket *bucket, struct wg_waiter *self)
{
    /* A ring is in the order of arrival and is only ever taken whole.  So self is in it unless
     * its first waiter came later: then it is the ring of another round. */
    struct wg_waiter **link = find(bucket, self->key);
    struct wg_waiter *first = *link;
    if (first == NULL || first->ticket > self->ticket)
        return false;

    if (self == first) {
        if (self->next == self) {
            *link = self->other;
        } else {
            self->next->other = self->other;
            *link = self->next;
        }
    }
    self->prev->next = self->next;
    self->next->prev = self->prev;
    wg_parker_destroy(&self->parker);
    return true;
}

/* How many the thread that takes a ring wakes, and how many each that has been woken. */
static int first_batch(void)
{
    int enough = wg_cpu_count() + 1;
    return enough < WG_LOT_BATCH ? enough : WG_LOT_BATCH;
}

static int further_batch(void)
{
    return wg_cpu_count() == 1 ? 1 : 2;
}

/* Cut the next batch, of at most so many, off the list of those to be woken. */
static struct wg_waiter *next_batch(struct wg_bucket *bucket, int most)
{
    struct wg_waiter *first = bucket->taken;
    struct wg_waiter *last = first;
    for (int n = 1; n < most && last->next != first; n++)
        last = last->next;

    struct wg_waiter *rest = last->next != first ? last->next : NULL;
    if (rest != NULL) {
        rest->prev = first->prev;
        first->prev->next = rest;
    }
    bucket->taken = rest;

    last->next = NULL;
    for (struct wg_waiter *waiter = first; waiter != NULL; waiter = waiter->next)
        waiter->pass_on = rest != NULL;
    return first;
}

struct wg_waiter *wg_lot_take(struct wg_bucket *bucket, const void *key)
{
    struct wg_waiter **link = find(bucket, key);
    struct wg_waiter *first = *link;
    if (first == NULL)
        return NULL;

    *link = first->other;
    if (bucket->taken != NULL)
        join(first, bucket->taken);
    bucket->taken = first;
    return next_batch(bucket, first_batch());
}

void wg_lot_release(struct wg_waiter *batch)
{
    while (batch != NULL) {
        struct wg_waiter *next = batch->next; /* after the post, *batch may be gone */
        wg_happens_before(batch);
        wg_parker_post(&batch->parker);
        batch = next;
    }
}

static void pass_on(const struct wg_waiter *self)
{
    struct wg_bucket *bucket = wg_lot_lock(self->key);
    struct wg_waiter *batch =
        bucket->taken != NULL ? next_batch(bucket, further_batch()) : NULL;
    wg_lot_unlock(bucket);
    wg_lot_release(batch);
}

int wg_lot_park(struct wg_waiter *self, clockid_t clock, const struct timespec *deadline)
{
    int error = wg_parker_wait(&self->parker, clock, deadline);
    if (error == 0) {
        wg_happens_after(self);
        if (self->pass_on)
            pass_on(self);
        wg_parker_destroy(&self->parker);
    }
    return error;
}
