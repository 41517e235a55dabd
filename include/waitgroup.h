/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * waitgroup.h - wait for a collection of tasks to finish
 *
 * A wait group is a counter that threads can wait for.  Whoever starts tasks adds their
 * number with wg_add(), each task calls wg_done() when it has finished, and wg_wait() returns
 * when the counter is 0.  The number of tasks need not be known beforehand, tasks need not
 * be threads, any number of threads may wait, and a group can be used again at once.  Where
 * tasks are to be threads of their own, wg_go() does the adding, starting and reporting.  A group
 * can be closed, so that nobody comes in any more (wg_close(), wg_tryadd()); and whoever ends a
 * task can learn that it was the last one (wg_done_last()).
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
 * The interface, the 12 bytes and their layout are those of Go's sync.WaitGroup as of Go 1.11
 * to 1.17; wg_go() is the Go() of Go 1.25.  The promises below on lifetime and rounds go
 * further than Go's.
 *
 * WORDS.  What they mean in all that follows:
 *
 *     a wait        a call of wg_wait(), wg_timedwait(), wg_clockwait(), wg_reltimedwait() or
 *                   wg_trywait()
 *     an addition   a call of wg_add(), wg_done(), wg_done_last(), wg_tryadd() or wg_go()
 *     a holder      a thread for which the counter has been raised and not been lowered yet: one
 *                   that has added, or that runs a task
 *     a round       begins when the counter rises from 0, and is over when it is 0 again
 *     parked        of a thread: its wait has found that the round is not over, has put the thread
 *                   among those that the end of the round wakes, and sleeps or is about to
 *     released      of a parked thread: the round is over, and its wait is going to return 0
 *     to free       a group: to end its memory in any way, by free(), by munmap(), by use for
 *                   something else, or by leaving the block or function that it is a variable of
 *
 * LIFETIME.  If one thread waits, it may free the group as soon as its wait has returned 0, even if
 * the last wg_done() has not returned yet.  If several threads wait, the last of them to return may
 * free it.
 * In full: once any wait or wg_destroy() has returned 0, no addition of that round touches the
 * group again, and neither does a thread that was parked.  So whoever has got this 0 may free the
 * group, if the program sees to it that no other thread is still going to call a function on the
 * group, and that none is in wg_count(), in wg_close(), in wg_destroy(), in a wg_tryadd() or
 * wg_go() that may be refused, or in a wait without being parked yet.  The other way to know that
 * the group may be freed is WG_DRAINED (see wg_done_last()).
 * All this is said of the group alone.  A task calls wg_done() last of all: after it has done with
 * everything that the waiter may free or look at, and has unlocked each lock that lies there.
 *
 * ROUNDS.  Once a wait has returned 0, the next round may begin at once, with no call in between,
 * even if other waiters of the last round have not returned yet.  Those that were parked return
 * all the same: the end of a round releases its own waiters, and no others.  One that was not
 * parked yet may find that the next round has begun, and wait for that as well.  For this, the
 * thread that begins the next round must have seen a wait return 0, or have synchronized with a
 * thread that has.
 *
 * RACING ADDS.  A wg_add() of a positive delta that is to be waited for must happen before the
 * wait that waits for it, or must be made while the counter is above 0 (by a task that starts
 * further tasks, say).  One that is made while the counter reaches 0 does no harm, and no waiter
 * is forgotten: the wait returns at this 0, or at the next.  Go panics here.  In C, a group may
 * count what is in flight, and a wait let that come to its end.  Such a wait does not keep later
 * additions out.  wg_close() does.
 *
 * CLOSING.  A group is open until wg_close() closes it.  From then on wg_tryadd() and wg_go() are
 * refused; nothing but wg_init() opens it again.  A close does not wait, and a wait does not close.
 * Once a wait that began after the close has returned 0, nobody is in, and nobody will come: the
 * end of a server, of a plug-in, of anything that others may still reach for.
 * wg_add() is not refused.  It is for holders, such as a task that starts further tasks, before and
 * after the close.  A wg_add() from 0 on a closed group is a bug that is not noticed.
 * A flag of the program's own, beside the group, does not do this without a lock around both (or a
 * sequentially consistent fence on each side).  One thread adds and then looks at the flag, the
 * other sets the flag and then waits: each may miss what the other has done, since neither release
 * and acquire nor the processors keep a store and a later load of something else in order (store
 * buffering).  wg_tryadd() looks and adds in one step.
 *
 * SYNCHRONIZATION.  Everything that happens before an addition that is not refused also happens
 * before the return of any wait that returns 0 on a counter which that call helped to bring to 0,
 * be it in its own round or a later one.
 * A successful wg_destroy() synchronizes in the same way, and so do a wg_done_last() that returns
 * WG_LAST or WG_DRAINED, and a wg_close() that returns WG_DRAINED.
 * Everything that happens before the wg_close() that has closed a group also happens before the
 * return of each wg_tryadd() and wg_go() that it refuses, and of the wg_done_last() that returns
 * WG_DRAINED.
 * Nothing else synchronizes: in particular, wg_done() does not see what other tasks did before
 * theirs, and wg_count() sees nothing.
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
 *     (2) as if one ran after the other: a wg_tryadd() or wg_go() that is first is counted, one
 *         that is second is refused.
 *
 * MISUSE.  A counter below 0, a counter above INT32_MAX, and any use after wg_destroy() are
 * bugs in the program.  The library undoes the call's effect on the group, then reports it to
 * the misuse handler (wg_set_misuse_handler), which by default aborts the process.  Until it
 * is undone, calls by other threads meet a counter that is wrong by that much.  They may be
 * reported in its place.  A wait may find the counter at 0 though there are tasks left, and return,
 * or wg_done_last() or wg_close() say so; if the program then frees the group, the undoing touches
 * memory that is gone.
 *
 * WHOM A WAITER DEPENDS ON.  The thread that ends a round, that is, whose addition
 * brings the counter to 0, wakes the waiters, and those that have been woken help it on their way
 * out.  A wait that finds the counter at 0 before that thread has come does the same.  Each waiter
 * returns once the thread that ended the round has run, whatever other waiters do in their sleep,
 * of this group or of another: they may be in a signal handler, have a low priority, or be
 * stopped by a debugger.  Its deadline and its cancellation remain its own until some thread is
 * just about to wake it.  As with any lock, a thread that is stopped inside of a call, and not
 * asleep in it, can hold up others: the one that it is just about to wake; and, if it holds a lock
 * at that moment, other groups too.
 *
 * SIGNALS.  None of the functions is async-signal-safe: the wg_done() that releases waiters
 * takes a lock for a moment, and would wait for itself if it had interrupted the holder.
 * Handlers that run while a thread waits change nothing: it goes on to wait, with the same
 * deadline, whether they were installed with SA_RESTART or not.  They may block for as long as
 * they like while the thread sleeps; nobody but this thread is held up.  One that blocks after it
 * has interrupted a call that was not asleep may hold up others, and other groups too, as the call
 * may have a lock at that moment.  Handlers must not leave a wait by siglongjmp(): the thread would
 * still be queued, with a stack frame that is gone.  Nor must they leave a call by pthread_exit(),
 * unless it is a wait that sleeps: the call may have a lock.
 *
 * CANCELLATION.  wg_wait(), wg_timedwait(), wg_clockwait() and wg_reltimedwait() are cancellation
 * points when they have to block; the others never are, and do their work with a cancellation
 * pending.  No function is async-cancel-safe.  A cancelled wait leaves the group as if it had never
 * been called, even if the round has just ended, and the release of other waiters does not depend
 * on it.  But the tasks go on, and the thread's stack is unwound: a group in one of its frames is
 * gone while tasks are still going to call wg_done() on it.  A thread that may be cancelled waits
 * for a group that lies elsewhere, or disables cancellation around the wait.
 * With winpthreads, on Windows, cancellation is not to be relied on: many cancellations at a time
 * have left a lock of its own locked.
 *
 * FORK.  The child of fork() can use all groups, whatever other threads were doing at that moment.
 * A group's counter is what it was, so a group that counts tasks of threads which the child has
 * not will not reach 0 there by itself, and one that is in the middle of a misuse stays wrong:
 * wg_init() makes it a new one.  But a group on the stack of a thread that the child has not must
 * not be used there, nor be given to wg_init(): the C library uses that memory again, for the
 * stack of a thread that the child creates.  Nobody is parked in the child.  fork() must not be
 * called from a signal handler that has interrupted a call of the library, and handlers of
 * pthread_atfork() that run in the child before the library's own must not use groups.  Nor must a
 * child in which such handlers do not run, as that of _Fork(), vfork() or clone().  If the
 * library's handler cannot be installed, for want of memory when the library is loaded, it says so
 * and aborts the process.  Where 8-byte atomics are libatomic's, under a lock of its own (on mips,
 * mipsel and powerpc), no other thread may have been in a call of the library at the fork.
 *
 * TOOLS.  ThreadSanitizer, and Valgrind's Helgrind and DRD, are told of the synchronization
 * above, with the library as it is installed (for Valgrind's, if its headers were there when it
 * was built): correct programs are clean, with no options and no suppressions, and what a group
 * does not order can be found.  AddressSanitizer is asked, where a program has it: a call on a
 * group whose memory has been freed, or whose stack frame is gone, is reported as it reports any
 * other access.  What the tools themselves do not know stays so.  A thread that is
 * cancelled while it sleeps is still asleep as ThreadSanitizer and DRD see it: both may report what
 * its cleanup handlers do, and DRD the semaphore that it slept on.  Valgrind's tools do not see how
 * glibc hands stacks on: if a program creates threads by other means than wg_go() in several
 * threads, Helgrind may report pthread_create() and these threads' first steps, and DRD their
 * thread-local variables.  DRD never forgets a detached thread, and so breaks off after 500 calls
 * of wg_go() (more with --max-threads).
 *
 * ERRORS are returned, never put into errno, which is as before after each call.
 *
 * LIMITS.  A group works within one process: in memory shared between processes it does not.
 * All calls on one group must go through the same copy of the library; a shared and a static
 * copy in one process each have waiters of their own.  A group must not be copied or moved:
 * its address is part of its identity, and its layout depends on it.
 * Waiters are woken in the order in which they came, whatever their priorities, and groups share
 * locks that do not lend priority: a wait can end late because of a thread of lower priority, so
 * this does not suit real-time threads that run beside others.
 * A plug-in with a static copy of the library may be unloaded only when no thread is in a call of
 * it, which cannot be known of the threads of wg_go().  The shared library stays loaded, but
 * not on Windows.
 *
 * C99 or C++.  Waits let the unwinding of a cancelled thread pass through, so if a thread may
 * be cancelled, they must not be called from a C++ function that is noexcept, as destructors are
 * unless they say otherwise.
 */
