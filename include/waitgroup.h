/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * waitgroup.h - wait for a collection of tasks to finish
 *
 * A wait group is a counter that threads can wait for.  Whoever starts tasks adds their
 * number with wg_add().  Each task calls wg_done() when it has finished.  wg_wait() returns
 * when the counter is 0.  The number of tasks need not be known beforehand, and tasks need
 * not be threads.  Any number of threads may wait, and a group can be used again at once.
 *
 * wg_go() runs a task in a new thread: it adds 1, starts the thread, and calls wg_done()
 * when the task ends.  wg_close() ends the adding: from then on, wg_tryadd() and wg_go()
 * are refused.  wg_done_last() also tells its caller whether that task was the last one.
 *
 *     #include <errno.h>
 *     #include <stdio.h>
 *     #include <waitgroup.h>
 *
 *     static void work(void *number)
 *     {
 *         printf("task %d\n", *(int *)number);
 *     }
 *
 *     int main(void)
 *     {
 *         wg_t wg = WG_INITIALIZER;
 *         int numbers[] = {1, 2, 3};
 *         for (int i = 0; i < 3; i++)
 *             if (wg_go(&wg, work, &numbers[i]) == EAGAIN)
 *                 work(&numbers[i]);
 *         wg_wait(&wg);
 *         puts("all done");
 *     }
 *
 * The interface, the 12 bytes and their layout are those of Go's sync.WaitGroup as of Go
 * 1.11 to 1.17; wg_go() is the Go() of Go 1.25.  The promises below on lifetime and rounds
 * go further than Go's.
 *
 * WORDS.  In all that follows:
 *
 *     counter     the number of tasks that have been added and are not done yet
 *     addition    a call of wg_add(), wg_done(), wg_done_last(), wg_tryadd() or wg_go();
 *                 wg_done() and wg_done_last() add -1
 *     wait        a call of wg_wait(), wg_timedwait(), wg_clockwait(), wg_reltimedwait() or
 *                 wg_trywait()
 *     waiter      a thread that is in a wait
 *     round       begins when the counter rises from 0, and is over when the counter is 0
 *                 again
 *     parked      A waiter is parked from the moment its wait has queued it: it is about to
 *                 sleep, or sleeps, until the round is over or the wait gives up.  No
 *                 function tells whether a thread is parked.
 *     released    A parked waiter is released when the round is over: its wait is going to
 *                 return 0, unless the thread is cancelled first.
 *     holder      a thread that keeps the counter above 0: it runs a task, or has added one
 *                 and not started it yet
 *     last        A task is the last one if its end brings the counter to 0.
 *     open        A group is open until wg_close() closes it.
 *     closed      A closed group refuses wg_tryadd() and wg_go().  It is closed for good:
 *                 only wg_init() opens it again.
 *     drained     A closed group is drained once its counter is 0: no task is left, and
 *                 none will come (if only holders call wg_add() after the close).
 *     to free     a group: to end its memory in any way.  That may be free() or munmap(),
 *                 another use of the memory, or the end of the block or function whose
 *                 variable it is.
 *
 * LIFETIME.  When may a group be freed?  If only its tasks and its waiters still use it,
 * there are two cases:
 *
 *     one waiter         as soon as its wait has returned 0
 *     several waiters    as soon as all their waits have returned 0
 *
 * In both cases the last wg_done() need not have returned: it no longer touches the group.
 * After ETIMEDOUT the group has to live on, until another wait returns 0.
 *
 * The full rule.  Once any wait, or wg_destroy(), has returned 0, no addition of that round
 * touches the group again, and neither does a waiter that was parked.  The thread that got
 * this 0 may free the group, if the program makes sure of two things:
 *
 *   - No other thread is still going to call a function on the group.
 *   - No other thread is in a wait without being parked; in wg_count(), wg_close() or
 *     wg_destroy(); or in a wg_tryadd() or wg_go() that may be refused.
 *
 * The other way to know that a group may be freed is WG_DRAINED: see wg_done_last().
 *
 * These rules are about the group alone.  A task calls wg_done() last of all: after it has
 * finished with everything that the waiter may free or look at, and has unlocked every lock
 * that lies there.
 *
 * ROUNDS.  Once a wait has returned 0, the next round may begin at once.  No call is needed
 * in between, and the other waiters of the last round need not have returned.  Those that
 * were parked return all the same: the end of a round releases the waiters of this round,
 * and no others.  A waiter that was not parked yet may find that the next round has begun;
 * then it waits for the next round as well.  The thread that begins the next round must
 * have seen a wait return 0, or have synchronized with a thread that has.
 *
 * RACING ADDS.  A wait waits for a task if the call that adds the task happens before the
 * wait, or is made while the counter is above 0 (by a task that starts further tasks, say).
 * A task that is added while the counter reaches 0 does no harm: no waiter is forgotten,
 * and each wait returns at this 0 or at the next.  (Go panics here.)  So a group may count
 * what is in flight, and a wait lets that finish.  Such a wait does not keep later
 * additions out; wg_close() does.
 *
 * CLOSING.  From the close on, wg_tryadd() and wg_go() are refused.  A close does not wait,
 * and a wait does not close.  Once a wait that began after the close has returned 0, the
 * group is drained.  This is how to end a server, a plug-in, or anything else that other
 * threads may still try to use.
 *
 * wg_add() is never refused.  On a closed group it is for holders only, such as a task that
 * starts further tasks.  A wg_add() from 0 on a closed group is a bug that is not noticed.
 *
 * A flag of the program's own, beside the group, is no replacement.  One thread adds, and
 * then looks at the flag; the other sets the flag, and then waits.  Each may miss what the
 * other has done, since neither release and acquire nor the processors keep a store and a
 * later load of another variable in order (store buffering).  It would take a lock around
 * both steps, or a sequentially consistent fence between them, on each side.  wg_tryadd()
 * looks and adds in one step.
 *
 * SYNCHRONIZATION.  Everything that happens before an addition, unless it is refused, also
 * happens before the return of each wait that returns 0 on a counter which this addition
 * helped to bring to 0, in its own round or a later one.  What is said here of such a wait
 * also holds for
 *
 *   - a wg_destroy() that returns 0;
 *   - a wg_done_last() that returns WG_LAST or WG_DRAINED;
 *   - a wg_close() that returns WG_DRAINED.
 *
 * Everything that happens before the wg_close() that has closed a group also happens before
 * the return of each wg_tryadd() and wg_go() that it refuses, and of the wg_done_last()
 * that returns WG_DRAINED.
 *
 * Nothing else synchronizes.  In particular, a task that calls wg_done() does not see by it
 * what other tasks have done, and wg_count() sees nothing.
 *
 * WHICH CALLS MAY RUN AGAINST WHICH, from different threads on one group:
 *
 *                     wg_init   additions,   wg_close   waits     wg_destroy
 *                               wg_count
 *     wg_init           no        no           no         no        no
 *     additions,
 *     wg_count          no        yes          yes (2)    yes       yes (1)
 *     wg_close          no        yes (2)      yes        yes       yes (1)
 *     waits             no        yes          yes        yes       yes (1)
 *     wg_destroy        no        yes (1)      yes (1)    yes (1)   yes (1)
 *
 *     (1) as if one ran after the other: if wg_destroy() is first, the other call is a use
 *         after wg_destroy(), and is reported as one; if it is second, it may return EBUSY.
 *     (2) as if one ran after the other: a wg_tryadd() or wg_go() that is first is counted,
 *         one that is second is refused.
 *
 * MISUSE.  A counter below 0, a counter above INT32_MAX, and any use after wg_destroy() are
 * bugs in the program.  The library first undoes what the call did to the group.  Then it
 * reports the call to the misuse handler (wg_set_misuse_handler()), which by default aborts
 * the process.
 *
 * Until the effect is undone, the calls of other threads meet a wrong counter, and one of
 * them may be reported in place of the misuse.  A call may also find the counter at 0
 * though tasks are left: then a wait returns 0, wg_done_last() returns WG_LAST or
 * WG_DRAINED, or wg_close() returns WG_DRAINED.  If the program frees the group after that,
 * the undoing touches memory that is gone.
 *
 * WHOM A WAITER DEPENDS ON.  The thread whose addition brings the counter to 0 ends the
 * round: it wakes the waiters.  Each waiter that has been woken helps it before its own
 * wait returns.  If a wait finds the counter at 0 first, it ends the round in place of that
 * thread.
 *
 * Each waiter returns once the thread that brought the counter to 0 has run.  It does not
 * depend on other waiters that sleep, of this group or of another.  They may be in a signal
 * handler, have a low priority, or be stopped by a debugger.  Until a thread is about to
 * wake it, a waiter can still time out, or be cancelled, by itself.
 *
 * As with any lock, a thread that is stopped inside a call, and is not asleep there, can
 * hold up others: the waiter that it is about to wake and, if it holds a lock at that
 * moment, users of other groups.
 *
 * SIGNALS.  No function is async-signal-safe.  The wg_done() that releases waiters takes a
 * lock for a moment.  In a handler that has interrupted the thread which holds this lock,
 * the call would wait for ever.
 *
 * A handler that runs during a wait does not end it: the wait goes on, with the same
 * deadline, with or without SA_RESTART.  While its thread sleeps in a wait, a handler may
 * block for as long as it likes; that holds up no other thread.  A handler that has
 * interrupted a call which was not asleep may hold up others if it blocks, users of other
 * groups too: the call may hold a lock.
 *
 * A handler must not leave a wait by siglongjmp(): the thread would still be queued, with a
 * stack frame that is gone.  A handler must not leave a call by pthread_exit(), unless the
 * call is a wait that sleeps: the call may hold a lock.
 *
 * CANCELLATION.  wg_wait(), wg_timedwait(), wg_clockwait() and wg_reltimedwait() are
 * cancellation points when they have to block.  The other functions never are: they do
 * their work even if a cancellation is pending.  No function is async-cancel-safe.
 *
 * A wait that is cancelled leaves the group as if the wait had never been called, even if
 * the round has just ended.  The release of other waiters does not depend on it.  But the
 * tasks go on, and the stack of the thread is unwound.  If the group is in one of its
 * frames, it is gone while tasks are still going to call wg_done() on it.  So a thread that
 * may be cancelled waits for a group that lies elsewhere, or disables cancellation around
 * the wait.
 *
 * With winpthreads, on Windows, a thread must not be cancelled if it may have ended, even
 * if no thread has joined it: pthread_cancel() then uses memory that has been freed.
 *
 * FORK.  The child of fork() can use all groups, whatever other threads were doing at the
 * fork.  Nobody is parked in the child.  The counter of a group is what it was.  A group
 * that counts tasks of threads that the child does not have will not reach 0 by itself, and
 * a group in the middle of a misuse stays wrong: wg_init() makes it a new one.
 *
 * Programs must not
 *
 *   - use in the child a group on the stack of a thread that the child does not have, or
 *     give it to wg_init(): the C library uses this memory again, for the stack of a thread
 *     that the child creates;
 *   - call fork() in a signal handler that has interrupted a call of the library;
 *   - use groups in child handlers of pthread_atfork() that run before the library's own;
 *   - use groups in a child that runs no such handlers, as that of _Fork(), vfork() or
 *     clone();
 *   - use groups in the child if another thread was in a call of the library at the fork,
 *     where 8-byte atomics are libatomic's, under a lock of its own (on mips, mipsel and
 *     powerpc).
 *
 * If there is no memory to install the library's handler when the library is loaded, it
 * says so and aborts the process.
 *
 * TOOLS.  The library as it is installed tells ThreadSanitizer, Helgrind and DRD of the
 * synchronization above (the latter two, if Valgrind's headers were there when it was
 * built).  So these report nothing in a correct program, without options or suppressions,
 * and still find races that a group does not rule out.  Where a program has
 * AddressSanitizer, a call on a group whose memory has been freed, or whose stack frame is
 * gone, is reported like any other access.  What the tools do not know themselves remains:
 *
 *   - If a thread is cancelled while it sleeps, ThreadSanitizer and DRD still take it for
 *     asleep.  Both may report what its cleanup handlers do, and DRD the semaphore that it
 *     slept on.
 *   - ThreadSanitizer does not know sem_clockwait().  A signal handler that is to run
 *     during a wait with a deadline runs when the wait is over.
 *   - Valgrind's tools do not see that glibc gives the stack of an ended thread to a new
 *     one.  If several threads of a program create threads by other means than wg_go(),
 *     Helgrind may report pthread_create() and the first steps of the new threads, and DRD
 *     their thread-local variables.
 *   - DRD never forgets a detached thread.  It breaks off after 500 calls of wg_go() (after
 *     more, with --max-threads).
 *
 * ERRORS are returned.  errno is the same before and after each call.
 *
 * LIMITS.  A group works within one process: it does not work in memory that processes
 * share.
 *
 * All calls on one group must go through the same copy of the library: a shared and a
 * static copy in one process each have waiters of their own.
 *
 * A group must not be copied or moved: its address is part of its identity, and its layout
 * depends on the address.
 *
 * Waiters are woken in the order in which they came, whatever their priorities.  Groups
 * share locks without priority inheritance, so a thread of lower priority can make a wait
 * end late.  So groups are not for real-time threads that run beside threads of lower
 * priority.
 *
 * A plug-in with a static copy of the library may be unloaded only when no thread is in a
 * call of it.  That cannot be known of the threads of wg_go().  The shared library stays
 * loaded, but not on Windows.
 *
 * C99 OR C++.  A wait lets the unwinding of a cancelled thread pass through.  So if a
 * thread may be cancelled, it must not wait in a C++ function that is noexcept, as
 * destructors are unless they say otherwise.
 */
