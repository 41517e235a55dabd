// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

/*
 * waitgroup.pml - the algorithm as a state machine, for the model checker Spin
 *
 * What it is for, what it leaves out and what it has found: doc/model-checking.md.
 *
 * QUOTES.  Each step stands next to the lines of the source that it stands for:
 *
 *     //: waitgroup.c drained     what follows is from this function, in its order
 *     //| CODE                      a line of it
 *     //- CODE                      a line that has no counterpart in the model
 *     //~ waitgroup.c wg_init       functions that have none
 *
 * Comments are not quoted, nor the annotations for race detectors, and a brace that is alone in
 * its line goes to the end of the line before.  tests/spin.test fails if the source has changed
 * and the quotes have not: then look at the model first.
 *
 * STEPS.  An atomic { } has one access to what other threads may access at the same time: the
 * word, or a semaphore.  What the lock protects, and the lock itself, goes with it: to the
 * others it is the same when that happens, as long as the lock is held.  A compare-and-swap
 * that fails goes with the load that follows: as if it had failed then.
 */

// The beginning and the end of a group, misuse, and fork.
//~ waitgroup.c wg_init used_after_destroy check_misuse wg_destroy wg_count wg_version
//~ word.h wg_word_init wg_word_destroyed wg_word_suspect wg_word_sum wg_word_destroy
//~ lot.c prepare_for_fork begin_generation renew

// What calls add() and wait_until(), but for misuse and errno.
//~ waitgroup.c announced_add announce_and_add wg_add wg_done wg_add_as
//~ waitgroup.c wait_slowly wg_wait wg_timedwait wg_clockwait
//~ waitgroup.c wait32 wg_timedwait32 wg_clockwait32

// These take steps that are in the model: those of a wait that need not park, and of one that
// gives up.
//~ waitgroup.c try_slowly wg_trywait cancelled

// There is one group, so one word, one key, one bucket, and in each of its trees one ring at
// most; and a ring is a sequence.
//~ word.h wg_word_of wg_sema_of
//~ lot.c hash_of find replace uproot plant pick wg_lot_find

// Variants: "flags" are those that tests/spin/run checks, "full" those with --full only.
// flags: -DSTOPS=2 -DHASTY=0 -DTASKS=1 -DDONERS=2
// flags: -DREUSED -DHASTY=2 -DTASKS=1 -DDONERS=2
// flags: -DREUSED -DSTOPS=1 -DTASKS=1 -DDONERS=2
// flags: -DEXTRA=1 -DROUNDS=1 -DTASKS=1 -DDONERS=2 -DSTOPS=3
// flags: -DEXTRA=1 -DWAITERS=2 -DTASKS=2
// flags: -DWAITERS=4 -DROUNDS=1 -DHELP=2 -DTASKS=1 -DDONERS=1 -DSTOPS=4
// flags: -DWAITERS=2 -DROUNDS=3
// full: -DSTOPS=1 -DTASKS=1 -DDONERS=2
// full: -DTASKS=2 -DDONERS=2
// full: -DTASKS=2

// How many threads finish tasks, how many wait, and how many of these may give up.
#ifndef DONERS
#define DONERS 3
#endif
#ifndef WAITERS
#define WAITERS 3
#endif
#ifndef HASTY
#define HASTY 1
#endif

// How many tasks each round has, and how many rounds there are.
#ifndef TASKS
#define TASKS 3
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

// How many more tasks there are that are added at any time: the counter may be 0 before.
#ifndef EXTRA
#define EXTRA 0
#endif

// How many waiters, the last ones, may be stopped for ever: while they sleep, or between two
// that they wake.  One that neither stops nor gives up has to be there to begin the next round.
#ifndef STOPS
#define STOPS 0
#endif
#define may_stop(self) (self >= WAITERS - STOPS)

#define NOBODY WAITERS

// WG_LOT_HELP of the source.
#ifndef HELP
#define HELP 1
#endif

// With -DREUSED, the group is freed after each round, and its memory becomes the next one.
// Then no wait may be stopped that keeps the group.
#ifdef REUSED
#define last_of_group(round) true
#define is_counted_on() (opened > round)
#define may_stop_in_call(self) (may_stop(self) && !user)
#else
#define last_of_group(round) (round == ROUNDS)
#define is_counted_on() (round < ROUNDS)
#define may_stop_in_call(self) may_stop(self)
#endif

/*
 * The word.  Each access is an atomic step of its own, and the group has to be alive.
 */

byte word;
bool alive;

