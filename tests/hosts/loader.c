/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* A host with a copy of the library, or none, that loads a plug-in with one of its
 * own.  The arguments are the plug-in, and "deep" for RTLD_DEEPBIND.  With -DPLUGIN,
 * the plug-in. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

#include "work.h"

void plug_in(void);

#ifdef PLUGIN

void plug_in(void)
{
    work();
    in_child(work);
}

#else

int main(int argc, char **argv)
{
    int flags = RTLD_NOW | RTLD_LOCAL;
    void (*run)(void);
    (void)argc;
#    ifdef RTLD_DEEPBIND
    if (argc > 2 && strcmp(argv[2], "deep") == 0)
        flags |= RTLD_DEEPBIND;
#    endif
    work();
    void *plugin = dlopen(argv[1], flags);
    if (plugin == NULL)
        fprintf(stderr, "%s\n", dlerror());
    HOPE(plugin != NULL);
    *(void **)&run = dlsym(plugin, "plug_in");
    HOPE(run != NULL);
    run();
    work();
    HOPE(dlclose(plugin) == 0);
    in_child(work);
    return 0;
}

#endif