#ifndef WAITGROUP_H
#define WAITGROUP_H

/* A program may define any macros.  So attributes have underscores, parameters have no
 * names, and all other names begin with wg_ or WG_. */

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* The version of this header; wg_version() tells that of the library in use. */
#define WG_VERSION_MAJOR 0
#define WG_VERSION_MINOR 1
#define WG_VERSION_PATCH 0
#define WG_VERSION_STRING "0.1.0"

/* The version as one number that grows with it: 0x010203 is 1.2.3. */
#define WG_VERSION ((WG_VERSION_MAJOR << 16) | (WG_VERSION_MINOR << 8) | WG_VERSION_PATCH)

/* For the functions that a shared library exports.  A Windows build of the library defines
 * it itself.  Programs on Windows need not know whether they are linked with the DLL. */
#ifndef WG_PUBLIC
#    if defined(__GNUC__) && !defined(_WIN32) && !defined(__CYGWIN__)
#        define WG_PUBLIC __attribute__((__visibility__("default")))
#    else
#        define WG_PUBLIC
#    endif
#endif

#if defined(__GNUC__)
#    define WG_CHECKED_ __attribute__((__warn_unused_result__))
#    define WG_ALIGNED_ __attribute__((__aligned__(4)))
#else
#    define WG_CHECKED_
#    define WG_ALIGNED_
#endif

