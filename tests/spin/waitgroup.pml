// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

/*
 * waitgroup.pml - the algorithm as a state machine, for the model checker Spin
 *
 * What it is for, what it leaves out and what it has found: doc/model-checking.md.
 *
 * QUOTES.  Each step stands next to the lines of the source that it stands for:
 *
 *     //: waitgroup.c close_round   what follows is from this function, in its order
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
//~ lot.c empty_table prepare_for_fork

// Numbers that the model is given.
//~ lot.c first_batch further_batch

// What calls add() and wait_until(), but for misuse and errno.
//~ waitgroup.c announced_add announce_and_add wg_add wg_done wg_add_as
//~ waitgroup.c wait_slowly wg_wait wg_timedwait wg_clockwait
//~ waitgroup.c wait32 wg_timedwait32 wg_clockwait32

// These take steps that are in the model: those of a wait that need not park, and of one that
// gives up.
//~ waitgroup.c try_wait wg_trywait cancelled

// More looks of the kind of is_idle().  A wait returns by one of them, or goes on as if it had
// not looked.
//~ waitgroup.c spin

// There is one group, so one word, one key, one bucket, and one ring at most; and a ring is a
// sequence.
//~ word.h wg_word_of wg_sema_of
//~ lot.c bucket_of find join

// Variants: "flags" are those that tests/spin/run checks, "full" those with --full only.
// flags: -DBATCH=8
// flags: -DBATCH=1
// flags: -DREUSED -DHASTY=2 -DBATCH=1
// flags: -DEXTRA=1 -DROUNDS=1 -DTASKS=2
// flags: -DEXTRA=1 -DWAITERS=2 -DBATCH=1
// flags: -DWAITERS=4 -DROUNDS=1 -DBATCH=1 -DFURTHER=2
// flags: -DWAITERS=2 -DROUNDS=3 -DBATCH=1
// full: -DHASTY=2 -DBATCH=2

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

// What first_batch() and further_batch() of the source return.
#ifndef BATCH
#define BATCH 8
#endif
#ifndef FURTHER
#define FURTHER 1
#endif

// With -DREUSED, the group is freed after each round, and its memory becomes the next one.
#ifdef REUSED
#define last_of_group(round) true
#else
#define last_of_group(round) (round == ROUNDS)
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

//: word.h wg_word_close
//| return __atomic_compare_exchange_n(word, &s, 0, false, __ATOMIC_ACQ_REL,
//| __ATOMIC_RELAXED);
inline word_close(success, s)
{
    assert(alive);
    success = (word == s);
    word = (success -> 0 : word)
}

/*
 * The bucket, and the waiters' entries in it by their numbers.
 */

bool locked;
chan queue = [WAITERS] of { byte }; // ->rings
chan taken = [WAITERS] of { byte };
byte tickets;

byte ticket[WAITERS];
bool pass_on[WAITERS];

// Where each waiter is.  That is for the assertions, but for posted, which is the semaphore.
mtype = { away, queued, in_release, posted };
mtype seat[WAITERS] = away;

hidden byte n, x, success, rest;

//: lot.c wg_lot_lock
//- struct wg_bucket *bucket = bucket_of(key);
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

//: lot.c wg_lot_occupied
//| return *find(bucket, key) != NULL;
#define occupied() (len(queue) > 0)

// The key is always the same; a ring grows at its end.
//: lot.c wg_lot_enqueue
//- self->key = key;
//| self->ticket = bucket->tickets++;
//| self->next = self->prev = self;
//| self->other = NULL;
//| self->pass_on = false;
//| wg_parker_init(&self->parker, clock);
//| struct wg_waiter **link = find(bucket, key);
//| if (*link == NULL)
//| *link = self;
//| else
//| join(*link, self);
inline enqueue(self)
{
    assert(seat[self] == away);
    ticket[self] = tickets;
    tickets++;
    pass_on[self] = false;
    seat[self] = queued;
    queue!self
}

// The ring is closed around the one that leaves it.
//: lot.c wg_lot_dequeue
//| struct wg_waiter **link = find(bucket, self->key);
//| struct wg_waiter *first = *link;
//| if (first == NULL || first->ticket > self->ticket)
//| return false;
//| if (self == first) {
//| if (self->next == self) {
//| *link = self->other;
//| } else {
//| self->next->other = self->other;
//| *link = self->next; } }
//| self->prev->next = self->next;
//| self->next->prev = self->prev;
//| wg_parker_destroy(&self->parker);
//| return true;
inline dequeue(success, self)
{
    success = false;
    if
    :: len(queue) > 0 ->
        queue?<x>;
        if
        :: ticket[x] > ticket[self]
        :: else ->
            assert(seat[self] == queued);
            queue??eval(self);
            leave(self);
            success = true
        fi
    :: else
    fi
}

