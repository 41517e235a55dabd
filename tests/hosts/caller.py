# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

"""A host that is an interpreter: tasks of wg_go() come from threads that it does not know."""
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
TASK = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
library.wg_go.argtypes = [ctypes.c_void_p, TASK, ctypes.c_void_p]
library.wg_version.restype = ctypes.c_char_p
ended = []
task = TASK(ended.append)
group = (ctypes.c_uint32 * 3)()
for number in range(1, 9):
    assert library.wg_go(group, task, number) == 0
assert library.wg_wait(group) == 0
assert sorted(ended) == list(range(1, 9))
assert library.wg_close(group) == -2
assert library.wg_destroy(group) == 0
assert library.wg_version()