#ifndef WAITGROUP_H
#define WAITGROUP_H

/* Whatever macros a program has: attributes are written with underscores, parameters have no names,
 * and all else begins with wg_ or WG_. */

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

/* Of a shared library.  On Windows the build of the library itself says here what that takes, and
 * programs need not know which of the two they are linked with. */
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

/* Of the functions that have to be fast: a call goes straight to the library, and not through the
 * procedure linkage table. */
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

/* Where a 32-bit program chooses the size of its time_t (_TIME_BITS), the library has each call
 * that takes one for both.  The one for 32 bits has the plain name. */
#if defined(__TIMESIZE) && __TIMESIZE == 32 && defined(__USE_TIME_BITS64)
#    define WG_TIME64_(name) __asm__(name "_time64")
#else
#    define WG_TIME64_(name)
#endif

/*
 * A wait group: 12 bytes, aligned to 4, on every platform.  It may lie anywhere that is a
 * multiple of 4, with no regard to 8: on the stack, in an array, in a struct after an int.
 * The contents are private to the library.
 *
 * All bytes 0 is a group ready for use with the counter at 0: from WG_INITIALIZER, static
 * storage, calloc(), memset() or wg_init(), whichever is at hand.
 */
typedef struct wg_t {
    uint32_t state[3];
} WG_ALIGNED_ wg_t; /* as uint32_t is; not on m68k, nor where #pragma pack is in force */

