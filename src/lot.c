/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * lot.c - the parking lot
 *
 * The table is fixed: nothing is allocated, and nothing is ever freed that another thread
 * might still look at.  The idea is that of WebKit's ParkingLot and of the semaphore table
 * in Go's runtime.
 *
 * A bucket has two trees of rings: one of the waiters that are queued, one of those that
 * have been taken.  Each tree has a ring for each key.  They are digital search trees
 * (Coffman and Eve, 1970): the bits of a key's hash tell where its ring stands, so they
 * need no balancing.  To take a whole ring takes the same time whatever its length.
 *
 * Releasing many waiters: the thread that ends a round cuts one off the ring and wakes it,
 * and so on until none is left.  Each waiter that was cut while there were more wakes two
 * others in the same way, before its wait returns.  So a waiter depends on the thread that
 * has ended its round, which does not sleep.  If that thread is slow, because the system
 * lets others run, the release goes on without it.  A waiter that has been taken and not
 * been cut is in no thread's hands, and leaves by itself at its deadline.
 */
#include <config.h>

#include "lot.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "annotate.h"
#include "constructor.h"

#define BUCKET_BITS 9
#define BUCKETS (1 << BUCKET_BITS)

/* How many others are woken by each thread that has been woken. */
#ifndef WG_LOT_HELP
#    define WG_LOT_HELP 2
#endif

struct wg_bucket {
    pthread_mutex_t lock;
    uint32_t generation; /* renewal; see renew() */
    /* All the rest is owned by the lock. */
    struct wg_waiter *queued; /* a tree of rings: their round goes on */
    struct wg_waiter *taken;  /* another: their round has ended, and they are not cut yet */
    uint64_t tickets;         /* handed out so far */
} __attribute__((aligned(64)));

/* clang-format off */
#define BUCKET {.lock = PTHREAD_MUTEX_INITIALIZER}
/* clang-format on */
#define BUCKET4 BUCKET, BUCKET, BUCKET, BUCKET
#define BUCKET16 BUCKET4, BUCKET4, BUCKET4, BUCKET4
#define BUCKET64 BUCKET16, BUCKET16, BUCKET16, BUCKET16
#define BUCKET256 BUCKET64, BUCKET64, BUCKET64, BUCKET64
static struct wg_bucket table[] = {BUCKET256, BUCKET256};
_Static_assert(sizeof table == BUCKETS * sizeof table[0], "an initializer for each bucket");

/* Multiplied twice, so that no distance between groups, as in an array or in equal stacks,
 * puts many of them into few buckets.  No two keys have the same hash. */
static uint64_t hash_of(const void *key)
{
    const uint64_t phi = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = (uint64_t)(uintptr_t)key * phi;
    return (hash ^ hash >> 32) * phi;
}

/*
 * Forks.  The child has one thread, which is not parked, and no thread that could unlock
 * what was locked at the fork.  So a bucket is reset in the child, but only when it is
 * first used: most children use none, and they share with their parents what they do not
 * write to.  The word of a group may still count waiters that the child does not have.  The
 * next wait or wg_destroy() that finds the counter at 0 puts that right, or the end of a
 * round does.
 */
static const pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t renewal = PTHREAD_MUTEX_INITIALIZER;
static uint32_t generation; /* grows from parent to child, if the parent has used the lot */
static bool used;           /* in this generation */

static void begin_generation(void)
{
    if (used) {
        used = false;
        renewal = unlocked;
        generation++;
    }
}

static WG_CONSTRUCTOR void prepare_for_fork(void)
{
    /* Where there is no fork(), pthread_atfork() may be a macro that looks at nothing. */
    (void)begin_generation;
    wg_unchecked(&used, sizeof used);
    if (pthread_atfork(NULL, NULL, begin_generation) != 0) {
        fputs("waitgroup: pthread_atfork: out of memory\n", stderr);
        abort();
    }
}

