/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * map_reduce.c - count the words in many files with a pool of threads
 *
 * Workers take files from a shared list, count their words, and send the counts of some
 * files at a time through a bounded channel to a reader, which adds them up.  Then a single
 * thread counts everything once more, and the two counts are compared.
 *
 *     cc map_reduce.c $(pkg-config --cflags --libs waitgroup) -pthread -o map_reduce
 *     ./map_reduce *.c *.h
 *     find /usr/include -name '*.h' | ./map_reduce -j 4 -
 *
 * A word is a maximal run of ASCII letters, digits and underscores.  With "-" in place of
 * the files, their names are read from standard input, one on each line.  While it counts,
 * and if standard error is a terminal, a progress bar is shown there.
 *
 * Exit status: 0 if all was counted; files that cannot be read are reported on standard
 * error and left out.  1 if no file could be read, if the two counts differ (as they may if
 * a file is changed meanwhile), or if the results could not be written.  2 if called in a
 * wrong way, or for want of memory or threads.
 *
 * What it shows: how to know that a channel with many senders can be closed.  The workers
 * are counted by a group; the thread that waits for it closes the channel after wg_wait()
 * has returned.  By then every worker has sent its last result, so nothing is lost, and the
 * reader ends when it has received them all.
 */
#define _POSIX_C_SOURCE 200809L

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#include <waitgroup.h>

#define CHANNEL_CAPACITY 16
#define BATCH_WORDS 20000 /* distinct ones, from which on a worker sends what it has */
#define BLOCK_BYTES 65536
#define MOST_FREQUENT 10
#define BAR_WIDTH 40

/* There is nothing sensible to do without memory.  Called from any thread. */
static void *allocate(void *old, size_t size)
{
    void *memory = realloc(old, size);
    if (memory == NULL) {
        fprintf(stderr, "map_reduce: out of memory\n");
        exit(2);
    }
    return memory;
}

/*
 * A table of words with their counts: a hash table with open addressing and linear probing.
 */

struct entry {
    char *word; /* null if the entry is empty; not terminated; in a block */
    size_t length;
    uint64_t hash;
    uint64_t count;
};

/* Some of a table's words. */
struct block {
    struct block *next;
    size_t free; /* at the beginning of bytes */
    char bytes[];
};

struct table {
    struct entry *entries;
    size_t capacity; /* a power of 2, or 0 */
    size_t used;     /* at most three quarters of the capacity */
    struct block *words;
};

/* FNV-1a */
static uint64_t hash_of(const char *word, size_t length)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)word[i]) * UINT64_C(0x100000001B3);
    return hash;
}

/* The entry of the word, or the empty one where it belongs. */
static struct entry *table_find(const struct table *table, const struct entry *wanted)
{
    assert(table->capacity != 0);
    size_t i = (size_t)wanted->hash & (table->capacity - 1);
    for (;; i = (i + 1) & (table->capacity - 1)) {
        struct entry *entry = &table->entries[i];
        if (entry->word == NULL)
            return entry;
        if (entry->hash == wanted->hash && entry->length == wanted->length &&
            memcmp(entry->word, wanted->word, wanted->length) == 0)
            return entry;
    }
}

static void table_grow(struct table *table)
{
    struct table larger = *table;
    larger.capacity = table->capacity == 0 ? 256 : table->capacity * 2;
    larger.entries = allocate(NULL, larger.capacity * sizeof *larger.entries);
    /* Not by calloc(), nor what compilers make one of: memory that is read before it is
     * written is a page of zeros that all share, and to end that stops all threads. */
    for (size_t i = 0; i < larger.capacity; i++)
        larger.entries[i].word = NULL;
#ifdef __clang_analyzer__ /* it follows no loop so far */
    memset(larger.entries, 0, larger.capacity * sizeof *larger.entries);
#endif
    for (size_t i = 0; i < table->capacity; i++)
        if (table->entries[i].word != NULL)
            *table_find(&larger, &table->entries[i]) = table->entries[i];
    free(table->entries);
    *table = larger;
}

/* Room for a word. */
static char *table_room(struct table *table, size_t length)
{
    if (table->words == NULL || table->words->free < length) {
        size_t size = length > BLOCK_BYTES ? length : BLOCK_BYTES;
        struct block *block = allocate(NULL, sizeof *block + size);
        block->next = table->words;
        block->free = size;
        table->words = block;
    }
    table->words->free -= length;
    return table->words->bytes + table->words->free;
}

