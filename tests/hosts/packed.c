/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host that packs its structs, and includes the header among them. */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#pragma pack(push, 1)
#include <waitgroup.h>
struct packed {
    char first;
    int second;
};
#pragma pack(pop)
struct unpacked {
    char first;
    int second;
};
struct task {
    char state;
    wg_t done;
    char neighbour;
};

#include "work.h"

typedef char the_program_packs_on[sizeof(struct packed) == 1 + sizeof(int) ? 1 : -1];
typedef char and_ceases_to[sizeof(struct unpacked) == 2 * sizeof(int) ? 1 : -1];
typedef char a_group_is_aligned[offsetof(struct task, done) == 4 ? 1 : -1];
typedef char and_has_12_bytes[offsetof(struct task, neighbour) == 16 ? 1 : -1];

int main(void)
{
    struct task tasks[3] = {
        {'a', WG_INITIALIZER, 'x'}, {'b', WG_INITIALIZER, 'y'}, {'c', WG_INITIALIZER, 'z'}};
    int i;
    for (i = 0; i < 3; i++) {
        HOPE(((uintptr_t)&tasks[i].done & 3) == 0);
        HOPE(wg_add(&tasks[i].done, 0x01020304) == 0 &&
             wg_add(&tasks[i].done, -0x01020304) == 0);
        HOPE(wg_close(&tasks[i].done) == WG_DRAINED && wg_destroy(&tasks[i].done) == 0);
        HOPE(tasks[i].state == 'a' + i && tasks[i].neighbour == 'x' + i);
    }
    /* One that lies elsewhere, as it may in a packed struct, can be told at run time. */
    HOPE(wg_init((wg_t *)((char *)tasks + 5)) == EINVAL);
    work();
    return 0;
}