/* For functions that have to be fast: the call goes straight to the library, not through
 * the procedure linkage table. */
#if defined(__ELF__) && defined(__has_attribute)
#    if __has_attribute(__noplt__)
#        define WG_NOPLT_ __attribute__((__noplt__))
#    endif
#endif
#ifndef WG_NOPLT_
#    define WG_NOPLT_
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct timespec; /* not in <time.h> if C99 is all that was asked for */

/* A 32-bit program may choose the size of its time_t (_TIME_BITS).  So the library has each
 * call that takes a time twice.  The call for 32 bits has the plain name. */
#if defined(__TIMESIZE) && __TIMESIZE == 32 && defined(__USE_TIME_BITS64)
#    define WG_TIME64_(name) WG_TIME64_AS_(name)
/* clang-format off */
#    define WG_TIME64_AS_(name) __asm__(#name "_time64")
/* clang-format on */
#else
#    define WG_TIME64_(name)
#endif

/*
 * A wait group: 12 bytes, aligned to 4, on every platform.  It may lie at any multiple of
 * 4, not only of 8: on the stack, in an array, in a struct after an int.  The contents are
 * private to the library.
 *
 * All bytes 0 is an open group with the counter at 0.  WG_INITIALIZER, static storage,
 * calloc(), memset() and wg_init() all make one.
 */
