/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * waitgroup.h - wait for a collection of tasks to finish
 *
 * A wait group is a counter that threads can wait for.  Whoever starts tasks adds their
 * number with wg_add(), each task calls wg_done() when it has finished, and wg_wait() returns
 * when the counter is 0.  The number of tasks need not be known beforehand, tasks need not
 * be threads, any number of threads may wait, and a group can be used again at once.
 *
 *     #include <pthread.h>
 *     #include <stdio.h>
 *     #include <waitgroup.h>
 *
 *     static void *work(void *arg)
 *     {
 *         puts("working");
 *         wg_done(arg);
 *         return NULL;
 *     }
 *
 *     int main(void)
 *     {
 *         wg_t wg = WG_INITIALIZER;
 *         pthread_t thread;
 *         for (int i = 0; i < 10; i++) {
 *             wg_add(&wg, 1);
 *             if (pthread_create(&thread, NULL, work, &wg) != 0)
 *                 wg_done(&wg);
 *             else
 *                 pthread_detach(thread);
 *         }
 *         wg_wait(&wg);
 *         puts("all done");
 *     }
 *
 * The interface, the 12 bytes and their layout are those of Go's sync.WaitGroup as of Go 1.11
 * to 1.17.  The promises below on lifetime and rounds go further than Go's.
 *
 *
 * LIFETIME.  Once any wg_wait() has returned 0, no wg_done() of that round touches the group
 * again, and neither does a thread that was parked in wg_wait().  So the group's memory may be
 * freed, unmapped, reused, or left behind with the stack frame that held it, at once: while the
 * last wg_done() has not returned yet, and while parked waiters have not.  What the program
 * must see to is that no other thread has yet to begin a call on the group, or to park in one:
 * where several threads wait and it cannot know that the others are parked, the last of them
 * to return is the one that may free the group.
 *
 * ROUNDS.  A group whose wg_wait() has returned is ready for the next round at once, with no
 * call in between, even if other waiters of the last round have not been scheduled yet.  They
 * return all the same: what releases one round never counts for another.  Rounds are told
 * apart by happens-before: the thread that opens the next one has seen a wg_wait() return, or
 * has synchronized with one that has.
 *
 * RACING ADDS.  A wg_add() of a positive delta that is to be waited for must happen before the
 * wg_wait() that waits for it, or must be made while the counter is above 0 (by a task that
 * starts further tasks, say).  One that races with the counter's reaching 0 corrupts nothing
 * and leaves nobody behind: either the wait returns on that 0, or it goes on to the next.
 * Go panics here; in C, a group as a count of what is in flight, drained by wg_wait(), is a
 * legal use.
 *
 * SYNCHRONIZATION.  Everything that happens before a wg_add() or wg_done() also happens before
 * the return of any wg_wait() that returns on a counter of 0 which that call helped to reach.
 * A successful wg_destroy() synchronizes in the same way as wg_wait().  Nothing else does: in
 * particular, wg_done() does not see what other tasks did before theirs.
 *
 * WHICH CALLS MAY RUN AGAINST WHICH, from different threads on one group:
 *
 *                     wg_init   wg_add, wg_done   wg_wait   wg_destroy
 *     wg_init           no            no             no         no
 *     wg_add, wg_done   no            yes            yes        yes (1)
 *     wg_wait           no            yes            yes        yes (1)
 *     wg_destroy        no            yes (1)        yes (1)    yes (1)
 *
 *     (1) as if one ran after the other: if wg_destroy() is first, the other call is a use
 *         after wg_destroy(), and is reported as one; if it is second, it may return EBUSY.
 *
 * MISUSE.  A counter below 0, a counter above INT32_MAX, and any use after wg_destroy() are
 * bugs in the program.  The library undoes the call's effect on the group and then reports to
 * the misuse handler (wg_set_misuse_handler), which by default aborts the process.
 *
 * SIGNALS.  None of the functions is async-signal-safe: the wg_done() that releases waiters
 * takes a lock for a moment, and would wait for itself if it had interrupted the holder.
 *
 * CANCELLATION.  wg_wait() is a cancellation point when it has to block; the others never are,
 * and can be called with a cancellation pending.  No function is async-cancel-safe.
 *
 * ERRORS are returned, never put into errno, which is as before after each call.
 *
 * LIMITS.  A group works within one process: in memory shared between processes it does not.
 * All calls on one group must go through the same copy of the library; a shared and a static
 * copy in one process each have waiters of their own.  A group must not be copied or moved:
 * its address is part of its identity, and its layout depends on it.
 *
 * C99 or C++, with no other requirements.  All functions can be called from C++; wg_wait()
 * lets the unwinding of a cancelled thread pass through, so it must not be called from a
 * function that is noexcept if the thread may be cancelled.
 */
#ifndef WAITGROUP_H
#define WAITGROUP_H

#include <stdint.h>

/* The version of this header; wg_version() tells that of the library in use. */
#define WG_VERSION_MAJOR 0
#define WG_VERSION_MINOR 1
#define WG_VERSION_PATCH 0
#define WG_VERSION_STRING "0.1.0"

/* The version as one number that grows with it: 0x010203 is 1.2.3. */
#define WG_VERSION ((WG_VERSION_MAJOR << 16) | (WG_VERSION_MINOR << 8) | WG_VERSION_PATCH)

