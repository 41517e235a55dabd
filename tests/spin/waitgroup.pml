// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

/*
 * waitgroup.pml - the algorithm as a state machine, for the model checker Spin
 *
 * What it is for, what it leaves out and what it has found: doc/model-checking.md.
 *
 * QUOTES.  Each step stands next to the lines of the source that it stands for:
 *
 *     //: waitgroup.c reached_0     what follows is from this function, in its order
 *     //| CODE                      a line of it
 *     //- CODE                      a line that has no counterpart in the model
 *     //~ waitgroup.c wg_init       functions that have none
 *
 * Comments are not quoted, nor the annotations for race detectors, and a brace that is alone in
 * its line goes to the end of the line before.  tests/spin/spin.test fails if the source has changed
 * and the quotes have not: then look at the model first.
 *
 * STEPS.  An atomic { } has one access to what other threads may access at the same time: the
 * word, or a semaphore.  What the lock protects, and the lock itself, goes with it: to the
 * others it is the same when that happens, as long as the lock is held.  A compare-and-swap
 * that fails goes with the load that follows: as if it had failed then.
 */

// The beginning and the end of a group, misuse, and fork.
//~ waitgroup.c wg_init restore_errno used_after_destroy
//~ waitgroup.c out_of_range check_misuse destroy_with_waiters wg_destroy wg_count
//~ waitgroup.c wg_version
//~ word.h wg_word_init wg_word_destroyed wg_word_suspect wg_word_sum wg_word_destroy
//~ lot.c prepare_for_fork begin_generation renew

// What calls add(), tryadd() and wait_until(), but for misuse, errno, and clocks.
//~ waitgroup.c announced_add announce_and_add wg_add wg_done wg_defer_done_
//~ waitgroup.c announced_tryadd announce_and_tryadd wg_tryadd wg_tryadd_as
//~ waitgroup.c wait_slowly wg_wait wg_timedwait wg_clockwait wait_for wg_reltimedwait
//~ waitgroup.c widened wait32 wg_timedwait32 wg_clockwait32 wg_reltimedwait32

// For tools that look at programs.
//~ waitgroup.c touch announce closing_of

// These take steps that are in the model: those of a wait that need not park, and of one that
// gives up.
//~ waitgroup.c try_slowly trywait wg_trywait cancelled

// There is one group, so one word, one key, one bucket, and in each of its trees one ring at
// most; and a ring is a sequence.
//~ word.h wg_word_of wg_sema_of
//~ lot.c hash_of find replace uproot plant pick wg_lot_find

// Variants: "flags" are those that tests/spin/run checks, "full" those with --full only.
// flags: -DSTOPS=2 -DHASTY=0 -DTASKS=1 -DDONERS=2
// flags: -DREUSED -DSTOPS=1 -DTASKS=1 -DDONERS=2
// flags: -DEXTRA=1 -DWAITERS=2 -DTASKS=2
// flags: -DWAITERS=2 -DROUNDS=3
// flags: -DROUNDS=1 -DCLOSERS=1 -DTRIES=2 -DWAITERS=2 -DTASKS=1 -DDONERS=2
// flags: -DROUNDS=1 -DCLOSERS=2 -DSTOPS=2 -DHASTY=0 -DTASKS=1 -DDONERS=2
// flags: -DROUNDS=1 -DOWNED -DWAITERS=1 -DTRIES=3 -DCLOSERS=1
// full: -DREUSED -DHASTY=2 -DTASKS=1 -DDONERS=2
// full: -DEXTRA=1 -DROUNDS=1 -DTASKS=1 -DDONERS=2 -DSTOPS=3
// full: -DWAITERS=4 -DROUNDS=1 -DHELP=2 -DTASKS=1 -DDONERS=1 -DSTOPS=4
// full: -DSTOPS=1 -DTASKS=1 -DDONERS=2
// full: -DTASKS=2 -DDONERS=2
// full: -DROUNDS=1 -DCLOSERS=1 -DHASTY=2 -DTASKS=2 -DDONERS=2

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