static void renew(struct wg_bucket *bucket)
{
    pthread_mutex_lock(&renewal);
    if (bucket->generation != generation) {
        bucket->lock = unlocked;
        bucket->queued = bucket->taken = NULL;
        /* Release, to the load in wg_lot_lock(). */
        __atomic_store_n(&bucket->generation, generation, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&renewal);
}

struct wg_bucket *wg_lot_lock(const void *key)
{
    struct wg_bucket *bucket = &table[hash_of(key) >> (64 - BUCKET_BITS)];
    /* Relaxed: its partner is begin_generation(), in a process with one thread. */
    if (!__atomic_load_n(&used, __ATOMIC_RELAXED))
        __atomic_store_n(&used, true, __ATOMIC_RELAXED);
    /* Acquire, from the store in renew(). */
    if (__atomic_load_n(&bucket->generation, __ATOMIC_ACQUIRE) != generation)
        renew(bucket);
    pthread_mutex_lock(&bucket->lock);
    return bucket;
}

void wg_lot_unlock(struct wg_bucket *bucket)
{
    pthread_mutex_unlock(&bucket->lock);
}

/*
 * Trees of rings.
 */

/* The pointer that leads to the ring of key: to its first waiter, or to null where the ring
 * would be. */
static struct wg_waiter **find(struct wg_waiter **tree, const void *key)
{
    uint64_t path = hash_of(key) << BUCKET_BITS;
    for (; *tree != NULL && (*tree)->key != key; path <<= 1)
        tree = &(*tree)->branch[path >> 63];
    return tree;
}

/* Put another waiter in the place where the ring stands in the tree. */
static void replace(struct wg_waiter **ring, struct wg_waiter *other)
{
    other->branch[0] = (*ring)->branch[0];
    other->branch[1] = (*ring)->branch[1];
    *ring = other;
}

/* Take a ring out of the tree.  Any leaf below it may stand in its place. */
static void uproot(struct wg_waiter **ring)
{
    struct wg_waiter **end = ring;
    while ((*end)->branch[0] != NULL || (*end)->branch[1] != NULL)
        end = &(*end)->branch[(*end)->branch[0] == NULL];
    struct wg_waiter *leaf = *end;
    *end = NULL;
    if (end != ring)
        replace(ring, leaf);
}

/* Add a ring to the tree, behind the ring that its key has there already, if there is
 * one. */
static void plant(struct wg_waiter **tree, struct wg_waiter *ring)
{
    struct wg_waiter **place = find(tree, ring->key);
    struct wg_waiter *first = *place;
    if (first == NULL) {
        ring->branch[0] = ring->branch[1] = NULL;
        *place = ring;
    } else {
        struct wg_waiter *last = ring->prev;
        first->prev->next = ring;
        ring->prev = first->prev;
        last->next = first;
        first->prev = last;
    }
}

/* Take one waiter out of its ring, and an empty ring out of the tree. */
static void pick(struct wg_waiter **ring, struct wg_waiter *waiter)
{
    if (waiter->next == waiter)
        uproot(ring);
    else if (waiter == *ring)
        replace(ring, waiter->next);
    waiter->prev->next = waiter->next;
    waiter->next->prev = waiter->prev;
}

/*
 * Waiters.
 */

struct wg_waiter **wg_lot_find(struct wg_bucket *bucket, const void *key)
{
    return find(&bucket->queued, key);
}

void wg_lot_enqueue(struct wg_bucket *bucket, const void *key, struct wg_waiter *self)
{
    self->key = key;
    self->ticket = bucket->tickets++;
    self->next = self->prev = self;
    self->cut = false;
    plant(&bucket->queued, self);
}

bool wg_lot_queued(struct wg_bucket *bucket, const struct wg_waiter *self)
{
    /* A ring is in the order of arrival, and is only ever taken whole.  So self is in it,
     * unless the first waiter of the ring came later: then the ring is of another round. */
    const struct wg_waiter *first = *find(&bucket->queued, self->key);
    return first != NULL && first->ticket <= self->ticket;
}

bool wg_lot_leave(struct wg_bucket *bucket, struct wg_waiter *self)
{
    if (self->cut)
        return false;
    struct wg_waiter **tree =
        wg_lot_queued(bucket, self) ? &bucket->queued : &bucket->taken;
    pick(find(tree, self->key), self);
    return true;
}

void wg_lot_take(struct wg_bucket *bucket, struct wg_waiter **queue)
{
    struct wg_waiter *first = *queue;
    uproot(queue);
    plant(&bucket->taken, first);
}

/* Wake the first waiter of key that has been taken, if there is one, and unlock the bucket.
 * Returns whether there are more. */
static bool wake_one(struct wg_bucket *bucket, const void *key)
{
    struct wg_waiter **ring = find(&bucket->taken, key);
    struct wg_waiter *first = *ring;
    bool more = false;
    if (first != NULL) {
        more = first->next != first;
        pick(ring, first);
        first->cut = true;
        first->more = more;
    }
    pthread_mutex_unlock(&bucket->lock);
    if (first != NULL) {
        /* This touches only the stack of a sleeping thread, and not after the post. */
        wg_happens_before(first);
        wg_parker_post(&first->parker);
    }
    return more;
}

void wg_lot_release(struct wg_bucket *bucket, const void *key)
{
    while (wake_one(bucket, key))
        pthread_mutex_lock(&bucket->lock);
}

int wg_lot_park(struct wg_waiter *self, clockid_t clock, const struct timespec *deadline)
{
    int error = wg_parker_wait(&self->parker, clock, deadline);
    if (error == 0) {
        wg_happens_after(self);
        bool more = self->more;
        for (int i = 0; more && i < WG_LOT_HELP; i++)
            more = wake_one(wg_lot_lock(self->key), self->key);
    }
    return error;
}