#define ONE_TASK 16
#define ONE_WAITER 1
#define waiters(s) (s & (ONE_TASK - 1))

//: word.h wg_word_counter
//| return (int32_t)(s >> 32);
#define counter(s) (s >> 4)

//: word.h wg_word_tasks
//| return (uint64_t)(uint32_t)delta << 32;
#define tasks(delta) (delta * ONE_TASK)

//: word.h wg_word_drained
//| return s - 1 < WG_WAITERS - 1;
#define drained(s) (counter(s) == 0 && waiters(s) != 0)

//: word.h wg_word_load
//- #ifdef __GCC_HAVE_SYNC_COMPARE_AND_SWAP_8
//| return __atomic_load_n(word, __ATOMIC_ACQUIRE);
//- #else
//| return __atomic_fetch_add((wg_word *)(uintptr_t)word, 0, __ATOMIC_ACQUIRE);
//- #endif
inline load(s)
{
    assert(alive);
    s = word
}

//: word.h wg_word_add
//| return __atomic_fetch_add(word, tasks, __ATOMIC_RELEASE);
inline word_add(delta)
{
    assert(alive);
    assert(counter(word) + delta >= 0);
    word = word + tasks(delta)
}

//: word.h wg_word_register
//| return __atomic_compare_exchange_n(word, &s, s + WG_ONE_WAITER, false, __ATOMIC_RELAXED,
//| __ATOMIC_RELAXED);
inline word_register(success, s)
{
    assert(alive);
    success = (word == s);
    word = (success -> s + ONE_WAITER : word)
}

//: word.h wg_word_unregister
//| return __atomic_sub_fetch(word, WG_ONE_WAITER, __ATOMIC_ACQ_REL);
inline word_unregister(s)
{
    assert(alive);
    word = word - ONE_WAITER;
    s = word
}

//: word.h wg_word_end_round
//| return __atomic_compare_exchange_n(word, &s, 0, false, __ATOMIC_ACQ_REL,
//| __ATOMIC_RELAXED);
inline word_end_round(success, s)
{
    assert(alive);
    success = (word == s);
    word = (success -> 0 : word)
}

/*
 * The bucket, and the waiters' entries in it by their numbers.
 */

bool locked;
chan queue = [WAITERS] of { byte }; // ->queued
chan taken = [WAITERS] of { byte };
byte tickets;

byte ticket[WAITERS];
bool more[WAITERS];

// Where each waiter is.  Posted is the semaphore; it has been cut if it is in somebody's hand
// or posted; the rest is for the assertions.
mtype = { away, in_queue, in_taken, in_hand, posted };
mtype seat[WAITERS] = away;
#define is_cut(self) (seat[self] == in_hand || seat[self] == posted)

hidden byte n, x, success;

//: lot.c wg_lot_lock
//- struct wg_bucket *bucket = &table[hash_of(key) >> (64 - BUCKET_BITS)];
//- if (!__atomic_load_n(&used, __ATOMIC_RELAXED))
//- __atomic_store_n(&used, true, __ATOMIC_RELAXED);
//- if (__atomic_load_n(&bucket->generation, __ATOMIC_ACQUIRE) != generation)
//- renew(bucket);
//| pthread_mutex_lock(&bucket->lock);
//- return bucket;
inline lock()
{
    atomic { !locked -> locked = true }
}

//: lot.c wg_lot_unlock
//| pthread_mutex_unlock(&bucket->lock);
inline unlock()
{
    locked = false
}

#define occupied() (len(queue) > 0)

// The key is always the same; a ring grows at its end.
//: lot.c wg_lot_enqueue
//- self->key = key;
//| self->ticket = bucket->tickets++;
//- self->next = self->prev = self;
//| self->cut = false;
//| plant(&bucket->queued, self);
inline lot_enqueue(self)
{
    assert(seat[self] == away);
    ticket[self] = tickets;
    tickets++;
    seat[self] = in_queue;
    queue!self
}

//: lot.c wg_lot_queued
//| const struct wg_waiter *first = *find(&bucket->queued, self->key);
//| return first != NULL && first->ticket <= self->ticket;
inline lot_queued(result, self)
{
    result = false;
    if
    :: len(queue) > 0 -> queue?<x>; result = (ticket[x] <= ticket[self])
    :: else
    fi
}