typedef struct wg_t {
    uint32_t state[3];
} WG_ALIGNED_ wg_t; /* as uint32_t is; not on m68k, nor where #pragma pack is in force */

/* A packed struct puts its members anywhere, even a group; GCC warns of that.  A compiler
 * that packs all structs (-fpack-struct) is caught here. */
#if defined(__GNUC__) && !defined(pack) && !defined(push) && !defined(pop)
#    pragma pack(push)
#    pragma pack()
struct wg_probe_ {
    char wg_first;
    wg_t wg_second;
};
#    pragma pack(pop)
typedef char
    wg_not_for_packed_structs_[offsetof(struct wg_probe_, wg_second) == 4 ? 1 : -1];
#endif

/* Initializes a wg_t where it is defined: wg_t wg = WG_INITIALIZER; */
/* clang-format off */
#define WG_INITIALIZER { { 0, 0, 0 } }
/* clang-format on */

/* What wg_done_last() and wg_close() return besides 0 and errors.  Negative, as
 * PTHREAD_BARRIER_SERIAL_THREAD is, so that it is no error number. */
#define WG_LAST (-1)
#define WG_DRAINED (-2)

/*
 * wg_init(wg) - make memory into an open group with the counter at 0
 *
 * Effect:    *wg is ready for use, whatever it held before: uninitialized memory, a group
 *            that wg_destroy() has ended, or a group whose rounds are over.
 * Requires:  no other thread uses the group during the call.  What makes the group known to
 *            other threads (pthread_create(), a mutex, ...) makes this call known first.
 * Returns:   0, or EINVAL if wg is null or its address is not a multiple of 4.
 * Threads:   not against any call on the same group.
 */
