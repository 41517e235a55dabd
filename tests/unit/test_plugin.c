/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Plug-ins that use the library, loaded and unloaded: one that has a copy of it, which goes
 * with the plug-in, and one that is linked with the shared library, which stays. */
#include "common.h"

#include <dlfcn.h>
#include <sys/wait.h>

/* How many mappings the process has; -1 where that cannot be known. */
static int mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int lines = 0, c;
    if (maps == NULL)
        return -1;
    while ((c = getc(maps)) != EOF)
        lines += c == '\n';
    fclose(maps);
    return lines;
}

/* A handler for fork() that was left behind would be called in the child, and
 * not be there. */
static void assert_fork_works(void)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void load_and_unload(const char *path)
{
    int (*run)(void);
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (plugin == NULL) {
        fail_msg("%s", dlerror());
        return;
    }
    *(void **)&run = dlsym(plugin, "plugin_run");
    assert_non_null(run);
    assert_int_equal(run(), 0);
    assert_fork_works();
    int closed = dlclose(plugin);
    assert_int_equal(closed, 0);
#ifdef __GLIBC__ /* musl keeps what it has loaded */
    assert_null(dlopen(path, RTLD_NOW | RTLD_NOLOAD));
#endif
    assert_fork_works();
}

/* Often enough for one mapping left behind by each load to be noticed. */
#define LOADS (50 / SLOWER > 10 ? 50 / SLOWER : 10)

static void load_often(const char *path)
{
    for (int i = 0; i < 5; i++)
        load_and_unload(path);
    int before = mappings();
    for (int i = 0; i < LOADS; i++)
        load_and_unload(path);
    assert_true(mappings() <= before + 5);
}

static void test_plugin_with_a_copy(void **state)
{
    (void)state;
    load_often(PLUGINS "/plugin_static.so");
}

static void test_plugin_with_the_shared_library(void **state)
{
    (void)state;
    load_often(PLUGINS "/plugin_shared.so");
    /* A thread may still be in wg_done() when the wait for it has returned. */
    assert_non_null(
        dlopen(PLUGINS "/../../../.libs/libwaitgroup.so", RTLD_NOW | RTLD_NOLOAD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plugin_with_a_copy),
        cmocka_unit_test(test_plugin_with_the_shared_library),
    };
    return RUN_TESTS(tests);
}