// The wait returns: nobody refers to its entry any more.
inline leave(self)
{
    assert(!queue??[eval(self)] && !taken??[eval(self)]);
    assert(seat[self] == queued || seat[self] == posted);
    seat[self] = away;
    ticket[self] = 0;
    pass_on[self] = false
}

//: lot.c next_batch
//| struct wg_waiter *first = bucket->taken;
//| struct wg_waiter *last = first;
//| for (int n = 1; n < most && last->next != first; n++)
//| last = last->next;
//| struct wg_waiter *rest = last->next != first ? last->next : NULL;
//| if (rest != NULL) {
//| rest->prev = first->prev;
//| first->prev->next = rest; }
//| bucket->taken = rest;
//| last->next = NULL;
//| for (struct wg_waiter *waiter = first; waiter != NULL; waiter = waiter->next)
//| waiter->pass_on = rest != NULL;
//| return first;
inline next_batch(batch, most)
{
    n = 0;
    rest = len(taken) > most;
    do
    :: n < most && len(taken) > 0 -> taken?x; pass_on[x] = rest; batch!x; n++
    :: else -> break
    od
}

// The ring goes before what is left of earlier ones.
//: lot.c wg_lot_take
//| struct wg_waiter **link = find(bucket, key);
//| struct wg_waiter *first = *link;
//| if (first == NULL)
//| return NULL;
//| *link = first->other;
//| if (bucket->taken != NULL)
//| join(first, bucket->taken);
//| bucket->taken = first;
//| return next_batch(bucket, first_batch());
inline take(batch)
{
    if
    :: len(queue) > 0 ->
        n = len(taken);
        do
        :: len(queue) > 0 -> queue?x; seat[x] = in_release; taken!x
        :: else -> break
        od;
        do
        :: n > 0 -> taken?x; taken!x; n--
        :: else -> break
        od;
        next_batch(batch, BATCH)
    :: else
    fi
}

// Each post is a step, and the next one has been read before it.
//: lot.c wg_lot_release
//| while (batch != NULL) {
//| struct wg_waiter *next = batch->next;
//| wg_parker_post(&batch->parker);
//| batch = next; }
inline release(batch)
{
    do
    :: atomic {
            if
            :: len(batch) > 0 -> batch?x; assert(seat[x] == in_release); seat[x] = posted
            :: else
            fi;
            if
            :: len(batch) > 0
            :: else -> goto over
            fi
        }
    od
}

/*
 * Closing a round: a load and a compare-and-swap, so two steps.  The lock is held before, and
 * free after the second; it is also free if there is nobody to release, and this goes to over.
 */

//: waitgroup.c unlock_and_release
//| wg_lot_unlock(bucket);
//| wg_lot_release(batch);

//: waitgroup.c take_waiters
//- wg_word *word = wg_word_of(wg);
//| uint64_t s = wg_word_load(word);
//| if (!wg_word_drained(s))
//| return NULL;
inline look_for_waiters()
{
    load(s);
    if
    :: drained(s)
    :: else -> s = 0; unlock(); goto over
    fi
}

//| return wg_word_close(word, s) ? wg_lot_take(bucket, wg_sema_of(wg)) : NULL;
inline take_waiters(batch)
{
    atomic {
        word_close(success, s);
        s = 0;
        if
        :: success -> take(batch); unlock()
        :: else -> unlock(); goto over
        fi
    }
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
    users = WAITERS;
    open_round()
}

// A thread that does one task after the other.
proctype doner()
{
    byte s;
    chan batch = [WAITERS] of { byte };

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
        //| close_round(wg);
        //- return wg_word_suspect(old, now) ? check_misuse(wg, old, delta, call) : 0;
        if
        :: drained(word)
        :: else -> goto next
        fi
    };
    atomic {
        //: waitgroup.c close_round
        //- const void *key = wg_sema_of(wg);
        //| struct wg_bucket *bucket = wg_lot_lock(key);
        //| bool alive = wg_lot_occupied(bucket, key);
        //| unlock_and_release(bucket, alive ? take_waiters(wg, bucket) : NULL);
        lock();
        if
        :: occupied()
        :: else -> unlock(); goto next
        fi;
        look_for_waiters()
    };
    take_waiters(batch);
    release(batch);
end:
    false
}