WG_PUBLIC int wg_init(wg_t *);

/*
 * wg_add(wg, delta) - add delta, which may be negative, to the counter
 *
 * Effect:    the counter changes by delta in one atomic step.  If that makes it 0, all
 *            parked waiters are released.  A delta of 0 changes nothing.
 * Requires:  wg is a group.  For a positive delta from a counter of 0, see RACING ADDS
 *            above.  It does not matter whether the group is closed (see CLOSING).
 * Returns:   0.  After a misuse, if the handler returned, with the group as it was before
 *            the call:
 *            EINVAL     the counter would fall below 0, or the group has been destroyed
 *            EOVERFLOW  the counter would exceed INT32_MAX
 * Cost:      one atomic fetch-and-add, unless the call releases waiters.  Then also one
 *            system call for each waiter that it wakes; waiters that have been woken wake
 *            others meanwhile.
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     release, towards each wait and wg_destroy() that returns 0 on it.
 */
WG_PUBLIC int wg_add(wg_t *, int) WG_NOPLT_;

/*
 * wg_done(wg) - report that one task has finished
 *
 * The same as wg_add(wg, -1), with a signature that fits a callback.  Where a
 * void (*)(void *) is asked for, as by pthread_cleanup_push(), pthread_key_create() and
 * wg_go(), write a function that calls wg_done(): a call of wg_done() through a pointer of
 * another type is undefined.  Once a wait has returned because of this call, the group may
 * be gone, even if this call has not returned yet (see LIFETIME).
 */
WG_PUBLIC int wg_done(wg_t *) WG_NOPLT_;

/*
 * wg_tryadd(wg, delta) - add delta to the counter, unless the group is closed
 *
 * Effect:    on an open group, the same as wg_add(); on a closed group, none.  One atomic
 *            step looks and adds.
 * Requires:  delta is above 0.  wg is a group.  Its memory outlives every wg_tryadd() that
 *            may still come, also those that will be refused: it is part of something that
 *            lives longer, or nobody can find it any more.  From a counter of 0, see RACING
 *            ADDS above.
 * Returns:   0.  Or, with nothing changed:
 *            ECANCELED  the group is closed
 *            EINVAL     delta is below 1 (no misuse), or the group has been destroyed (a
 *                       misuse) and the handler returned
 *            EOVERFLOW  the counter would exceed INT32_MAX (a misuse) and the handler
 *                       returned
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     as wg_add().  If it is refused, acquire: it sees what happened before the
 *            wg_close().
 */
WG_PUBLIC int wg_tryadd(wg_t *, int) WG_CHECKED_ WG_NOPLT_;

/*
 * wg_close(wg) - from now on, refuse wg_tryadd() and wg_go()
 *
 * Effect:    the group is closed.  The call does not wait, it releases nobody, and the
 *            counter stays what it was.
 * Requires:  wg is a group.
 * Returns:   0, also if the group was closed before.
 *            WG_DRAINED  this call has closed the group, and the counter was 0: see
 *                        wg_done_last()
 *            EINVAL      the group has been destroyed (a misuse) and the handler returned
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     release, towards each call that it refuses, and towards the wg_done_last()
 *            that returns WG_DRAINED.  Acquire when it returns WG_DRAINED, as wg_wait().
 */