/* A struct that is itself packed puts its members anywhere, a group too; of that GCC warns.  A
 * compiler that packs all structs, as with -fpack-struct, is told here. */
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

/* What wg_done_last() and wg_close() return besides 0 and errors; negative, so that no error is
 * meant, as PTHREAD_BARRIER_SERIAL_THREAD. */
#define WG_LAST (-1)
#define WG_DRAINED (-2)

/*
 * wg_init(wg) - make memory into an open group with the counter at 0
 *
 * Effect:    *wg becomes ready for use, whatever it held: uninitialized memory, a group that
 *            wg_destroy() has ended, or one whose rounds are over.
 * Requires:  no other thread uses the group during the call, and what makes the group known
 *            to other threads (pthread_create(), a mutex, ...) makes this call known first.
 * Returns:   0, or EINVAL if wg is null or its address is not a multiple of 4.
 * Threads:   not against any call on the same group.
 */
WG_PUBLIC int wg_init(wg_t *);

/*
 * wg_add(wg, delta) - add delta, which may be negative, to the counter
 *
 * Effect:    the counter changes by delta in one atomic step.  If that makes it 0, all threads
 *            parked in a wait are released.  A delta of 0 changes nothing.
 * Requires:  wg is a group.  For a positive delta from a counter of 0, see RACING ADDS above.
 *            It does not matter whether the group is closed (see CLOSING).
 * Returns:   0, or after a misuse that the handler returned from, with the group as it was
 *            before the call:
 *            EINVAL     the counter would fall below 0, or the group has been destroyed
 *            EOVERFLOW  the counter would exceed INT32_MAX
 * Cost:      one atomic fetch-and-add, unless it releases waiters; then a system call for each
 *            that is not woken meanwhile by those that have been woken already.
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     release, towards each wait and wg_destroy() that returns 0 on it.
 */
