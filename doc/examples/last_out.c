/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * last_out.c - requests that are split into parts, with nobody who waits for them
 *
 * A request is the name of a folder, on a line of standard input.  Its reply is a line on
 * standard output: the sum of the checksums of its files, which are those of cksum(1), the
 * number of the files and of their bytes, and the name.  Several requests are under way at
 * a time, and replies come in the order in which they are ready.
 *
 *     cc last_out.c $(pkg-config --cflags --libs waitgroup) -pthread -o last_out
 *     find /usr/include -type d | ./last_out
 *
 * Only regular files count; what cannot be read is reported on standard error.  On SIGINT
 * or SIGTERM it refuses further requests, and ends when those under way have had their
 * replies.  A second signal ends it at once.
 *
 * Exit status: 0, 1 if something could not be read or written, or a request was refused, 2
 * if called in a wrong way, or for want of memory.
 *
 * What it shows: an event loop, which must not wait for anything but events, and threads
 * that do the work, a part of a request each.
 *
 *   - A group in each request counts its parts.  wg_done_last() tells one of them that it
 *     is the last one out.  That one has seen what all of them did, and nobody else has the
 *     request any longer: it adds up the results, with no lock, frees the request, and
 *     sends the reply through a pipe, which is an event for the loop.
 *   - A group for the program counts the requests.  It is closed at the end of the input or
 *     by a signal, whichever comes first, and by different threads.  From then on
 *     wg_tryadd() lets nobody in.  Exactly one call is told that nobody is left,
 *     WG_DRAINED: the last reply's wg_done_last(), or the wg_close(), if there was no
 *     request under way.  It closes the pipe, and this is the last event.
 *
 * Both are ended by wg_done_last() alone.  The threads of wg_go() end theirs by wg_done(),
 * which tells nobody, so they have a third group.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* large files on 32-bit systems */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <waitgroup.h>

/* So many replies fit into any pipe (_POSIX_PIPE_BUF), so that nobody blocks who sends one;
 * for want of threads, this may be the loop. */
#define MAX_REQUESTS 8
#define MAX_PARTS 4

#define MAX_LINE 4096
#define BUFFER_SIZE 16384

static struct {
    wg_t requests;    /* those under way, until their reply has been sent */
    wg_t threads;     /* those that work for them */
    int replies[2];   /* a pipe */
    sigset_t signals; /* that end it */
} server = {.requests = WG_INITIALIZER, .threads = WG_INITIALIZER};

/* A message on standard error: what could not be done, and why.  Called from any thread. */
static void complain(const char *what, int error)
{
    fprintf(stderr, "last_out: %s: %s\n", what, strerror(error));
}

/* There is nothing sensible to do without memory. */
static void *allocated(void *memory)
{
    if (memory == NULL) {
        complain("cannot go on", ENOMEM);
        exit(2);
    }
    return memory;
}

/*
 * Checksums.
 */

static uint32_t crc_table[256];

static void crc_make_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31) * UINT32_C(0x04C11DB7);
        crc_table[i] = crc;
    }
}

static uint32_t crc_add(uint32_t crc, unsigned char byte)
{
    return crc << 8 ^ crc_table[crc >> 24 ^ byte];
}

/* Of some files. */
struct sum {
    uint64_t checksums, files, bytes;
    bool incomplete; /* one could not be read */
};

/* Returns 0 or an error number. */
static int sum_add_contents(struct sum *sum, int fd)
{
    unsigned char buffer[BUFFER_SIZE];
    uint32_t crc = 0;
    uint64_t size = 0;
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) != 0) {
        if (n < 0 && errno != EINTR)
            return errno;
        for (ssize_t i = 0; i < n; i++)
            crc = crc_add(crc, buffer[i]);
        size += n > 0 ? (uint64_t)n : 0;
    }
    for (uint64_t rest = size; rest != 0; rest >>= 8)
        crc = crc_add(crc, rest & 0xFF);
    sum->checksums += ~crc;
    sum->files++;
    sum->bytes += size;
    return 0;
}