#if defined(__GNUC__)
#    define WG_PUBLIC __attribute__((visibility("default")))
#else
#    define WG_PUBLIC
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A wait group: 12 bytes, aligned to 4, on every platform.  It may lie anywhere that is a
 * multiple of 4, with no regard to 8: on the stack, in an array, in a struct after an int.
 * The contents are private to the library.
 *
 * All bytes 0 is a group ready for use with the counter at 0: from WG_INITIALIZER, static
 * storage, calloc(), memset() or wg_init(), whichever is at hand.
 */
typedef struct wg {
    uint32_t state[3];
} wg_t;

/* Initializes a wg_t where it is defined: wg_t wg = WG_INITIALIZER; */
/* clang-format off */
#define WG_INITIALIZER { { 0, 0, 0 } }
/* clang-format on */

/*
 * wg_init - make memory into a group with the counter at 0
 *
 * Effect:    *wg becomes ready for use, whatever it held: uninitialized memory, a group that
 *            wg_destroy() has ended, or one whose rounds are over.
 * Requires:  no other thread uses the group during the call, and what makes the group known
 *            to other threads (pthread_create(), a mutex, ...) makes this call known first.
 * Returns:   0, or EINVAL if wg is null or its address is not a multiple of 4.
 * Threads:   not against any call on the same group.
 */
WG_PUBLIC int wg_init(wg_t *wg);

/*
 * wg_add - add delta, which may be negative, to the counter
 *
 * Effect:    the counter changes by delta in one atomic step.  If that makes it 0, all threads
 *            parked in wg_wait() are released.  A delta of 0 changes nothing.
 * Requires:  wg is a group.  For a positive delta from a counter of 0, see RACING ADDS above.
 * Returns:   0, or after a misuse that the handler returned from, with the group as it was
 *            before the call:
 *            EINVAL     the counter would fall below 0, or the group has been destroyed
 *            EOVERFLOW  the counter would exceed INT32_MAX
 * Cost:      one atomic fetch-and-add, unless it releases waiters; then it makes at most 8
 *            system calls to wake threads, however many there are, and those wake the rest.
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     release, towards each wg_wait() and wg_destroy() that returns 0 on it.
 */
WG_PUBLIC int wg_add(wg_t *wg, int delta);

/*
 * wg_done - report that one task has finished
 *
 * The same as wg_add(wg, -1) in all respects, with a signature that can be handed over as a
 * callback.  Once a wg_wait() has returned on its effect the group may be gone, even if this
 * call has not returned yet (see LIFETIME).
 */
WG_PUBLIC int wg_done(wg_t *wg);

/*
 * wg_wait - wait until the counter is 0
 *
 * Effect:    returns when it has seen the counter at 0, at once if it is 0 already; otherwise
 *            spins briefly where there is more than one CPU, and then sleeps on a POSIX
 *            semaphore.  Handlers of signals run meanwhile and change nothing.
 * Requires:  wg is a group.
 * Returns:   0, or EINVAL if the group has been destroyed (a misuse) and the handler returned.
 * Memory:    none is allocated, so it cannot fail for want of it.
 * Threads:   safe against every call but wg_init() on the same group, by any number of threads.
 * Signals:   not async-signal-safe.
 * Cancellation: a cancellation point when it has to block, with deferred cancellation.  A
 *            cancelled wait leaves the group as if it had never been called, and the release
 *            of other waiters does not depend on it.
 * Order:     acquire: see SYNCHRONIZATION above.
 */
WG_PUBLIC int wg_wait(wg_t *wg);

/*
 * wg_destroy - end a group, so that later uses are noticed
 *
 * A group owns nothing that would leak, so destroying it is never obligatory.  It helps to
 * find bugs: every later call but wg_init() on a destroyed group is reported as misuse.
 *
 * Effect:    the group is destroyed, unless it is in use.
 * Requires:  wg is a group.
 * Returns:   0, or EBUSY, with nothing changed, if the counter is not 0 or a thread is parked
 *            in wg_wait(); EINVAL if the group was destroyed before (a misuse) and the
 *            handler returned.
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     acquire when it returns 0, as wg_wait().
 */
WG_PUBLIC int wg_destroy(wg_t *wg);

/*
 * wg_misuse_fn - what is called when the program misuses a group
 *
 * what is one line without a newline that names the call with its arguments and the reason,
 * for example "waitgroup: wg_done(0x7ffd5c8b9e34): negative counter (-1)"; it is valid during
 * the call only.  wg is the group's address; the group may have been freed by then, so print
 * it, and do not use it.  The handler runs in the thread that made the call, which holds no
 * lock of the library.  It may return, or leave by abort(), pthread_exit() or longjmp().
 */
typedef void (*wg_misuse_fn)(const wg_t *wg, const char *what);

/*
 * wg_set_misuse_handler - choose what happens on misuse, for the whole process
 *
 * Effect:    fn is called for each misuse from now on.  Null restores the default, which
 *            prints the line to stderr and calls abort(), as Go panics.
 * Returns:   the handler before; null if that was the default.
 * Threads:   safe against every call.
 * Order:     what happens before the call happens before each call of fn.
 */
WG_PUBLIC wg_misuse_fn wg_set_misuse_handler(wg_misuse_fn fn);

/* wg_version - the version of the library in use, in the form of WG_VERSION_STRING */
WG_PUBLIC const char *wg_version(void);

#ifdef __cplusplus
}
#endif

#endif /* WAITGROUP_H */