// A thread that waits once for each round, or finds that it is late.
proctype waiter(byte self)
{
    byte s;
    chan batch = [WAITERS] of { byte };
    byte round = 1;
    byte since;     // the last round that had been opened when the wait began
    bool all_added; // by then, the extra tasks too
    bool user;      // counted in users
    bool deadline;

again:
    atomic {
        opened >= round && alive ->
        since = opened;
        all_added = (extra == 0);
        user = last_of_group(round);
        deadline = (self < HASTY);
        //: waitgroup.c is_idle
        //| return likely(wg_word_load(wg_word_of(wg)) == wg_idle_word);
        load(s);
        if
        :: s == 0 -> goto over
        :: else -> s = 0
        fi
    };
    //: waitgroup.c wait_until
    //- wg_word *word = wg_word_of(wg);
    //- const void *key = wg_sema_of(wg);
    //- if (spin(word))
    //- return 0;
    //- struct wait wait;
    //- wait.wg = wg;
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
            //- return used_after_destroy(wg, call); }
            //| if (wg_word_counter(s) == 0) {
            //| unlock_and_release(bucket, take_waiters(wg, bucket));
            //| return 0; }
            if
            :: counter(s) == 0 -> look_for_waiters(); goto close
            :: else
            fi;
            //- if (deadline != NULL &&
            //- (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000)) {
            //- wg_lot_unlock(bucket);
            //- return EINVAL; }
            //| } while (!wg_word_register(word, s));
            word_register(success, s);
            if
            :: success -> break
            :: else -> load(s)
            fi
        }
    od;
    //| wg_lot_enqueue(bucket, key, &wait.self, clock);
    //| wg_lot_unlock(bucket);
    atomic {
        s = 0;
        enqueue(self);
        unlock();
        users = users - user;
        user = false
    };
    //- int error;
    //- pthread_cleanup_push(cancelled, &wait);
    //| error = wg_lot_park(&wait.self, clock, deadline);
    //- pthread_cleanup_pop(0);
    //| return error == 0 ? 0 : give_up(&wait);
park:
    //: lot.c wg_lot_park
    //| int error = wg_parker_wait(&self->parker, clock, deadline);
    //| if (error == 0) {
    //| if (self->pass_on)
    //| pass_on(self);
    //| wg_parker_destroy(&self->parker); }
    //| return error;
    if
    :: atomic { seat[self] == posted && !pass_on[self] -> leave(self); goto over }
    :: atomic { seat[self] == posted && pass_on[self] }
    :: atomic { seat[self] != posted && deadline -> goto give_up }
    fi;
    //: lot.c pass_on
    //| struct wg_bucket *bucket = wg_lot_lock(self->key);
    //| struct wg_waiter *batch =
    //| bucket->taken != NULL ? next_batch(bucket, further_batch()) : NULL;
    //| wg_lot_unlock(bucket);
    //| wg_lot_release(batch);
    atomic {
        lock();
        if
        :: len(taken) > 0 -> next_batch(batch, FURTHER)
        :: else
        fi;
        unlock();
        leave(self) // it has been posted: nobody else knows it any more
    };
    release(batch);
give_up:
    atomic {
        //: waitgroup.c give_up
        //- struct wg_waiter *batch = NULL;
        //- uint64_t s = 0;
        //| struct wg_bucket *bucket = wg_lot_lock(wait->self.key);
        //| bool queued = wg_lot_dequeue(bucket, &wait->self);
        lock();
        dequeue(success, self);
        //| if (queued) {
        //| s = wg_word_unregister(wg_word_of(wait->wg));
        //| if (wg_word_drained(s))
        //| batch = take_waiters(wait->wg, bucket); }
        //| unlock_and_release(bucket, batch);
        if
        :: success ->
            word_unregister(s);
            if
            :: drained(s) -> goto close_after_all
            :: else
            fi;
            unlock()
        :: else ->
            unlock();
            //| if (!queued) {
            //- int cancel_state;
            //- pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
            //| wg_lot_park(&wait->self, CLOCK_REALTIME, NULL);
            //- pthread_setcancelstate(cancel_state, &cancel_state); }
            deadline = false;
            goto park
        fi;
        //| return wg_word_counter(s) == 0 ? 0 : ETIMEDOUT;
        if
        :: counter(s) == 0 -> s = 0; goto over
        :: else -> s = 0; goto next_round
        fi
    };
close_after_all:
    atomic { look_for_waiters() };
close:
    take_waiters(batch);
    release(batch);

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
        round++;
        if
        :: round > ROUNDS -> finished++; goto end
        :: else -> goto again
        fi
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
            finished == THREADS ->
            assert(word == 0 && !locked && len(queue) == 0 && len(taken) == 0);
            assert(!alive || EXTRA > 0);
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

// Every call returns.  It does so without any fairness, for no run is infinite.
ltl returns { <> (finished == THREADS) }
