/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * lot.h - the parking lot: where waiters queue, by the address they wait on, and sleep
 *
 * The lot knows nothing of groups.  A key is an address that is compared and hashed, and never
 * followed.  Keys share a fixed number of buckets, each with a lock; the caller holds it while
 * it looks at, and changes, both the queue and the word that the queue belongs to, so that the
 * two agree whenever the lock is free.
 *
 * The lot holds pointers to its waiters' stacks, and to nothing else.
 */
#ifndef WG_LOT_H
#define WG_LOT_H

#include <stdbool.h>
#include <stdint.h>

#include "parker.h"

/* No thread wakes more than this many others at once. */
#ifndef WG_LOT_BATCH
#    define WG_LOT_BATCH 8
#endif

struct wg_bucket;

/* One waiting thread, on its own stack.  It must not go out of scope while it is queued, nor
 * between having been taken and having been posted. */
struct wg_waiter {
    const void *key;         /* its own; constant while it is queued */
    uint64_t ticket;         /* bucket lock: the order of arrival in the bucket */
    struct wg_waiter *next;  /* bucket lock while queued, then whoever releases it */
    struct wg_waiter *prev;  /* bucket lock: next and prev make a ring for each key */
    struct wg_waiter *other; /* bucket lock, first of a ring only: the next ring's first */
    bool pass_on;            /* whoever releases it, before the post; then its own */
    struct wg_parker parker; /* its own waits, whoever releases it posts once */
};

/* Lock the bucket that key falls into. */
struct wg_bucket *wg_lot_lock(const void *key);
void wg_lot_unlock(struct wg_bucket *bucket);

/*
 * The next four: bucket lock held, and it is the key's.
 */

/* Is anybody queued for key?  Costs one step for each other key in the bucket. */
bool wg_lot_occupied(struct wg_bucket *bucket, const void *key);

/* Queue the calling thread as self, which need not be initialized, for key.  It will park with
 * a deadline on clock, if with any.  It has to leave by wg_lot_dequeue() or wg_lot_park(). */
void wg_lot_enqueue(struct wg_bucket *bucket, const void *key, struct wg_waiter *self,
                    clockid_t clock);

/* Unqueue self.  False if it has been taken already: then its post is certain to come. */
bool wg_lot_dequeue(struct wg_bucket *bucket, struct wg_waiter *self);

/* Take all waiters of key out of the queue.  Returns the first of them, to be handed to
 * wg_lot_release() once the lock is free; those released pass it on to the rest. */
struct wg_waiter *wg_lot_take(struct wg_bucket *bucket, const void *key);

/* Wake what wg_lot_take() returned, which may be null. */
void wg_lot_release(struct wg_waiter *batch);

/* Sleep until self is released, then pass the release on; or, if deadline is not null, until
 * then.  No lock held.  Returns 0 or ETIMEDOUT; after ETIMEDOUT, or if cancelled (it is a
 * cancellation point), self has to be dequeued, or parked once more if it has been taken. */
int wg_lot_park(struct wg_waiter *self, clockid_t clock, const struct timespec *deadline);

#endif /* WG_LOT_H */