// How many times wg_tryadd() is called, at any time, for one task each.  How many threads
// close the group, at any time.  Each task ends by wg_done_last().
#ifndef TRIES
#define TRIES 0
#endif
#ifndef CLOSERS
#define CLOSERS 0
#endif

// With -DOWNED the waiters close the group, too, each after its wait; and it is not a waiter
// that frees it, but whoever gets WG_DRAINED.
#ifdef OWNED
#define CLOSES (CLOSERS + WAITERS)
#else
#define CLOSES CLOSERS
#endif
#define ONLY_ROUNDS (EXTRA + TRIES + CLOSES == 0)

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

#define CLOSED 1
#define ONE_WAITER 2
#define ONE_TASK 16

//: word.h wg_word_waiters
//| return (uint32_t)s >> 1;
#define waiters(s) ((s & (ONE_TASK - 1)) >> 1)

//: word.h wg_word_counter
//| return (int32_t)(s >> 32);
#define counter(s) (s >> 4)

//: word.h wg_word_tasks
//| return (uint64_t)(uint32_t)delta << 32;
#define tasks(delta) (delta * ONE_TASK)

//: word.h wg_word_closed
//| return (s & WG_CLOSED) != 0;
#define closed(s) ((s & CLOSED) != 0)

//: word.h wg_word_idle
//| return s <= WG_CLOSED;
#define idle(s) (s <= CLOSED)

//: word.h wg_word_round_over
//| return s - WG_ONE_WAITER < WG_LOWER_HALF - WG_ONE_WAITER;
#define round_over(s) (counter(s) == 0 && waiters(s) != 0)

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

// As wg_done_last() has it; what memory order means is not in this model.
//: word.h wg_word_add_and_see
//| return __atomic_fetch_add(word, tasks, __ATOMIC_ACQ_REL);

//: word.h wg_word_tryadd
//| return __atomic_compare_exchange_n(word, &s, s + tasks, false, __ATOMIC_RELEASE,
//| __ATOMIC_RELAXED);
inline word_tryadd(success, s, delta)
{
    assert(alive);
    success = (word == s);
    word = (success -> s + tasks(delta) : word)
}

