/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* The corpus of scripts/fuzz: what each of these sequences of calls does is what the model
 * in fuzz/calls.c says. */

/* A directory's entries have 64-bit numbers, on some file systems beyond what a 32-bit long
 * can hold; then readdir() would fail. */
#define _FILE_OFFSET_BITS 64
#include "common.h"

#include <dirent.h>
#include <signal.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path)
{
    static uint8_t data[1 << 12];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        _exit(1);
    size_t size = fread(data, 1, sizeof data, file);
    if (size == sizeof data || fclose(file) != 0)
        _exit(1);
    LLVMFuzzerTestOneInput(data, size);
}

/* In a child, for a sequence that goes wrong ends in abort(). */
static bool agrees(const char *path)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        alarm(60);
        replay(path);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status == 0;
}

static void test_corpus(void **state)
{
    (void)state;
    int files = 0;
    bool all = true;
    DIR *corpus = opendir(CORPUS);
    const struct dirent *entry;
    if (corpus == NULL) {
        fail_msg("%s", CORPUS);
        return;
    }
    while (all && (entry = readdir(corpus)) != NULL) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", CORPUS, entry->d_name);
        files++;
        all = agrees(path);
        if (!all)
            print_message("# %s\n", path);
    }
    closedir(corpus);
    assert_true(files > 0);
    assert_true(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NEEDS_FORK(test_corpus),
    };
    return RUN_TESTS(tests);
}