static void table_free(struct table *table)
{
    while (table->words != NULL) {
        struct block *next = table->words->next;
        free(table->words);
        table->words = next;
    }
    free(table->entries);
}

/* The first time a word comes, it is copied. */
static void table_add(struct table *table, const struct entry *added)
{
    if (table->used >= table->capacity / 4 * 3)
        table_grow(table);
    struct entry *entry = table_find(table, added);
    if (entry->word != NULL) {
        entry->count += added->count;
        return;
    }
    *entry = *added;
    entry->word = memcpy(table_room(table, added->length), added->word, added->length);
    table->used++;
}

/* Add the counts of another table, which is empty then. */
static void table_take(struct table *table, struct table *other)
{
    for (size_t i = 0; i < other->capacity; i++)
        if (other->entries[i].word != NULL)
            table_add(table, &other->entries[i]);
    table_free(other);
    *other = (struct table){0};
}

/*
 * Counting.
 */

struct totals {
    uint64_t files, unreadable, bytes, words;
    struct table each; /* how many of each word */
};

struct text {
    char *bytes;
    size_t size;
    size_t capacity;
};

/* Returns 0 or an error number. */
static int read_file(const char *name, struct text *text)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;

    int error = 0;
    text->size = 0;
    for (;;) {
        if (text->size == text->capacity) {
            text->capacity = text->capacity == 0 ? 16384 : text->capacity * 2;
            text->bytes = allocate(text->bytes, text->capacity);
        }
        ssize_t n = read(fd, text->bytes + text->size, text->capacity - text->size);
        if (n == 0)
            break;
        if (n > 0) {
            text->size += (size_t)n;
        } else if (errno != EINTR) {
            error = errno;
            break;
        }
    }
    close(fd);
    return error;
}

/* In the C locale, which is that of a program that does not choose another one. */
static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Count a file, which is read into text.  Returns 0, or the error number by which it could
 * not be read. */
static int count_file(struct totals *totals, const char *name, struct text *text)
{
    int error = read_file(name, text);
    if (error != 0) {
        totals->unreadable++;
        return error;
    }
    totals->files++;
    totals->bytes += text->size;

    const char *end = text->bytes + text->size;
    for (char *p = text->bytes; p < end;) {
        char *word = p;
        while (p < end && in_word(*p))
            p++;
        if (p > word) {
            size_t length = (size_t)(p - word);
            table_add(&totals->each,
                      &(struct entry){word, length, hash_of(word, length), 1});
            totals->words++;
        } else {
            p++;
        }
    }
    return 0;
}

/* Add those of another one, whose table is empty then. */
static void totals_take(struct totals *totals, struct totals *other)
{
    totals->files += other->files;
    totals->unreadable += other->unreadable;
    totals->bytes += other->bytes;
    totals->words += other->words;
    table_take(&totals->each, &other->each);
}

static bool totals_equal(const struct totals *a, const struct totals *b)
{
    if (a->files != b->files || a->unreadable != b->unreadable || a->bytes != b->bytes ||
        a->words != b->words || a->each.used != b->each.used)
        return false;
    for (size_t i = 0; i < a->each.capacity; i++) {
        const struct entry *entry = &a->each.entries[i];
        if (entry->word != NULL && table_find(&b->each, entry)->count != entry->count)
            return false;
    }
    return true;
}