// A ring is closed around the one that leaves it.
//: lot.c wg_lot_leave
//| if (self->cut)
//| return false;
//| struct wg_waiter **tree =
//| wg_lot_queued(bucket, self) ? &bucket->queued : &bucket->taken;
//| pick(find(tree, self->key), self);
//| return true;
inline lot_leave(success, queued, self)
{
    if
    :: is_cut(self) -> success = false
    :: else ->
        if
        :: queued -> assert(seat[self] == in_queue); queue??eval(self)
        :: else -> assert(seat[self] == in_taken); taken??eval(self)
        fi;
        out_of_scope(self);
        success = true
    fi
}

// The wait returns: nobody refers to its entry any more.
inline out_of_scope(self)
{
    assert(!queue??[eval(self)] && !taken??[eval(self)]);
    assert(seat[self] != in_hand);
    seat[self] = away;
    ticket[self] = 0;
    more[self] = false
}

// The ring goes behind what is left of earlier ones.
//: lot.c wg_lot_take
//| struct wg_waiter *first = *queue;
//| uproot(queue);
//| plant(&bucket->taken, first);
inline lot_take()
{
    do
    :: len(queue) > 0 -> queue?x; seat[x] = in_taken; taken!x
    :: else -> break
    od
}

// The first one is cut, and the lock let go.
//: lot.c wake_one
//| struct wg_waiter **ring = find(&bucket->taken, key);
//| struct wg_waiter *first = *ring;
//| bool more = false;
//| if (first != NULL) {
//| more = first->next != first;
//| pick(ring, first);
//| first->cut = true;
//| first->more = more; }
//| pthread_mutex_unlock(&bucket->lock);
inline begin_to_wake()
{
    any_more = len(taken) > 1;
    if
    :: len(taken) > 0 ->
        taken?x;
        assert(seat[x] == in_taken);
        seat[x] = in_hand;
        more[x] = any_more;
        hand = x
    :: else
    fi;
    unlock()
}

// The post is a step of its own.
//| if (first != NULL) {
//| wg_parker_post(&first->parker); }
//| return more;
inline post()
{
    if
    :: hand != NOBODY -> assert(seat[hand] == in_hand); seat[hand] = posted; hand = NOBODY
    :: else
    fi
}

// The first one is cut with the step before.  After the last one, this goes to over.
//: lot.c wg_lot_release
//| while (wake_one(bucket, key))
//| pthread_mutex_lock(&bucket->lock);
// (A waiter has this loop with a place to stop.)
inline release()
{
    do
    :: atomic {
            post();
            if
            :: any_more
            :: else -> goto over
            fi
       };
       atomic { lock(); begin_to_wake() }
    od
}

/*
 * The end of a round: a load and a compare-and-swap, so two steps, with the lock held between
 * them.  In either case a release follows.
 */

//: waitgroup.c end_round
//- wg_word *word = wg_word_of(wg);
//| uint64_t s = wg_word_load(word);
//| if (wg_word_drained(s) && wg_word_end_round(word, s) && *queue != NULL)
//| wg_lot_take(bucket, queue);
inline look_for_waiters()
{
    load(s);
    if
    :: drained(s)
    :: else -> s = 0; begin_to_wake(); goto waking
    fi
}

inline end_round()
{
    word_end_round(success, s);
    s = 0;
    if
    :: success && occupied() -> lot_take()
    :: else
    fi;
    begin_to_wake()
}

/*
 * The program, and what it knows.
 */

byte opened;    // rounds
byte todo;      // tasks of the round that are not done yet
byte extra;     // tasks that are still to be added at some time
byte in_flight; // those that have been added and are not done yet
byte users;     // waiters that are going to wait for this group, or do so and have not parked
byte finished;  // threads
byte stopped;   // those that have been, for ever

#define THREADS (DONERS + WAITERS)

inline open_round()
{
    opened++;
    todo = TASKS;
    word_add(TASKS)
}

inline new_group()
{
    alive = true;
    word = 0;
    users = WAITERS - stopped;
    open_round()
}

