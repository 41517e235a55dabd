# SPDX-License-Identifier: MIT
# Copyright (C) 2026 The libwaitgroup authors

# waitgroup-gdb.py - wait groups in gdb: what a group is, and who waits for it
#
# If this is installed in a folder where gdb looks for such files, gdb reads it by itself.
# Otherwise give gdb the command "source .../waitgroup-gdb.py".  It needs a live process or a core.
#
#   print GROUP        a wg_t in words
#   info waitgroups    each group that threads are parked on: its counter, these threads, and where
#                      they called the library.  Needs the library's debugging symbols

import os.path

import gdb
import gdb.printing

CLOSED = 1
ONE_WAITER = 2
LOWER_HALF = 0xFFFFFFFF


def word_at(group):
    """The word of the group at this address: src/word.h."""
    word = gdb.Value((group + 4) & ~7)
    return int(word.cast(gdb.lookup_type("unsigned long long").pointer()).dereference())


def in_words(word):
    """What the word says."""
    if word & LOWER_HALF == LOWER_HALF:
        return "destroyed"
    counter = word >> 32
    if counter >= 1 << 31:
        counter -= 1 << 32
    waiters = (word & LOWER_HALF) // ONE_WAITER
    return "{}, {}{}".format(
        count(counter, "task"), count(waiters, "waiter"), ", closed" if word & CLOSED else ""
    )


def count(number, noun):
    return "{} {}{}".format(number, noun, "" if number == 1 else "s")


class GroupPrinter:
    """A wg_t."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        # Which of its bytes are the word depends on where it is.
        if self.value.address is None:
            return "a copy of a group, not a group"
        return in_words(word_at(int(self.value.address)))


def tables():
    """The buckets that threads are parked in, of each copy of the library: src/lot.c.  Where that is
    two files in a program's own tree, its names are longer."""
    found = []
    for symbol in gdb.lookup_static_symbols("table") + gdb.lookup_static_symbols("wg_table_"):
        element = symbol.type.strip_typedefs()
        if element.code == gdb.TYPE_CODE_ARRAY and element.target().name == "wg_bucket":
            found.append(symbol)
    if not found:
        raise gdb.GdbError(
            "The library's debugging symbols are needed, and were not found. Debian has them in "
            "libwaitgroup0-dbgsym. A library that you build yourself has them with -g."
        )
    return found


def waiters_of(bucket):
    """The waiters in the bucket that are not cut, in the order of arrival for each key."""
    trees = [bucket["queued"], bucket["taken"]]
    while trees:
        first = trees.pop(0)
        if not first:
            continue
        trees += [first["branch"][0], first["branch"][1]]
        waiter = first
        while True:
            yield waiter
            waiter = waiter["next"]
            if waiter == first:
                break


def group_of(key):
    """The key is the address of the semaphore, which is before or after the word."""
    return key - 8 if key % 8 == 0 else key


def stack_pointer(frame):
    return int(frame.read_register("sp").cast(gdb.lookup_type("unsigned long")))


def source(frame):
    symtab = frame.find_sal().symtab
    return None if symtab is None else symtab.fullname()


def caller_in(address, sources):
    """The frame on the selected thread's stack that has called the library, if this address is
    on that stack; otherwise None."""
    frame = gdb.newest_frame()
    if address < stack_pointer(frame):
        return None
    while frame is not None and (stack_pointer(frame) <= address or source(frame) in sources):
        frame = frame.older()
    return frame


def place(frame):
    where = frame.find_sal()
    if where.symtab is not None:
        return "{} ({}:{})".format(frame.name(), where.symtab.filename, where.line)
    return "{} ({:#x})".format(frame.name() or "??", frame.pc())


class InfoWaitgroups(gdb.Command):
    """Wait groups that threads are parked on.

For each: its address, its counter, the threads that wait for it, and where they called the
library."""

    def __init__(self):
        super().__init__("info waitgroups", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        groups = {}
        sources = set()
        for symbol in tables():
            folder = os.path.dirname(symbol.symtab.fullname())
            sources |= {os.path.join(folder, name + ".c") for name in ("waitgroup", "lot", "parker")}
            buckets = symbol.value()
            low, high = buckets.type.range()
            for i in range(low, high + 1):
                for waiter in waiters_of(buckets[i]):
                    group = group_of(int(waiter["key"]))
                    groups.setdefault(group, []).append(int(waiter))
        if not groups:
            print("No thread is parked on a wait group.")
            return

        addresses = [address for waiters in groups.values() for address in waiters]
        callers = self.callers(addresses, sources)
        for group, waiters in sorted(groups.items()):
            print("wg_t at {:#x}: {}".format(group, in_words(word_at(group))))
            for address in waiters:
                print("    " + callers.get(address, "a thread that was not found"))

    def callers(self, addresses, sources):
        """A line for each waiter whose thread is found."""
        lines = {}
        selected, frame = gdb.selected_thread(), gdb.selected_frame()
        try:
            for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
                thread.switch()
                for address in addresses:
                    caller = caller_in(address, sources)
                    if caller is not None:
                        lines[address] = "thread {}, in {}".format(thread.num, place(caller))
        finally:
            selected.switch()
            frame.select()
        return lines


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("waitgroup")
    printers.add_printer("wg_t", "^wg_t$", GroupPrinter)
    gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)
    InfoWaitgroups()


register()
