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
 * to be woken and wakes a batch of them.  Each of these wakes the next batch on its way out,
 * and so forth, so the number of threads at work grows eightfold while no thread makes more
 * than WG_LOT_BATCH system calls.  Nobody is forgotten: while the list is not empty, there is
 * a waiter taken from it that has not been through pass_on() yet, since each one that finds
 * the list not empty takes at least one more.
 */
#include "lot.h"

#include <errno.h>
#include <pthread.h>

#define BUCKETS 256

struct wg_bucket {
    pthread_mutex_t lock;
    /* All the rest is owned by the lock. */
    struct wg_waiter *rings; /* the first waiter of each key; others follow by ->other */
    struct wg_waiter *taken; /* a ring: taken from the queue, not woken by anybody yet */
    uint64_t tickets;        /* handed out so far */
} __attribute__((aligned(64)));

#define BUCKET                                                                             \
    {                                                                                      \
        .lock = PTHREAD_MUTEX_INITIALIZER                                                  \
    }
#define BUCKET4 BUCKET, BUCKET, BUCKET, BUCKET
#define BUCKET16 BUCKET4, BUCKET4, BUCKET4, BUCKET4
#define BUCKET64 BUCKET16, BUCKET16, BUCKET16, BUCKET16
static struct wg_bucket table[BUCKETS] = {BUCKET64, BUCKET64, BUCKET64, BUCKET64};

/* Fibonacci hashing: groups in an array, and at the same place in equal stacks, spread. */
static struct wg_bucket *bucket_of(const void *key)
{
    return &table[((uint64_t)(uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15)) >> 56];
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

void wg_lot_enqueue(struct wg_bucket *bucket, const void *key, struct wg_waiter *self)
{
    self->key = key;
    self->ticket = bucket->tickets++;
    self->next = self->prev = self;
    self->other = NULL;
    self->pass_on = false;
    sem_init(&self->wake, 0, 0);

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
    return true;
}

/* Cut the next batch off the list of those to be woken. */
static struct wg_waiter *next_batch(struct wg_bucket *bucket)
{
    struct wg_waiter *first = bucket->taken;
    struct wg_waiter *last = first;
    for (int n = 1; n < WG_LOT_BATCH && last->next != first; n++)
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
    return next_batch(bucket);
}

void wg_lot_release(struct wg_waiter *batch)
{
    while (batch != NULL) {
        struct wg_waiter *next = batch->next; /* after the post, *batch may be gone */
        sem_post(&batch->wake);
        batch = next;
    }
}

static void pass_on(const struct wg_waiter *self)
{
    struct wg_bucket *bucket = wg_lot_lock(self->key);
    struct wg_waiter *batch = bucket->taken != NULL ? next_batch(bucket) : NULL;
    wg_lot_unlock(bucket);
    wg_lot_release(batch);
}

void wg_lot_park(struct wg_waiter *self)
{
    int caller_errno = errno;
    while (sem_wait(&self->wake) != 0 && errno == EINTR)
        continue;
    errno = caller_errno;
    if (self->pass_on)
        pass_on(self);
    sem_destroy(&self->wake);
}