// A thread that does one task after the other.
proctype doner()
{
    byte s;
    byte hand = NOBODY; // who has been cut by this thread
    bool any_more;

over:
next:
    atomic {
        //: waitgroup.c add
        //- uint64_t tasks = wg_word_tasks(delta);
        //| uint64_t old = wg_word_add(wg_word_of(wg), tasks);
        if
        :: todo > 0 -> todo--; word_add(-1)
        :: in_flight > 0 -> in_flight--; word_add(-1)
        :: extra > 0 -> extra--; in_flight++; word_add(1)
        :: opened == ROUNDS && todo + in_flight + extra == 0 -> finished++; goto end
        fi;
        //- uint64_t now = old + tasks;
        //| if (likely(!wg_word_drained(now) && !wg_word_suspect(old, now)))
        //| return 0;
        //| return follow_up(wg, old, delta, call);
        //: waitgroup.c follow_up
        //- uint64_t now = old + wg_word_tasks(delta);
        //| if (wg_word_drained(now))
        //| drained(wg);
        //- return wg_word_suspect(old, now) ? check_misuse(wg, old, delta, call) : 0;
        if
        :: drained(word)
        :: else -> goto next
        fi
    };
    atomic {
        //: waitgroup.c drained
        //- const void *key = wg_sema_of(wg);
        //| struct wg_bucket *bucket = wg_lot_lock(key);
        //| struct wg_waiter **queue = wg_lot_find(bucket, key);
        //| if (*queue != NULL)
        //| end_round(wg, bucket, queue);
        //| wg_lot_release(bucket, key);
        lock();
        if
        :: occupied()
        :: else -> begin_to_wake(); goto waking
        fi;
        look_for_waiters()
    };
    atomic { end_round() };
waking:
    release();
end:
    false
}