WG_PUBLIC int wg_close(wg_t *);

/*
 * wg_done_last(wg) - report that one task has finished, and learn whether it was the last
 *
 * Effect:    as wg_done().
 * Returns:   one of
 *            WG_LAST     this call has brought the counter of an open group to 0
 *            WG_DRAINED  this call has brought the counter of a closed group to 0
 *            0           tasks are left
 *            an error    as of wg_done()
 *
 * Where all tasks end by wg_done_last(), so does one that was added and could not be
 * started: this call undoes the wg_add(), and may be the last one, too.
 *
 * WG_LAST.  If all tasks end by wg_done_last(), exactly one call in each round of an open
 * group returns WG_LAST.  It has seen what all tasks of the round did.  Other ways to bring
 * the counter to 0 tell nobody: wg_done(), wg_add(), the end of a wg_go() task, and a
 * wg_go() that finds no thread.
 *
 * WG_DRAINED.  No task is left, and none will come.  In the life of a group exactly one
 * call returns WG_DRAINED, a wg_done_last() or the wg_close(), on two conditions: all tasks
 * end by wg_done_last(), and only holders call wg_add() once the group is closed.  The
 * thread that gets WG_DRAINED owns the end.
 *
 * Lifetime:  if there is no waiter, and no thread is still going to call a function on the
 *            group, the thread that gets WG_LAST or WG_DRAINED may free it at once; the
 *            wg_close() and the other wg_done_last() need not have returned.  If there is a
 *            waiter, it may have freed the group already: then do not touch the group.
 * Order:     release, as wg_done().  Acquire when it returns WG_LAST or WG_DRAINED, as
 *            wg_wait().  In all else as wg_done().
 */
WG_PUBLIC int wg_done_last(wg_t *) WG_CHECKED_ WG_NOPLT_;

/*
 * wg_go(wg, fn, arg) - run fn(arg) as a task in a thread of its own
 *
 * Effect:    unless the group is closed, adds 1 to the counter and starts a detached
 *            thread.  The thread calls fn(arg), and wg_done(wg) when fn ends: by returning,
 *            by pthread_exit() or by cancellation.  (On Windows a task has to return:
 *            winpthreads cannot cancel such threads, and its pthread_exit() runs no cleanup
 *            handlers.)
 *
 * Thread:    it has the caller's signal mask and the system's default attributes.  Where
 *            there is pthread_setattr_default_np(), it has the attributes chosen by that:
 *            size and guard of the stack, scheduling, affinity.  To choose others for one
 *            task, call wg_tryadd() and pthread_create() in place of wg_go(), and begin the
 *            task with wg_defer_done().
 *
 * A task may call wg_go() for further tasks of the same group.  Destructors of
 * thread-specific data (pthread_key_create(), C++'s thread_local) run after the wg_done():
 * no wait waits for them.
 *
 * Requires:  wg is a group that lives until a wait has returned 0.  If the call may be
 *            refused, the group also lives until the call has returned, as with
 *            wg_tryadd().  From a counter of 0, see RACING ADDS above.  fn is not left by
 *            longjmp() or by a C++ exception.
 * Returns:   0.  Or, with nothing run and the counter as before the call:
 *            EAGAIN     the system has no thread to give, or no memory for one.  If the
 *                       caller then does the work itself, no wait waits for that work
 *            ECANCELED  the group is closed
 *            EINVAL, EOVERFLOW  a misuse whose handler returned, as for wg_tryadd()
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.
 * Cancellation: not a cancellation point.
 * Order:     what happens before the call happens before fn.  What fn does happens before
 *            the return of each wait that the end of fn helps to release.  If the call is
 *            refused, acquire, as wg_tryadd().
 */
WG_PUBLIC int wg_go(wg_t *, void (*)(void *), void *) WG_CHECKED_;