//: word.h wg_word_close
//| return __atomic_fetch_or(word, WG_CLOSED, __ATOMIC_ACQ_REL);
inline word_close(old)
{
    assert(alive);
    old = word;
    word = word | CLOSED
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
//| return __atomic_compare_exchange_n(word, &s, s & WG_CLOSED, false, __ATOMIC_ACQ_REL,
//| __ATOMIC_RELAXED);
inline word_end_round(success, s)
{
    assert(alive);
    success = (word == s);
    word = (success -> s & CLOSED : word)
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
//- uint64_t s;
//| do {
//| s = wg_word_load(word);
//| if (!wg_word_round_over(s))
//| return;
//| } while (!wg_word_end_round(word, s));
//| if (*queue != NULL)
//| wg_lot_take(bucket, queue);
inline look_for_waiters()
{
    load(s);
    if
    :: round_over(s)
    :: else -> s = 0; begin_to_wake(); goto waking
    fi
}

inline end_round()
{
    do
    :: atomic {
            word_end_round(success, s);
            if
            :: success ->
                s = 0;
                if
                :: occupied() -> lot_take()
                :: else
                fi;
                begin_to_wake();
                goto waking
            :: else -> look_for_waiters()
            fi
       }
    od
}

/*
 * The program, and what it knows.
 */

byte opened;    // rounds
byte todo;      // tasks of the round that are not done yet
byte extra;     // tasks that are still to be added at some time
byte in_flight; // those that have been added and are not done yet
byte tries;     // calls of wg_tryadd() that are still to come, or in progress
byte trying;    // those that are in progress
byte closers;   // threads that are going to close the group, or may
byte waits;     // waiters that are going to wait, or do so
bool run_down;  // a wait that began when the group was closed has returned 0
byte lasts;     // how many calls have returned WG_LAST, if the counter is 0 at the ends only
byte drains;    // and WG_DRAINED
byte users;     // waiters that are going to wait for this group, or do so and have not parked
byte finished;  // threads
byte stopped;   // those that have been, for ever

#define THREADS (DONERS + WAITERS + CLOSERS)

// Nothing can be added by anybody from now on.
#define none_to_come(s) (extra == 0 && (tries == 0 || closed(s)))

// Whoever has got WG_DRAINED frees the group, if nobody is going to call, and no wait is in
// progress.
inline own_the_end()
{
#ifdef OWNED
    if
    :: tries + closers + waits == 0 -> assert(alive); alive = false
    :: else
    fi
#else
    skip
#endif
}

//: waitgroup.c wg_close
//- touch(wg);
//| uint64_t old = wg_word_close(wg_word_of(wg));
//- if (wg_word_destroyed(old))
//- return used_after_destroy(wg, "wg_close");
//| if (wg_word_closed(old) || wg_word_counter(old) != 0)
//| return 0;
//| return WG_DRAINED;
inline close()
{
    word_close(s);
    closers--;
    if
    :: closed(s) || counter(s) != 0
    :: else -> drains++; assert(drains == 1); own_the_end()
    fi;
    s = 0
}

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
    waits = WAITERS;
    open_round()
}

inline end_of_try()
{
    tries--;
    trying--;
    s = 0
}

inline look_before_adding()
{
    load(s);
    if
    :: closed(s) -> end_of_try(); goto next
    :: else
    fi
}

// A thread that does one task after the other.
proctype doner()
{
    byte s;
    byte hand = NOBODY; // who has been cut by this thread
    bool any_more;
    bool owner; // wg_done_last() has returned WG_DRAINED, or is going to

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
        :: tries > trying -> trying++; goto tryadd
        :: owner -> owner = false; own_the_end(); goto next
        :: opened == ROUNDS && todo + in_flight + extra + tries + owner == 0 -> finished++; goto end
        fi;
        //- uint64_t now = old + tasks;
        //| if (likely(!wg_word_round_over(now) && !wg_word_suspect(old, now)))
        //| return 0;
        //| return follow_up(wg, old, delta, call);
        //: waitgroup.c follow_up
        //- uint64_t now = old + wg_word_tasks(delta);
        //| if (wg_word_round_over(now))
        //| reached_0(wg);
        //- return wg_word_suspect(old, now) ? check_misuse(wg, old, delta, call) : 0;
        //: waitgroup.c wg_done_last
        //- announce(wg);
        //- uint64_t tasks = wg_word_tasks(-1);
        //| uint64_t old = wg_word_add_and_see(wg_word_of(wg), tasks);
        //- uint64_t now = old + tasks;
        //- int error = 0;
        //| if (wg_word_round_over(now) || wg_word_suspect(old, now))
        //| error = follow_up(wg, old, -1, "wg_done_last");
        //| if (error != 0 || wg_word_counter(now) != 0)
        //| return error;
        //| if (!wg_word_closed(now))
        //| return WG_LAST;
        //| return WG_DRAINED;
        if
        :: counter(word) != 0
        :: else ->
            if
            :: closed(word) -> owner = true; drains++; assert(drains == 1)
            :: else -> lasts = lasts + ONLY_ROUNDS
            fi
        fi;
        if
        :: round_over(word)
        :: else -> goto next
        fi
    };
    atomic {
        //: waitgroup.c reached_0
        //- int caller_errno = errno;
        //- const void *key = wg_sema_of(wg);
        //| struct wg_bucket *bucket = wg_lot_lock(key);
        //| struct wg_waiter **queue = wg_lot_find(bucket, key);
        //| if (*queue != NULL)
        //| end_round(wg, bucket, queue);
        //| wg_lot_release(bucket, key);
        //- restore_errno(caller_errno);
        lock();
        if
        :: occupied()
        :: else -> begin_to_wake(); goto waking
        fi;
        look_for_waiters()
    };
    end_round();
waking:
    release();
tryadd:
    //: waitgroup.c tryadd
    //- wg_word *word = wg_word_of(wg);
    //- uint64_t s;
    //- if (announced)
    //- touch(wg);
    //| do {
    //| s = wg_word_load(word);
    //- if (unlikely(wg_word_destroyed(s)))
    //- return used_after_destroy(wg, call);
    //| if (wg_word_closed(s)) {
    //- if (announced)
    //| return ECANCELED; }
    //- if (unlikely(wg_word_sum(s, delta) > INT32_MAX))
    //- return out_of_range(wg, wg_word_sum(s, delta), call);
    //- if (announced)
    //| } while (unlikely(!wg_word_tryadd(word, s, wg_word_tasks(delta))));
    //| return 0;
    atomic { look_before_adding() };
    do
    :: atomic {
            word_tryadd(success, s, 1);
            if
            :: success -> assert(!run_down); in_flight++; end_of_try(); goto next
            :: else -> look_before_adding()
            fi
       }
    od;
end:
    false
}