/* By falling count; words that are equally frequent in the order of their bytes. */
static int by_frequency(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int order = memcmp(a->word, b->word, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static void totals_print(const struct totals *totals)
{
    printf("files           %12" PRIu64 "\n", totals->files);
    printf("unreadable      %12" PRIu64 "\n", totals->unreadable);
    printf("bytes           %12" PRIu64 "\n", totals->bytes);
    printf("words           %12" PRIu64 "\n", totals->words);
    printf("distinct words  %12zu\n", totals->each.used);
    if (totals->each.used == 0)
        return;

    struct entry *sorted = allocate(NULL, totals->each.used * sizeof *sorted);
    size_t n = 0;
    for (size_t i = 0; i < totals->each.capacity; i++)
        if (totals->each.entries[i].word != NULL)
            sorted[n++] = totals->each.entries[i];
    qsort(sorted, n, sizeof *sorted, by_frequency);

    printf("most frequent:\n");
    for (size_t i = 0; i < n && i < MOST_FREQUENT; i++) {
        printf("%12" PRIu64 " ", sorted[i].count);
        fwrite(sorted[i].word, 1, sorted[i].length, stdout);
        putchar('\n');
    }
    free(sorted);
}

/*
 * The channel: a queue of limited length between threads.
 */

/* What a worker has counted since it has sent something. */
struct batch {
    struct totals totals;
    /* The last of its files, if that could not be read. */
    const char *name;
    int error;
};

struct channel {
    pthread_mutex_t lock;
    pthread_cond_t not_full;
    pthread_cond_t not_empty;
    /* Owned by the lock. */
    struct batch *items[CHANNEL_CAPACITY];
    size_t first;
    size_t count;
    bool closed;
};

/* Blocks while the channel is full. */
static void channel_send(struct channel *channel, struct batch *item)
{
    pthread_mutex_lock(&channel->lock);
    while (channel->count == CHANNEL_CAPACITY)
        pthread_cond_wait(&channel->not_full, &channel->lock);
    assert(!channel->closed);
    channel->items[(channel->first + channel->count++) % CHANNEL_CAPACITY] = item;
    pthread_cond_signal(&channel->not_empty);
    pthread_mutex_unlock(&channel->lock);
}

/* Blocks while the channel is empty; null once it is closed as well. */
static struct batch *channel_receive(struct channel *channel)
{
    struct batch *item = NULL;
    pthread_mutex_lock(&channel->lock);
    while (channel->count == 0 && !channel->closed)
        pthread_cond_wait(&channel->not_empty, &channel->lock);
    if (channel->count > 0) {
        item = channel->items[channel->first];
        channel->first = (channel->first + 1) % CHANNEL_CAPACITY;
        channel->count--;
        pthread_cond_signal(&channel->not_full);
    }
    pthread_mutex_unlock(&channel->lock);
    return item;
}

/* Nothing must be sent from now on; what has been sent can still be received. */
static void channel_close(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->closed = true;
    pthread_cond_signal(&channel->not_empty);
    pthread_mutex_unlock(&channel->lock);
}

/*
 * The list of files.
 */

struct file_list {
    pthread_mutex_t lock;
    size_t next; /* owned by the lock: the first file that nobody has taken */
    /* Constant while there are workers. */
    char **names;
    size_t count;
};

/* Returns null if all files have been taken. */
static const char *take_file(struct file_list *list)
{
    pthread_mutex_lock(&list->lock);
    const char *name = list->next < list->count ? list->names[list->next++] : NULL;
    pthread_mutex_unlock(&list->lock);
    return name;
}

/* One name on each line; false if the input could not be read. */
static bool read_names(struct file_list *list, FILE *input)
{
    char *line = NULL;
    size_t line_size = 0;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &line_size, input)) > 0) {
        if (line[length - 1] == '\n')
            line[--length] = '\0';
        if (length == 0)
            continue;
        if (list->count == capacity) {
            capacity = capacity == 0 ? 1024 : capacity * 2;
            list->names = allocate(list->names, capacity * sizeof *list->names);
        }
        size_t size = (size_t)length + 1;
        list->names[list->count++] = memcpy(allocate(NULL, size), line, size);
    }
    free(line);
    return !ferror(input);
}

static void free_names(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
}

/*
 * The threads.
 */

struct job {
    struct file_list *list;
    wg_t workers;
    struct channel counted;
    struct totals totals; /* the reader's until it has been joined */
};

static struct batch *new_batch(void)
{
    struct batch *batch = allocate(NULL, sizeof *batch);
    memset(batch, 0, sizeof *batch);
    return batch;
}

static void *work(void *argument)
{
    struct job *job = argument;
    struct text text = {0};
    struct batch *batch = NULL;
    const char *name;
    while ((name = take_file(job->list)) != NULL) {
        if (batch == NULL)
            batch = new_batch();
        batch->name = name;
        batch->error = count_file(&batch->totals, name, &text);
        if (batch->error != 0 || batch->totals.each.used >= BATCH_WORDS) {
            channel_send(&job->counted, batch);
            batch = NULL;
        }
    }
    if (batch != NULL)
        channel_send(&job->counted, batch);
    free(text.bytes);
    wg_done(&job->workers);
    return NULL;
}

static void draw_bar(size_t done, size_t count)
{
    char bar[BAR_WIDTH + 1];
    size_t filled = done * BAR_WIDTH / count;
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '#', filled);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3zu %%  %zu of %zu files", bar, done * 100 / count, done,
            count);
}