/* Add a file, unless it is none. */
static void sum_add(struct sum *sum, const char *folder, const char *name)
{
    char path[MAX_LINE + NAME_MAX + 2];
    snprintf(path, sizeof path, "%s/%s", folder, name);

    struct stat status;
    int error = 0;
    if (lstat(path, &status) != 0) {
        error = errno;
    } else if (S_ISREG(status.st_mode)) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        error = fd < 0 ? errno : sum_add_contents(sum, fd);
        if (fd >= 0)
            close(fd);
    }
    if (error != 0) {
        complain(path, error);
        sum->incomplete = true;
    }
}

/*
 * Requests, which any thread works on.
 */

struct part {
    struct request *request;
    int number;
    struct sum sum;
};

struct request {
    wg_t parts; /* those that have not finished */
    struct part part[MAX_PARTS];
    char *folder;
    struct dirent **entries;
    int count;
    int error; /* why there are no entries, or 0 */
};

/* Small enough for a pipe to take the whole of it or nothing. */
struct reply {
    char *folder; /* the receiver's */
    int error;    /* why it could not be read, or 0 */
    struct sum sum;
};

/* What closes the group of the requests, or ends one, tells whether nobody is left. */
static void end_if_drained(int result)
{
    if (result == WG_DRAINED)
        close(server.replies[1]);
}

/* By the last one out. */
static void answer(struct request *request)
{
    struct reply reply = {.folder = request->folder, .error = request->error};
    for (int i = 0; i < MAX_PARTS; i++) {
        const struct sum *sum = &request->part[i].sum;
        reply.sum.checksums += sum->checksums;
        reply.sum.files += sum->files;
        reply.sum.bytes += sum->bytes;
        reply.sum.incomplete |= sum->incomplete;
    }
    for (int i = 0; i < request->count; i++)
        free(request->entries[i]);
    free(request->entries);
    free(request);

    while (write(server.replies[1], &reply, sizeof reply) < 0 && errno == EINTR)
        continue;
    end_if_drained(wg_done_last(&server.requests));
}

static void run_part(void *argument)
{
    struct part *part = argument;
    struct request *request = part->request;
    for (int i = part->number; i < request->count; i += MAX_PARTS)
        sum_add(&part->sum, request->folder, request->entries[i]->d_name);
    if (wg_done_last(&request->parts) == WG_LAST)
        answer(request);
}

/* In a thread of its own, or in this one if there is no other. */
static void start(void (*run)(void *), void *argument)
{
    if (wg_go(&server.threads, run, argument) == EAGAIN)
        run(argument);
}

/* Start the other parts, and be the first one: until that has run, there is a request. */
static void run_request(void *argument)
{
    struct request *request = argument;
    request->count = scandir(request->folder, &request->entries, NULL, alphasort);
    if (request->count < 0) {
        request->error = errno;
        request->count = 0;
    }
    for (int i = 1; i < MAX_PARTS && i < request->count; i++) {
        wg_add(&request->parts, 1);
        start(run_part, &request->part[i]);
    }
    run_part(&request->part[0]);
}

/* False if it is refused. */
static bool begin_request(const char *folder)
{
    if (wg_tryadd(&server.requests, 1) != 0)
        return false;
    struct request *request = allocated(calloc(1, sizeof *request));
    request->folder = allocated(strdup(folder));
    for (int i = 0; i < MAX_PARTS; i++) {
        request->part[i].request = request;
        request->part[i].number = i;
    }
    wg_add(&request->parts, 1);
    start(run_request, request);
    return true;
}

/*
 * The event loop.
 */

struct input {
    char text[MAX_LINE];
    size_t begin, end; /* what has been read, but not taken */
    bool ended;
    int error;
};