// A thread that waits once for each round, or finds that it is late.
proctype waiter(byte self)
{
    byte s;
    byte hand = NOBODY; // who has been cut by this thread
    bool any_more;
    byte turns;         // how many others it may still wake; 0: all
    byte round = 1;
    byte since;     // the last round that had been opened when the wait began
    bool all_added; // by then, the extra tasks too
    bool user;      // counted in users
    bool deadline;
    bool was_queued;

again:
    atomic {
        opened >= round && alive ->
        since = opened;
        all_added = (extra == 0);
        user = last_of_group(round);
        deadline = (self < HASTY);
        //: waitgroup.c is_idle
        //| return likely(wg_word_load(wg_word_of(wg)) == 0) && likely(!wg_detector_at_work);
        load(s);
        if
        :: s == 0 -> goto over
        :: else -> s = 0
        fi
    };
    // Spinning is more looks of the kind of is_idle(): a wait returns by one of them, or goes on
    // as if it had not looked.
    //: waitgroup.c wait_until
    //- if (wg_spin(wg_word_of(wg), clock, deadline))
    //- return 0;
    //- struct wait wait;
    //- wait.wg = wg;
    //- wg_parker_init(&wait.self.parker, clock);
    //- if (wg_detector_at_work)
    //| enum outcome outcome = enqueue(&wait, deadline);
    //| int error = outcome == QUEUED ? park(&wait, clock, deadline) : 0;
    //- wg_parker_destroy(&wait.self.parker);
    //- if (outcome == DESTROYED)
    //- return used_after_destroy(wg, call);
    //| return outcome == NO_DEADLINE ? EINVAL : error;
    //: waitgroup.c enqueue
    //- wg_word *word = wg_word_of(wait->wg);
    //- const void *key = wg_sema_of(wait->wg);
    //| struct wg_bucket *bucket = wg_lot_lock(key);
    //- uint64_t s;
    //| do {
    //| s = wg_word_load(word);
    atomic {
        lock();
        load(s)
    };
    do
    :: atomic {
            //- if (wg_word_destroyed(s)) {
            //- wg_lot_unlock(bucket);
            //- return DESTROYED; }
            //| if (wg_word_counter(s) == 0) {
            //| finish_round(wait->wg, bucket);
            //| return OVER; }
            if
            :: counter(s) == 0 -> goto finish_round
            :: else
            fi;
            //- if (deadline != NULL &&
            //- (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000)) {
            //- wg_lot_unlock(bucket);
            //- return NO_DEADLINE; }
            //| } while (!wg_word_register(word, s));
            word_register(success, s);
            if
            :: success -> break
            :: else -> load(s)
            fi
        }
    od;
    //| wg_lot_enqueue(bucket, key, &wait->self);
    //| wg_lot_unlock(bucket);
    //| return QUEUED;
    atomic {
        s = 0;
        lot_enqueue(self);
        unlock();
        users = users - user;
        user = false
    };
    //: waitgroup.c park
    //- int error;
    //- pthread_cleanup_push(cancelled, wait);
    //| error = wg_lot_park(&wait->self, clock, deadline);
    //- pthread_cleanup_pop(0);
    //| return error == 0 ? 0 : give_up(wait);
parked:
    //: lot.c wg_lot_park
    //| int error = wg_parker_wait(&self->parker, clock, deadline);
    //| if (error == 0) {
    //| bool more = self->more;
    //| for (int i = 0; more && i < WG_LOT_HELP; i++)
    //| more = wake_one(wg_lot_lock(self->key), self->key); }
    //| return error;
    if
    :: atomic { seat[self] == posted && !more[self] -> out_of_scope(self); goto over }
    :: atomic { seat[self] == posted && more[self] }
    :: atomic { seat[self] != posted && deadline -> goto give_up }
    :: atomic { may_stop(self) -> goto stop }
    fi;
    atomic {
        lock();
        begin_to_wake();
        turns = HELP;
        out_of_scope(self); // it has been posted: nobody else knows it any more
        goto waking
    };
give_up:
    atomic {
        //: waitgroup.c give_up
        //- struct wg_waiter *self = &wait->self;
        //- uint64_t s = 0;
        //| struct wg_bucket *bucket = wg_lot_lock(self->key);
        //| bool queued = wg_lot_queued(bucket, self);
        //| bool left = wg_lot_leave(bucket, self);
        lock();
        lot_queued(was_queued, self);
        lot_leave(success, was_queued, self);
        //| if (queued)
        //| s = wg_word_unregister(wg_word_of(wait->wg));
        if
        :: was_queued -> word_unregister(s)
        :: else
        fi;
        was_queued = false;
        //| if (wg_word_drained(s))
        //| finish_round(wait->wg, bucket);
        //| else
        //| wg_lot_unlock(bucket);
        if
        :: drained(s) -> goto finish_round
        :: else -> unlock()
        fi;
        //| if (!left) {
        //- int cancel_state;
        //- pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
        //| wg_lot_park(self, CLOCK_REALTIME, NULL);
        //- pthread_setcancelstate(cancel_state, &cancel_state); }
        if
        :: !success -> deadline = false; goto parked
        :: else
        fi;
        //| return wg_word_counter(s) == 0 ? 0 : ETIMEDOUT;
        if
        :: counter(s) == 0 -> s = 0; goto over
        :: else -> s = 0; goto next_round
        fi
    };
    //: waitgroup.c finish_round
    //- const void *key = wg_sema_of(wg);
    //| end_round(wg, bucket, wg_lot_find(bucket, key));
    //| wg_lot_release(bucket, key);
finish_round:
    atomic { look_for_waiters() };
    atomic { end_round() };
waking:
    do
    :: atomic {
            post();
            if
            :: any_more && turns != 1 -> turns = (turns > 0 -> turns - 1 : 0)
            :: else -> any_more = false; turns = 0; goto over
            fi
       };
       if
       :: atomic { lock(); begin_to_wake() }
       :: atomic { may_stop_in_call(self) -> goto stop }
       fi
    od;

over:
    // The wait returns 0, so what it waited for is done.  This thread may open the next round,
    // and free the group if it knows that the others have parked or returned.
    atomic {
        assert(todo == 0 || opened > since);
        assert(in_flight == 0 || !all_added);
        users = users - user;
        if
#ifdef REUSED
        :: round < ROUNDS && opened == round && users == 0 && alive -> alive = false
#else
        :: round < ROUNDS && opened == round -> open_round()
#endif
        :: round == ROUNDS && users == 0 && all_added -> alive = false
        :: else
        fi;
        goto next_round
    };
next_round:
    atomic {
        since = 0;
        all_added = false;
        user = false;
        deadline = false;
        any_more = false;
        round++;
        if
        :: round > ROUNDS -> finished++; goto end
        :: else -> goto again
        fi
    };
stop:
    // From here on it does nothing.  What has been counted for later rounds is not any more.
    atomic {
        stopped++;
        if
        :: is_counted_on() -> users--
        :: else
        fi;
        since = 0;
        all_added = false;
        user = false;
        deadline = false;
        any_more = false
    };
end:
    false
}

init {
    atomic {
        extra = EXTRA;
        new_group();
        n = 0;
        do
        :: n < DONERS -> run doner(); n++
        :: else -> break
        od;
        n = 0;
        do
        :: n < WAITERS -> run waiter(n); n++
        :: else -> break
        od
    };
    do
    :: atomic { !alive && opened < ROUNDS -> new_group() }
    :: atomic {
            finished + stopped == THREADS ->
            assert(word == 0 && !locked && len(queue) == 0 && len(taken) == 0);
            assert(!alive || EXTRA > 0 || stopped > 0);
            break
        }
    od;
end:
    false
}

// Whenever the lock is free, the waiters in the word are those in the queue.
active proctype invariant()
{
end:
    !locked && waiters(word) != len(queue) -> assert(false)
}

// Every call returns, but for those that are stopped.  It does so without any fairness, for no
// run is infinite.
ltl returns { <> (finished + stopped == THREADS) }