WG_PUBLIC int wg_add(wg_t *, int) WG_NOPLT_;

/*
 * wg_done(wg) - report that one task has finished
 *
 * The same as wg_add(wg, -1) in all respects, with a signature that can be handed over as a
 * callback.  Where a void (*)(void *) is asked for, as by pthread_cleanup_push(),
 * pthread_key_create() and wg_go(), a function of the program's calls it: to call this one
 * through a pointer of another type is undefined.  Once a wg_wait() has returned on its effect the
 * group may be gone, even if this call has not returned yet (see LIFETIME).
 */
WG_PUBLIC int wg_done(wg_t *) WG_NOPLT_;

/*
 * wg_tryadd(wg, delta) - add delta to the counter, unless the group is closed
 *
 * Effect:    if the group is open, as wg_add(); if it is closed, none.  Which of the two is decided
 *            in the same atomic step that adds.
 * Requires:  delta is above 0.  wg is a group, and its memory outlives every call of this that may
 *            still come, also those that are refused: it lies in something that lives longer, or
 *            nobody can find it any more.  From a counter of 0, see RACING ADDS above.
 * Returns:   0; or with nothing changed:
 *            ECANCELED  the group is closed
 *            EINVAL     delta is below 1 (no misuse), or the group has been destroyed (a misuse)
 *                       and the handler returned
 *            EOVERFLOW  the counter would exceed INT32_MAX (a misuse), and the handler returned
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     as wg_add().  If it is refused, acquire: it sees what happened before the wg_close().
 */
WG_PUBLIC int wg_tryadd(wg_t *, int) WG_CHECKED_ WG_NOPLT_;

