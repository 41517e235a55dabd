/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/* waitgroup.cc - this library, as a user links it */
#include "../waitgroup.hh"

int main(int argc, char **argv)
{
    return bench<Group>(argc, argv);
}
