/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Whether there are several processors, for each answer that the system may give. */
#include "common.h"

#include <errno.h>
#include <sched.h>
#include <sys/wait.h>

BEGIN_C
#include "../src/cpu.h"
END_C

/* This program is linked with src/cpu.c, in which sched_getaffinity() and sysconf() are renamed
 * to these. */
static int processors; /* -1 if that cannot be found out */

#ifdef HAVE_SCHED_GETAFFINITY
BEGIN_C
int given_sched_getaffinity(pid_t process, size_t size, cpu_set_t *set);
END_C

int given_sched_getaffinity(pid_t process, size_t size, cpu_set_t *set)
{
    (void)process;
    if (processors == -1) {
        errno = EINVAL;
        return -1;
    }
    CPU_ZERO_S(size, set);
    for (int i = 0; i < processors; i++)
        CPU_SET_S((size_t)i, size, set);
    return 0;
}
#else
BEGIN_C
long given_sysconf(int name);
END_C

long given_sysconf(int name)
{
    return name == _SC_NPROCESSORS_ONLN ? processors : -1;
}
#endif

/* In a child, for what has been found out is remembered. */
static bool several(int given)
{
    processors = given;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(wg_cpu_several() + 2 * wg_cpu_several());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(status == 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 3));
    return status != 0;
}

static void test_several(void **state)
{
    (void)state;
    assert_false(several(1));
    assert_true(several(2));
    assert_true(several(64));
}

/* Then two are assumed. */
static void test_unknown(void **state)
{
    (void)state;
    assert_true(several(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_unknown),
    };
    return RUN_TESTS(tests);
}
