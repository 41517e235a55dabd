/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * lot.h - the parking lot: where waiters queue, by the address they wait on, and sleep
 *
 * The lot knows nothing of groups.  A key is an address that is compared and hashed, and
 * never followed.  Keys share a fixed number of buckets, each with a lock.  The caller
 * holds this lock while it looks at, and changes, both the queue and the word that the
 * queue belongs to.  So the two agree whenever the lock is free.
 *
 * The lot holds pointers to its waiters' stacks, and to nothing else.
 *
 * A waiter is first queued.  It is taken together with all others that are queued for its
 * key.  It is cut when some thread is about to wake it.  Then it is posted.  Until it is
 * cut, it can leave by itself.
 */
#ifndef WG_LOT_H
#define WG_LOT_H

#include <stdbool.h>
#include <stdint.h>

#include "internal.h"
#include "parker.h"

struct wg_bucket;

/* One waiting thread, on its own stack.  It must not go out of scope while it is queued or
 * taken, nor from its cut to its post.  Its cutter is the thread that cuts it. */
struct wg_waiter {
    const void *key;             /* its own; constant while it is queued or taken */
    uint64_t ticket;             /* bucket lock: the order of arrival in the bucket */
    struct wg_waiter *next;      /* bucket lock until it is cut, then its cutter */
    struct wg_waiter *prev;      /* bucket lock: next and prev make a ring for each key */
    struct wg_waiter *branch[2]; /* bucket lock, first of a ring only: a tree of rings */
    bool cut;                    /* bucket lock */
    bool more;                   /* its cutter before the post; then its own */
    struct wg_parker parker;     /* its own waits; its cutter posts once */
};

/* Lock the bucket that key falls into. */
WG_INTERNAL struct wg_bucket *wg_lot_lock(const void *key);
WG_INTERNAL void wg_lot_unlock(struct wg_bucket *bucket);

/*
 * The next six: the bucket's lock is held, and the bucket is the key's.  To find a key in a
 * bucket with n others takes about log2(n) steps, and at most as many as its hash has bits.
 */

/* Where the queue of key is: it points to null if nobody is queued.  Valid until the next
 * change. */
WG_INTERNAL struct wg_waiter **wg_lot_find(struct wg_bucket *bucket, const void *key);

/* Queue self, whose parker has been made, for key. */
WG_INTERNAL void wg_lot_enqueue(struct wg_bucket *bucket, const void *key,
                                struct wg_waiter *self);

/* Is self queued?  If not, it has been taken. */
WG_INTERNAL bool wg_lot_queued(struct wg_bucket *bucket, const struct wg_waiter *self);

/* Leave.  False if self has been cut: then its post is certain to come. */
WG_INTERNAL bool wg_lot_leave(struct wg_bucket *bucket, struct wg_waiter *self);

/* Take all waiters out of the queue, which is not empty. */
WG_INTERNAL void wg_lot_take(struct wg_bucket *bucket, struct wg_waiter **queue);

/* Wake all waiters of key that have been taken, if there are any, and unlock the bucket. */
WG_INTERNAL void wg_lot_release(struct wg_bucket *bucket, const void *key);

/* Sleep until self is released, then help to release others; or sleep until deadline, if
 * that is not null.  No lock is held.  Returns 0 or ETIMEDOUT.  A cancellation point.
 * After ETIMEDOUT, or if cancelled, self has to leave; if it has been cut, it has to be
 * parked once more. */
WG_INTERNAL int wg_lot_park(struct wg_waiter *self, clockid_t clock,
                            const struct timespec *deadline);

#endif /* WG_LOT_H */