// A thread that closes the group, once.
proctype closer()
{
    byte s;
    atomic { close(); finished++ }
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
    bool all_added; // by then, those too that are added at any time
    bool was_closed;
    bool user;      // counted in users
    bool deadline;
    bool was_queued;

again:
    atomic {
        opened >= round && alive ->
        since = opened;
        all_added = none_to_come(word);
        was_closed = closed(word);
        user = last_of_group(round);
        deadline = (self < HASTY);
        //: waitgroup.c is_idle
        //| return likely(wg_word_idle(wg_word_load(wg_word_of(wg)))) && likely(!wg_tool_at_work);
        load(s);
        if
        :: idle(s) -> s = 0; goto over
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
            //- if (deadline != NULL && !wg_is_time(deadline)) {
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
        //| if (wg_word_round_over(s))
        //| finish_round(wait->wg, bucket);
        //| else
        //| wg_lot_unlock(bucket);
        if
        :: round_over(s) -> goto finish_round
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
        :: else -> s = 0
        fi;
        goto returned
    };
    //: waitgroup.c finish_round
    //- const void *key = wg_sema_of(wg);
    //| end_round(wg, bucket, wg_lot_find(bucket, key));
    //| wg_lot_release(bucket, key);
finish_round:
    atomic { look_for_waiters() };
    end_round();
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
        run_down = run_down || was_closed;
        users = users - user;
        if
#ifdef REUSED
        :: round < ROUNDS && opened == round && users == 0 && alive -> alive = false
#else
        :: round < ROUNDS && opened == round -> open_round()
#endif
#ifndef OWNED
        :: round == ROUNDS && users == 0 && all_added && tries + closers == 0 -> alive = false
#endif
        :: else
        fi;
        goto returned
    };
returned:
#ifdef OWNED
    atomic {
        waits--;
        close()
    };
#endif
next_round:
    atomic {
        since = 0;
        all_added = false;
        was_closed = false;
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
        was_closed = false;
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
        tries = TRIES;
        closers = CLOSES;
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
        od;
        n = 0;
        do
        :: n < CLOSERS -> run closer(); n++
        :: else -> break
        od
    };
    do
    :: atomic { !alive && opened < ROUNDS -> new_group() }
    :: atomic {
            finished + stopped == THREADS ->
            assert(idle(word) && !locked && len(queue) == 0 && len(taken) == 0);
            assert(!alive || EXTRA + TRIES + CLOSERS > 0 || stopped > 0);
            assert(drains == closed(word));
            assert(lasts == ROUNDS || !ONLY_ROUNDS);
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