static void *read_counts(void *argument)
{
    struct job *job = argument;
    size_t count = job->list->count;
    size_t done = 0;
    bool show = isatty(STDERR_FILENO);
    struct batch *batch;
    while ((batch = channel_receive(&job->counted)) != NULL) {
        done += (size_t)(batch->totals.files + batch->totals.unreadable);
        /* By the reader, so that messages and the bar do not get into each other's way. */
        if (batch->error != 0)
            fprintf(stderr, "%smap_reduce: %s: %s\n", show ? "\r\n" : "", batch->name,
                    strerror(batch->error));
        if (show)
            draw_bar(done, count);
        totals_take(&job->totals, &batch->totals);
        free(batch);
    }
    if (show && done > 0)
        fputc('\n', stderr);
    return NULL;
}

/* Start one more worker; returns 0 or an error number. */
static int start_worker(struct job *job)
{
    pthread_t thread;
    wg_add(&job->workers, 1);
    int error = pthread_create(&thread, NULL, work, job);
    if (error == 0)
        pthread_detach(thread);
    else
        wg_done(&job->workers);
    return error;
}

/* Returns the number of workers that did it; with 0 nothing has been counted. */
static int count_in_parallel(struct job *job, int workers)
{
    pthread_t reader;
    int error = pthread_create(&reader, NULL, read_counts, job);
    if (error != 0) {
        fprintf(stderr, "map_reduce: cannot start the reader: %s\n", strerror(error));
        return 0;
    }

    int started = 0;
    while (started < workers && (error = start_worker(job)) == 0)
        started++;
    if (error != 0)
        fprintf(stderr, "map_reduce: cannot start worker %d: %s\n", started + 1,
                strerror(error));

    wg_wait(&job->workers);
    channel_close(&job->counted);
    pthread_join(reader, NULL);
    return started;
}

static void count_alone(struct totals *totals, const struct file_list *list)
{
    struct text text = {0};
    for (size_t i = 0; i < list->count; i++)
        count_file(totals, list->names[i], &text);
    free(text.bytes);
}

/*
 * The program.
 */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Returns the exit status. */
static int run(struct file_list *list, int workers, bool check)
{
    struct job job = {
        .list = list,
        .workers = WG_INITIALIZER,
        .counted =
            {
                .lock = PTHREAD_MUTEX_INITIALIZER,
                .not_full = PTHREAD_COND_INITIALIZER,
                .not_empty = PTHREAD_COND_INITIALIZER,
            },
    };
    int status = 0;

    double begin = now();
    int started = count_in_parallel(&job, workers);
    double end = now();
    if (started == 0) {
        status = 2;
    } else {
        totals_print(&job.totals);
        printf("time %.3f s with %d worker%s\n", end - begin, started,
               started == 1 ? "" : "s");
        if (job.totals.files == 0) {
            fprintf(stderr, "map_reduce: no file could be read\n");
            status = 1;
        }
    }

    if (started > 0 && check) {
        struct totals alone = {0};
        begin = now();
        count_alone(&alone, list);
        end = now();
        if (totals_equal(&job.totals, &alone)) {
            printf("time %.3f s with a single thread: the same counts\n", end - begin);
        } else {
            fprintf(stderr, "map_reduce: a single thread counts something else\n");
            status = 1;
        }
        table_free(&alone.each);
    }
    table_free(&job.totals.each);

    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "map_reduce: cannot write the results\n");
        status = status != 0 ? status : 1;
    }
    return status;
}

static int usage(void)
{
    fprintf(stderr, "usage: map_reduce [-j workers] [--no-check] file...\n"
                    "       map_reduce [-j workers] [--no-check] -  < list of files\n");
    return 2;
}

static bool parse_workers(const char *text, int *workers)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > INT_MAX)
        return false;
    *workers = (int)value;
    return true;
}

static int number_of_cpus(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > INT_MAX ? INT_MAX : (int)n;
}

int main(int argc, char **argv)
{
    int workers = number_of_cpus();
    bool check = true;
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (strcmp(argv[i], "--no-check") == 0)
            check = false;
        else if (strcmp(argv[i], "-j") != 0 || i + 1 == argc ||
                 !parse_workers(argv[i + 1], &workers))
            return usage();
        else
            i++;
    }
    if (i == argc)
        return usage();

    struct file_list list = {.lock = PTHREAD_MUTEX_INITIALIZER};
    if (strcmp(argv[i], "-") != 0) {
        list.names = argv + i;
        list.count = (size_t)(argc - i);
        return run(&list, workers, check);
    }

    if (i + 1 != argc)
        return usage();
    if (!read_names(&list, stdin)) {
        fprintf(stderr, "map_reduce: cannot read the list of files\n");
        free_names(&list);
        return 2;
    }
    int status = run(&list, workers, check);
    free_names(&list);
    return status;
}
