/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* All that may be done with groups, and with what holds or merely mentions them. */
#include "farm.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define FIELD_INITIALIZER(name) {.crop = (name), .wg = WG_INITIALIZER}
#define EMPTY_FARM {0}
/* clang-format on */
#define SHOW(field) printf("%s\n", (field).crop)

/* A pointer, an array of them, or a function that is about groups is no group. */
struct ticket {
    int number;
    wg_t *wg, *both[2];
    struct farm *farm;
    int (*visit)(struct field *field, wg_t *wg);
    wg_t *(*find)(const struct ticket *ticket, int n);
};

/* Its name is that of a member elsewhere. */
typedef struct {
    int wg;
    char wg_t_name[8];
} label_t;

static wg_t global = WG_INITIALIZER;
static struct farm empty_farm = EMPTY_FARM;
static wg_t many[2] = {WG_INITIALIZER, WG_INITIALIZER};

static void initialization(void)
{
    wg_t wg = WG_INITIALIZER, zero = {{0}};
    struct field field = FIELD_INITIALIZER("oats"), nothing = {0};
    struct farm farm = {.name = "home",
                        .fields = {{.crop = "hops"}, {"hay", WG_INITIALIZER}}};
    wg = (wg_t)WG_INITIALIZER;
    zero = (struct wg_t){{0, 0, 0}};
    field.wg = (wg_t){{0}};
    farm.fields[1] = (struct field){.crop = "flax", .wg = WG_INITIALIZER};
    farm = (struct farm){.name = field.crop, .next = farm.next};
    memset(&nothing, 0, sizeof nothing);
    wg_init(&nothing.wg);
    wg_wait(&wg);
    wg_wait(&zero);
    SHOW(nothing);
}

static void addresses(struct farm *farm, struct field *fields, int i)
{
    wg_t *wg = &farm->fields[i].wg, *same;
    struct field *field = fields + i, *first = &*fields;
    same = wg;
    wg_add(&(fields[i].wg), 1);
    wg_add(&(*field).wg, 1);
    wg_add(&((farm->fields)[i]).wg, 1);
    wg_done(same), wg_done(&first->wg);
    field = i ? &farm->fields[0] : fields;
    const char *crop = (*field).crop;
    wg_wait(i ? &many[0] : many + 1);
    printf("%s %zu %zu\n", crop, sizeof *field, sizeof(farm->fields[0]));
    printf("%zu %zu\n", sizeof(wg_t), offsetof(struct field, wg));
    printf("%u\n", (unsigned)(fields[i].wg.state[0] + many[1].state[2]));
}

static void tickets(struct ticket *to, const struct ticket *from, size_t n)
{
    struct ticket ticket = *from, copies[2] = {*from, ticket};
    *to = ticket;
    to->wg = from->both[1];
    copies[1] = copies[0];
    to->visit(&to->farm->fields[0], to->wg);
    memcpy(to, from, n * sizeof *to);
    memmove(to->both, from->both, sizeof to->both);
    memcpy(&to->number, &from->number, sizeof(int));
    memcpy(&to->wg, &from->wg, sizeof(wg_t *));
}

static struct ticket *more_tickets(struct ticket *tickets, wg_t **groups, size_t n)
{
    struct ticket *more = realloc(tickets, n * sizeof *more);
    wg_t **list = realloc(groups, n * sizeof(wg_t *));
    struct field *fields = realloc(NULL, n * sizeof *fields);
    struct farm *farms = calloc(n, sizeof *farms);
    if (farms && fields) {
        memset(fields, 0, n * sizeof *fields);
        farms[0].name = strcpy(malloc(5), "moor");
    }
    free(farms);
    free(fields);
    free(list);
    return more;
}

static struct ticket by_value(struct ticket ticket, label_t label)
{
    label_t other = label;
    other.wg++;
    ticket.number = other.wg + (int)sizeof other.wg_t_name;
    return ticket;
}

static wg_t fresh(void)
{
    return (wg_t)WG_INITIALIZER;
}

static wg_t *found(struct farm *farm, int i)
{
    return farm ? &farm->fields[i].wg : &global;
}

int main(void)
{
    wg_t wg = fresh();
    struct ticket ticket = {.number = 1, .wg = &wg, .farm = &empty_farm};
    struct ticket *all = more_tickets(NULL, NULL, 2);
    initialization();
    addresses(&empty_farm, empty_farm.fields, 1);
    if (all)
        tickets(all, &ticket, 1);
    ticket = by_value(ticket, (label_t){.wg = 1});
    swap_names(&empty_farm.fields[0], &empty_farm.fields[1]);
    free(all);
    return wg_wait(found(&empty_farm, 0));
}
