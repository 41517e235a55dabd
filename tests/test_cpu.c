/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* How many processors there are, for each answer that the system may give. */
#include "common.h"

#include <errno.h>
#include <sched.h>

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

static int count(int given)
{
    processors = given;
    wg_cpu_look();
    return wg_cpu_count();
}

static void test_count(void **state)
{
    (void)state;
    assert_int_equal(count(1), 1);
    assert_int_equal(count(2), 2);
    assert_int_equal(count(64), 64);
}

static void test_unknown(void **state)
{
    (void)state;
    assert_true(count(-1) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_unknown),
    };
    return RUN_TESTS(tests);
}