/*
 * wg_close(wg) - from now on, refuse wg_tryadd() and wg_go()
 *
 * Effect:    the group is closed.  Does not wait, and releases nobody: the counter is what it was.
 * Requires:  wg is a group.
 * Returns:   0, also if the group was closed before.
 *            WG_DRAINED  this call has closed the group and found the counter at 0: see
 *                        wg_done_last()
 *            EINVAL      the group has been destroyed (a misuse) and the handler returned
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     release, towards each call that it refuses, and the wg_done_last() that returns
 *            WG_DRAINED; acquire when it returns WG_DRAINED, as wg_wait().
 */
WG_PUBLIC int wg_close(wg_t *);

/*
 * wg_done_last(wg) - report that one task has finished, and learn whether it was the last one
 *
 * Effect:    as wg_done().
 * Returns:   WG_LAST     this call has brought the counter of an open group to 0
 *            WG_DRAINED  this call has brought the counter of a closed group to 0
 *            0           there are tasks left; or an error as of wg_done()
 *
 * If all that end tasks call this, exactly one call in each round of an open group returns WG_LAST.
 * It has seen what all tasks of the round did.  A wg_done(), the end of a wg_go() task, a wg_go()
 * that finds no thread, or a wg_add() that brings the counter to 0 tells nobody.
 *
 * WG_DRAINED says that nobody is in, and nobody will come.  In the life of a group exactly one call
 * says so, a wg_done_last() or the wg_close(), if all that end tasks call wg_done_last() and only
 * holders call wg_add() once the group is closed.  That thread owns the end.
 *
 * Lifetime:  if no thread waits, and none is going to call a function on the group, whoever gets
 *            WG_LAST or WG_DRAINED may free it at once, though the wg_close() and the other
 *            wg_done_last() have not returned yet.  If there is a waiter, it may have freed the
 *            group already: then this value does not permit to touch it.
 * Order:     release, as wg_done(); acquire when it returns WG_LAST or WG_DRAINED, as wg_wait().
 *            In all else as wg_done().
 */
WG_PUBLIC int wg_done_last(wg_t *) WG_CHECKED_ WG_NOPLT_;

/*
 * wg_go(wg, fn, arg) - run fn(arg) as a task in a thread of its own
 *
 * Effect:    unless the group is closed, adds 1 to the counter and starts a detached thread, which
 *            calls fn(arg), and wg_done(wg) when that ends: by returning, by pthread_exit() or by
 *            cancellation.  (winpthreads, on Windows, knows no cancellation of such threads, and
 *            its pthread_exit() runs no cleanup handlers: there a task has to return.)
 *            The thread has the attributes that the system gives by default, and those that
 *            pthread_setattr_default_np() has chosen (size and guard of the stack, scheduling,
 *            affinity) where there is such a function.  Where they do not suit, wg_tryadd(),
 *            pthread_create() with others, and wg_defer_done() in the task do the same.
 *            A task may call wg_go() for further tasks of the same group.  Destructors of
 *            thread-specific data (pthread_key_create(), C++'s thread_local) run after the
 *            wg_done(), and nothing waits for them.
 * Requires:  wg is a group that lives until a wait has returned 0; where the call may be refused,
 *            also until it has returned, as wg_tryadd() requires it.  From a counter of 0, see
 *            RACING ADDS above.  fn is not left by longjmp() or a C++ exception.
 * Returns:   0, or with nothing run and the counter as before the call:
 *            EAGAIN     the system has no thread to give, or no memory for one.  If the caller does
 *                       the work itself then, no wait waits for that
 *            ECANCELED  the group is closed
 *            EINVAL, EOVERFLOW  a misuse whose handler returned, as for wg_tryadd()
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe; the thread has the caller's signal mask.
 * Cancellation: not a cancellation point.
 * Order:     what happens before the call happens before fn; what fn does happens before the
 *            return of each wait that its end helps to release.  If it is refused, acquire, as
 *            wg_tryadd().
 */
WG_PUBLIC int wg_go(wg_t *, void (*)(void *), void *) WG_CHECKED_;

