/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* Tasks that add to groups for a reason. */
#include <pthread.h>
#include <stdio.h>
#include <waitgroup.h>

struct node {
    struct node *left, *right;
    wg_t *wg;
    wg_t below;
};

static void *walk(void *arg);

/* The usual way: whoever starts a task has added it before. */
static void *plain(void *arg)
{
    struct node *node = arg;
    puts("working");
    wg_done(node->wg);
    return NULL;
}

static int start(struct node *node)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, walk, node);
}

/* The counter is above 0 while this runs: it may add for others, and start them. */
static void *walk(void *arg)
{
    struct node *node = arg;
    pthread_t thread;
    wg_add(node->wg, 1);
    if (pthread_create(&thread, NULL, plain, node->left) != 0)
        wg_done(node->wg);
    wg_done(node->wg);
    return NULL;
}

static void *walk_both(void *arg)
{
    struct node *node = arg;
    struct node *sides[] = {node->left, node->right};
    pthread_t thread;
    wg_add(node->wg, 2);
    for (int i = 0; i < 2; i++) {
        if (pthread_create(&thread, NULL, plain, sides[i]) != 0)
            wg_done(node->wg);
    }
    wg_done(node->wg);
    return NULL;
}

static void *walk_by_a_function(void *arg)
{
    struct node *node = arg;
    wg_add(node->wg, 1);
    if (start(node->left) != 0)
        wg_done(node->wg);
    wg_done(node->wg);
    return NULL;
}

static void walk_on(void *arg)
{
    struct node *node = arg;
    wg_add(node->wg, 1);
    if (wg_go(node->wg, walk_on, node->left) != 0)
        puts("no thread");
    wg_done(node->wg);
}

/* A group of its own, which nobody else knows yet. */
static void *own_group(void *arg)
{
    struct node *node = arg;
    wg_t own = WG_INITIALIZER;
    wg_add(&own, 1);
    node->left->wg = &own;
    plain(node->left);
    wg_wait(&own);
    return NULL;
}

/* Only under a condition, or for each of something: for other tasks, it seems. */
static void *sometimes(void *arg)
{
    struct node *node = arg;
    if (node->right)
        wg_add(node->wg, 1);
    for (struct node *next = node->left; next; next = next->left)
        wg_add(node->wg, 1);
    return NULL;
}

static void *fewer(void *arg)
{
    struct node *node = arg;
    int both = 2;
    wg_add(&node->below, -1);
    wg_add(node->wg, -both);
    return NULL;
}

/* Not a task. */
static int opened(wg_t *wg)
{
    return wg_add(wg, 1);
}

int main(void)
{
    wg_t wg = WG_INITIALIZER;
    struct node node = {.wg = &wg};
    void *(*tasks[])(void *) = {walk, own_group};
    pthread_t thread;
    opened(&wg);
    pthread_create(&thread, NULL, plain, &node);
    pthread_create(&thread, NULL, walk_both, &node);
    pthread_create(&thread, NULL, walk_by_a_function, &node);
    pthread_create(&thread, NULL, own_group, &node);
    pthread_create(&thread, NULL, sometimes, &node);
    pthread_create(&thread, NULL, fewer, &node);
    pthread_create(&thread, NULL, tasks[0], &node);
    if (wg_go(&wg, walk_on, &node) == 0)
        wg_wait(&wg);
}