/*
 * wg_wait(wg) - wait until the counter is 0
 *
 * Effect:    returns when it has seen the counter at 0: at once, if it is 0 already.  The
 *            call first spins for some ten microseconds, if spinning has paid off recently
 *            and nobody else sleeps on the group.  Then it sleeps: on a POSIX semaphore, or
 *            on a condition variable where semaphores do not work.
 * Requires:  wg is a group.
 * Returns:   0, or EINVAL if the group has been destroyed (a misuse) and the handler
 *            returned.
 * Memory:    none is allocated, so the call cannot fail for want of memory.  (That takes a
 *            C library whose semaphores, mutexes and conditions need none, such as glibc
 *            and musl.)
 * Threads:   safe against every call but wg_init() on the same group, by any number of
 *            threads.
 * Signals:   not async-signal-safe; handlers do not end the wait.
 * Cancellation: a cancellation point when it has to block.
 * Order:     acquire: see SYNCHRONIZATION above.
 */
WG_PUBLIC int wg_wait(wg_t *) WG_NOPLT_;

/*
 * wg_trywait(wg) - is the counter 0?
 *
 * Effect:    looks at the counter, and never blocks.
 * Returns:   0 if the counter is 0.  This 0 means all that a 0 of wg_wait() means.
 *            EBUSY      the counter is not 0
 *            EINVAL     the group has been destroyed (a misuse) and the handler returned
 * Cancellation: not a cancellation point.  In all else as wg_wait().
 */
WG_PUBLIC int wg_trywait(wg_t *) WG_CHECKED_ WG_NOPLT_;

/*
 * wg_timedwait(wg, abstime) - wait until the counter is 0, or until a wall-clock time
 * wg_clockwait(wg, clock, abstime) - wait until the counter is 0, or until a time on clock
 * wg_reltimedwait(wg, reltime) - wait until the counter is 0, or for a duration
 *
 * Effect:    as wg_wait(), but the wait gives up at a deadline.  abstime is an absolute
 *            time, as in sem_timedwait().  reltime is a duration from the call on, on
 *            CLOCK_MONOTONIC.
 *
 * Deadline:  setting the wall clock does not move a deadline on CLOCK_MONOTONIC.  One on
 *            CLOCK_REALTIME follows the wall clock where the C library's own waits do (not
 *            with musl; with winpthreads up to an hour late).  A deadline before the
 *            beginning of its clock has passed.  A reltime of 0, or a negative one, has
 *            passed.  A reltime beyond the range of the clock ends where the clock ends.
 *            Once the deadline has passed, the wait does not spin.  A wait that gives up
 *            leaves the group as if the wait had never been called.
 * Requires:  wg is a group; abstime or reltime is not null.
 * Returns:   0 if the wait has seen the counter at 0, even if the deadline has passed by
 *            then.  If the counter is 0 at the beginning, abstime and reltime are not
 *            looked at.
 *            ETIMEDOUT  the deadline has passed and the counter is not 0.  The tasks go
 *                       on: the group, and all that they use, has to live until a later
 *                       wait returns 0, or a call returns WG_DRAINED
 *            EINVAL     clock is neither CLOCK_REALTIME nor CLOCK_MONOTONIC; or the wait
 *                       would have to block, and the nanoseconds are not in
 *                       0..999,999,999; or the group has been destroyed (a misuse) and the
 *                       handler returned
 *
 * In all else as wg_wait().  wg_clockwait() is declared where <time.h> has clockid_t:
 * wherever POSIX.1b (1993) or later is asked for.  A 32-bit program may choose the size of
 * its time_t (_TIME_BITS): all three work, whatever the library has been built with.
 */
WG_PUBLIC int wg_timedwait(wg_t *, const struct timespec *)
    WG_TIME64_(wg_timedwait) WG_CHECKED_;
WG_PUBLIC int wg_reltimedwait(wg_t *, const struct timespec *)
    WG_TIME64_(wg_reltimedwait) WG_CHECKED_;
#ifdef CLOCK_REALTIME
WG_PUBLIC int wg_clockwait(wg_t *, clockid_t, const struct timespec *)
    WG_TIME64_(wg_clockwait) WG_CHECKED_;
#endif

