/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A farm of workers by somebody who treats groups as plain values. */
#include "farm.h"
#include <stdio.h>
#include <string.h>

/* Each level holds the group of the one below: in a struct, a union, an
 * array, a typedef. */
struct shift {
    int number;
    union {
        wg_t wg;
        char padding[16];
    };
};

typedef struct {
    struct shift shifts[2];
    const char *name;
} day_t;

typedef day_t week_t[7];

struct year {
    week_t *holidays; /* only points to groups */
    week_t weeks[52];
};

static struct {
    wg_t wg;
    int used;
} spare, saved;

union slot {
    uint32_t words[4];
    wg_t wg;
};

static void assignments(wg_t *from, wg_t *to, struct shift *night, struct shift *morning)
{
    wg_t snapshot = *from; /* bad: copied by assignment */
    wg_t first, second = WG_INITIALIZER;
    *to = *from;               /* bad: copied by assignment */
    first = second;            /* bad: copied by assignment */
    *morning = *night;         /* bad: copied by assignment */
    morning->wg = night[1].wg; /* bad: copied by assignment */
    saved = spare;             /* bad: copied by assignment */
    wg_wait(&snapshot);
    wg_wait(&first);
}

static void elements(struct year *year, union slot *slots, int i, int j)
{
    day_t monday = year->weeks[i][0];               /* bad: copied by assignment */
    year->weeks[i][j].shifts[0] = monday.shifts[1]; /* bad: copied by assignment */
    union slot empty = slots[i];                    /* bad: copied by assignment */
    slots[i] = slots[j];                            /* bad: copied by assignment */
    slots[j] = empty;                               /* bad: copied by assignment */
}

static void initializers(struct farm *farm, const wg_t *wg)
{
    struct field field = {.crop = "rye", .wg = *wg}; /* bad: copied by assignment */
    struct farm other = {
        "other",
        {field, farm->fields[1]}, /* bad: copied by assignment */
        NULL,
        NULL,
    };
    *farm = (struct farm){.fields = {[1] = field}};       /* bad: copied by assignment */
    for (struct field each = farm->fields[0]; each.crop;) /* bad: copied by assignment */
        each.crop = NULL;
    wg_wait(&other.fields[0].wg);
}

static struct field chosen(struct farm *farm, int left)
{
    struct field copy;
    copy = left ? farm->fields[0] : farm->fields[1]; /* bad: copied by assignment */
    if (left)
        return copy;        /* bad: returned by value */
    return farm->fields[1]; /* bad: returned by value */
}

static wg_t group_of(const struct field *field)
{
    return (field->wg); /* bad: returned by value */
}

static void plough(struct field field) /* bad: passed by value */
{
    printf("ploughing %s\n", field.crop);
    wg_done(&field.wg);
}

static void harvest_all(struct farm farm,   /* bad: passed by value */
                        const wg_t barrier) /* bad: passed by value */
{
    for (int i = 0; i < 2; i++)
        wg_wait(&farm.fields[i].wg);
    (void)barrier;
}

static void calls(struct farm *farm, void (*visit)(struct field), wg_t *wg)
{
    plough(farm->fields[0]); /* bad: passed by value */
    visit(chosen(farm, 1));
    visit(farm->fields[1]);                         /* bad: passed by value */
    harvest_all(*farm, group_of(&farm->fields[0])); /* bad: passed by value */
    inspect(0, *wg);                                /* bad: passed by value */
}

static void moves(struct farm *to, struct farm *from, wg_t *groups, void *buffer, size_t n)
{
    memcpy(to, from, sizeof *to);                             /* bad: moved with memcpy */
    memcpy(buffer, &from->fields[1], sizeof from->fields[1]); /* bad: moved with memcpy */
    memcpy(buffer, to->next, n);                              /* bad: moved with memcpy */
    memcpy(to->spare, buffer, n * sizeof(struct farm));       /* bad: moved with memcpy */
    memmove(groups + 1, groups, (n - 1) * sizeof *groups);    /* bad: moved with memmove */
    memmove((char *)to->fields, buffer, n);                   /* bad: moved with memmove */
}

static wg_t *growth(struct farm *farm, wg_t *groups, size_t n, void **list)
{
    wg_t *more = realloc(groups, n * sizeof(wg_t));    /* bad: moved with realloc */
    farm->next = realloc(*list, n);                    /* bad: moved with realloc */
    *list = realloc(*list, n * sizeof(struct shift));  /* bad: moved with realloc */
    struct year *years = reallocarray(*list, n, 4000); /* bad: moved with reallocarray */
    if (!years)
        free(*list);
    return more;
}

int main(int argc, char **argv)
{
    static struct farm farm, twin;
    static struct year year;
    union slot slots[2] = {{{0}}};
    struct shift shifts[2] = {{.number = 1}, {.number = 2}};
    void *list = NULL;
    assignments(&farm.fields[0].wg, &twin.fields[0].wg, &shifts[0], &shifts[1]);
    elements(&year, slots, 0, 1);
    initializers(&farm, &spare.wg);
    calls(&farm, plough, &saved.wg);
    moves(&twin, &farm, &slots[0].wg, argv[0], (size_t)argc);
    free(growth(&farm, NULL, 3, &list));
}