/*
 * wg_wait(wg) - wait until the counter is 0
 *
 * Effect:    returns when it has seen the counter at 0, at once if it is 0 already; otherwise
 *            waits awake for some ten microseconds, if that has paid of late and nobody else
 *            sleeps on the group, and then sleeps: on a POSIX semaphore, or on a condition
 *            variable where these do not work.
 * Requires:  wg is a group.
 * Returns:   0, or EINVAL if the group has been destroyed (a misuse) and the handler returned.
 * Memory:    none is allocated, so it cannot fail for want of it (where the C library's own
 *            objects need none, as those of glibc and musl).
 * Threads:   safe against every call but wg_init() on the same group, by any number of threads.
 * Signals:   not async-signal-safe; handlers do not end the wait.
 * Cancellation: a cancellation point when it has to block.
 * Order:     acquire: see SYNCHRONIZATION above.
 */
WG_PUBLIC int wg_wait(wg_t *) WG_NOPLT_;

/*
 * wg_trywait(wg) - is the counter 0?
 *
 * Effect:    as wg_wait(), if that would not have to wait.
 * Returns:   0, if the counter is 0: all that is said of a wait that returns 0 holds.
 *            EBUSY      it is not
 *            EINVAL     the group has been destroyed (a misuse) and the handler returned
 * Cancellation: not a cancellation point.  In all else as wg_wait().
 */
WG_PUBLIC int wg_trywait(wg_t *) WG_CHECKED_ WG_NOPLT_;

/*
 * wg_timedwait(wg, abstime), wg_clockwait(wg, clock, abstime), wg_reltimedwait(wg, reltime) - wait
 * until the counter is 0, or for so long
 *
 * Effect:    as wg_wait(), but no longer than until abstime, an absolute time: on
 *            CLOCK_REALTIME for wg_timedwait(), as for sem_timedwait(), and on clock for
 *            wg_clockwait().  A deadline on CLOCK_MONOTONIC is not moved by setting the wall
 *            clock; one on CLOCK_REALTIME follows it, where the C library's own waits do (not
 *            with musl, and with winpthreads up to an hour later).  A deadline before the clock's
 *            beginning has passed.
 *            wg_reltimedwait() takes a duration: its deadline is so much later than the call, on
 *            CLOCK_MONOTONIC.  A duration of 0, or a negative one, is a deadline that has passed.
 *            One that is too long for the clock ends when that does.
 *            Nobody waits awake when the deadline has passed.  A wait that is given up leaves the
 *            group as if it had never been called.
 * Requires:  wg is a group, abstime or reltime is not null.
 * Returns:   0, if it has seen the counter at 0, even if the deadline has passed by then; if
 *            it is 0 at the beginning, abstime and reltime are not looked at.
 *            ETIMEDOUT  the deadline has passed and the counter is not 0.  The tasks go on: the
 *                       group, and all that they use, has to live until a later wait returns 0,
 *                       or a call returns WG_DRAINED
 *            EINVAL     clock is neither CLOCK_REALTIME nor CLOCK_MONOTONIC; or the wait would
 *                       have to block, and the nanoseconds are not in 0..999,999,999; or the
 *                       group has been destroyed (a misuse) and the handler returned
 * In all else as wg_wait().  wg_clockwait() is declared where <time.h> has clockid_t, which is
 * wherever POSIX.1b (1993) or later is asked for.  Where a 32-bit program chooses the size of its
 * time_t (_TIME_BITS), all three work, whatever the library has been built with.
 */
WG_PUBLIC int wg_timedwait(wg_t *, const struct timespec *)
    WG_TIME64_("wg_timedwait") WG_CHECKED_;
WG_PUBLIC int wg_reltimedwait(wg_t *, const struct timespec *)
    WG_TIME64_("wg_reltimedwait") WG_CHECKED_;
#ifdef CLOCK_REALTIME
WG_PUBLIC int wg_clockwait(wg_t *, clockid_t, const struct timespec *)
    WG_TIME64_("wg_clockwait") WG_CHECKED_;
#endif