/* Read some more, after all complete lines have been taken. */
static void input_fill(struct input *input)
{
    memmove(input->text, input->text + input->begin, input->end - input->begin);
    input->end -= input->begin;
    input->begin = 0;
    /* One byte is kept for the newline that the last line may lack. */
    size_t space = sizeof input->text - 1 - input->end;
    ssize_t n = read(STDIN_FILENO, input->text + input->end, space);
    if (n > 0) {
        input->end += (size_t)n;
        return;
    }
    if (n < 0 && errno == EINTR)
        return;
    input->error = n < 0 ? errno : space == 0 ? ENAMETOOLONG : 0;
    input->ended = true;
    if (input->error == 0 && input->end > 0)
        input->text[input->end++] = '\n';
}

/* Take a line, if there is a complete one. */
static const char *input_take(struct input *input)
{
    char *line = input->text + input->begin;
    char *newline = memchr(line, '\n', input->end - input->begin);
    if (newline == NULL)
        return NULL;
    *newline = '\0';
    input->begin = (size_t)(newline + 1 - input->text);
    return line;
}

/* Returns whether all could be read. */
static bool print(const struct reply *reply)
{
    if (reply->error != 0) {
        complain(reply->folder, reply->error);
        return false;
    }
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", reply->sum.checksums,
           reply->sum.files, reply->sum.bytes, reply->folder);
    fflush(stdout);
    return !reply->sum.incomplete;
}

/* Returns whether all requests have been answered in full. */
static bool serve(void)
{
    struct input input = {.ended = false};
    int under_way = 0;
    bool complete = true;
    for (;;) {
        const char *folder;
        while (under_way < MAX_REQUESTS && (folder = input_take(&input)) != NULL) {
            if (begin_request(folder)) {
                under_way++;
            } else {
                complain(folder, ECANCELED);
                complete = false;
                input.begin = input.end;
                input.ended = true;
            }
        }
        bool wanting = under_way < MAX_REQUESTS;
        if (wanting && input.ended)
            end_if_drained(wg_close(&server.requests));

        struct pollfd fds[] = {
            {.fd = server.replies[0], .events = POLLIN},
            {.fd = wanting && !input.ended ? STDIN_FILENO : -1, .events = POLLIN},
        };
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents != 0)
            input_fill(&input);
        if (fds[0].revents != 0) {
            struct reply reply;
            ssize_t n = read(server.replies[0], &reply, sizeof reply);
            if (n == 0)
                break;
            if (n > 0) {
                complete &= print(&reply);
                free(reply.folder);
                under_way--;
            }
        }
    }
    if (input.error != 0)
        complain("standard input", input.error);
    return complete && input.error == 0;
}

/*
 * The program.
 */

/* The first signal ends the requests, the second one the program. */
static void *await_signals(void *unused)
{
    int number;
    sigwait(&server.signals, &number);
    pthread_sigmask(SIG_UNBLOCK, &server.signals, NULL);
    end_if_drained(wg_close(&server.requests));
    pause(); /* until the second one: there is no handler to return from */
    return unused;
}

/* Before any other thread is started, as threads inherit the signal mask.  If there is none
 * to wait for signals, these have their usual effect. */
static void start_to_await_signals(void)
{
    pthread_t thread;
    sigemptyset(&server.signals);
    sigaddset(&server.signals, SIGINT);
    sigaddset(&server.signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &server.signals, NULL);
    if (pthread_create(&thread, NULL, await_signals, NULL) == 0)
        pthread_detach(thread);
    else
        pthread_sigmask(SIG_UNBLOCK, &server.signals, NULL);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        fprintf(stderr, "usage: last_out < names of folders\n");
        return 2;
    }
    crc_make_table();
    if (pipe(server.replies) != 0) {
        complain("cannot make a pipe", errno);
        return 1;
    }
    start_to_await_signals();

    bool complete = serve();
    /* All requests have been answered; some threads may be on their way out still. */
    wg_wait(&server.threads);
    if (ferror(stdout)) {
        fprintf(stderr, "last_out: cannot write the replies\n");
        return 1;
    }
    return !complete;
}