/*
 * wg_count(wg) - the counter, for logs and tests
 *
 * Returns:   the counter at some moment during the call.  For a group that has been
 *            destroyed (a misuse), 0 if the handler returned.  The value is for advice: the
 *            counter may have changed by the time the caller looks at it, and the call
 *            synchronizes with nothing.  It is reliable only if the program makes all
 *            changes of the counter under one lock, and the caller holds that lock.  It
 *            cannot be a lock that a waiter frees: wg_done() comes after its unlock.
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 */
WG_PUBLIC int wg_count(const wg_t *);

/*
 * wg_destroy(wg) - end a group, so that later uses are noticed
 *
 * A group owns nothing that could leak, so no program has to destroy it.  wg_destroy()
 * helps to find bugs: every later call on the group but wg_init() is reported as misuse.
 * (One exception: a call while another thread's misuse, an addition of 2^30 or more, has
 * not been undone yet.)
 *
 * Effect:    the group is destroyed, unless it is in use.  A closed group can be destroyed,
 *            too.
 * Requires:  wg is a group.
 * Returns:   0.  Or, with nothing changed:
 *            EBUSY      the counter is not 0, or a thread is parked
 *            EINVAL     the group was destroyed before (a misuse) and the handler returned
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     acquire when it returns 0, as wg_wait().
 */
WG_PUBLIC int wg_destroy(wg_t *);

/*
 * wg_defer_done(wg) - wg_done(wg) when the enclosing scope is left
 *
 * A declaration, for GCC and Clang in C and C++, and the counterpart of Go's "defer
 * wg.Done()".  Write it at the beginning of a task:
 *
 *     static void *work(void *arg)
 *     {
 *         struct job *job = arg;
 *         wg_defer_done(&job->wg);
 *         ...
 *     }
 *
 * Effect:    wg is evaluated where the declaration stands.  wg_done() is called with its
 *            value when the scope is left: at its end, by return, break, continue or goto,
 *            and in C++ by an exception.  pthread_exit() and cancellation count only where
 *            the C library unwinds the stack, as glibc does (musl, macOS and winpthreads do
 *            not): in C++, and in C if it is compiled with -fexceptions.  longjmp() and
 *            exit() do not count.
 * Requires:  at most one in a line of the source.
 * Order:     variables of the scope that are declared later are gone when wg_done() is
 *            called; those that are declared earlier are still there.
 */
#if defined(__GNUC__)
#    define wg_defer_done(wg) WG_DEFER_DONE_(wg, __LINE__)
#    define WG_DEFER_DONE_(wg, number) WG_DEFER_DONE_AT_(wg, number)
#    define WG_DEFER_DONE_AT_(wg, number)                                                  \
        __attribute__((__cleanup__(wg_defer_done_), __unused__))                           \
        wg_t *wg_deferred_##number##_[1] = {(wg)}

/* An array of one, because analysers that do not know the attribute report a plain pointer
 * as never read, or as one that could point to const.  A function of the library, because
 * an inline function with external linkage in the program may not refer to a static one. */
WG_PUBLIC void wg_defer_done_(wg_t *(*wg_deferred)[1]);
#endif

/*
 * wg_misuse_fn(wg, what) - what is called when the program misuses a group
 *
 * what is one line without a newline.  It names the call, the group and the reason, and the
 * counter that the call would have led to if that is out of range.  For example:
 * "waitgroup: wg_done(0x55d0c4a8): negative counter (-1): more done than added".  It is
 * valid during the call only.
 *
 * wg is the group's address.  The group may have been freed by then: print the address, and
 * do not use it.  The handler runs in the thread that made the call, which holds no lock of
 * the library.  The handler may return, or leave by abort(), pthread_exit() or longjmp().
 */
typedef void (*wg_misuse_fn)(const wg_t *, const char *);

/*
 * wg_set_misuse_handler(fn) - choose what happens on misuse, for the whole process
 *
 * Effect:    from now on, fn is called for each misuse.  Null restores the default, which
 *            prints the line to stderr and calls abort(), as Go panics.
 * Returns:   the previous handler; null if that was the default.
 * Threads:   safe against every call.
 * Order:     what happens before the call happens before each call of fn.
 */
WG_PUBLIC wg_misuse_fn wg_set_misuse_handler(wg_misuse_fn);

/* wg_version() - the version of the library in use, in the form of WG_VERSION_STRING */
WG_PUBLIC const char *wg_version(void);

#ifdef __cplusplus
}
#endif

#endif /* WAITGROUP_H */