/*
 * wg_count(wg) - the counter, for logs and tests
 *
 * Returns:   the counter at some moment during the call, whether the group is closed or not.  It is
 *            advice only: it may be another one by the time it is looked at, and nothing
 *            synchronizes with the call.  It can be relied on only if the program makes all changes
 *            of the counter under one lock, and the caller holds that.  For a group that has been
 *            destroyed (a misuse), 0 if the handler returned.
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 */
WG_PUBLIC int wg_count(const wg_t *);

/*
 * wg_destroy(wg) - end a group, so that later uses are noticed
 *
 * A group owns nothing that would leak, so destroying it is never obligatory.  It helps to
 * find bugs: every later call but wg_init() on a destroyed group is reported as misuse.  (The one
 * exception: while another thread's misuse, an addition of 2^30 or more, has not been undone yet.)
 *
 * Effect:    the group is destroyed, unless it is in use.  It may have been closed.
 * Requires:  wg is a group.
 * Returns:   0, or EBUSY, with nothing changed, if the counter is not 0 or a thread is parked
 *            in a wait; EINVAL if the group was destroyed before (a misuse) and the
 *            handler returned.
 * Threads:   safe against every call but wg_init() on the same group.
 * Signals:   not async-signal-safe.  Cancellation: not a cancellation point.
 * Order:     acquire when it returns 0, as wg_wait().
 */
WG_PUBLIC int wg_destroy(wg_t *);

/*
 * wg_defer_done(wg) - wg_done(wg) when the enclosing scope is left
 *
 * A declaration, for GCC and Clang in C and C++, to be written at the beginning of a task, the
 * counterpart of Go's "defer wg.Done()":
 *
 *     static void *work(void *arg)
 *     {
 *         struct job *job = arg;
 *         wg_defer_done(&job->wg);
 *         ...
 *     }
 *
 * Effect:    wg is evaluated where this stands, and wg_done() is called with its value when
 *            the scope is left: at its end, by return, break, continue or goto, and in C++ by
 *            an exception.  By pthread_exit() or cancellation where the C library unwinds the
 *            stack then, as glibc does, and musl, macOS and winpthreads do not: in C++, and in C
 *            if it is compiled with -fexceptions.  Not by longjmp() or exit().
 * Requires:  no other one in the same line of the source.
 * Order:     variables of the scope that are declared later are gone by then, and those
 *            declared earlier are still there.
 */
#if defined(__GNUC__)
#    define wg_defer_done(wg) WG_DEFER_DONE_(wg, __LINE__)
#    define WG_DEFER_DONE_(wg, number) WG_DEFER_DONE_AT_(wg, number)
#    define WG_DEFER_DONE_AT_(wg, number)                                                  \
        __attribute__((__cleanup__(wg_defer_done_), __unused__))                           \
        wg_t *wg_deferred_##number##_[1] = {(wg)}

/* An array of one: of a plain pointer, analysers that do not know the attribute would tell each
 * program that it is never read, or could be one to const.  A function of the library, as an
 * inline function of the program with external linkage may refer to no static one. */
WG_PUBLIC void wg_defer_done_(wg_t *(*wg_deferred)[1]);
#endif

/*
 * wg_misuse_fn(wg, what) - what is called when the program misuses a group
 *
 * what is one line without a newline that names the call, the group and the reason, and where
 * the counter would be out of range, what it would have been, for example
 * "waitgroup: wg_done(0x55d0c4a8): negative counter (-1): more done than added"; it is valid
 * during the call only.
 * wg is the group's address; the group may have been freed by then, so print it, and do not
 * use it.  The handler runs in the thread that made the call, which holds no lock of the
 * library.  It may return, or leave by abort(), pthread_exit() or longjmp().
 */
typedef void (*wg_misuse_fn)(const wg_t *, const char *);

/*
 * wg_set_misuse_handler(fn) - choose what happens on misuse, for the whole process
 *
 * Effect:    fn is called for each misuse from now on.  Null restores the default, which
 *            prints the line to stderr and calls abort(), as Go panics.
 * Returns:   the handler before; null if that was the default.
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
