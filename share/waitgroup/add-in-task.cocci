// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// add-in-task.cocci - report a task that adds itself to the group it was given
//
// wg_wait() may be called before the task comes to its wg_add(), and then not wait for it.  So
// wg_add() belongs before the start of the task.  So does wg_tryadd(), unless the group is closed
// before the wait: then the task is waited for or refused.
//
// But a task may add for further tasks that it starts itself, since its own count keeps the counter
// above 0.  So this reports an add on every way through the task, ahead of any loop, with nothing
// after it that looks as if it handed on a task.

@initialize:python@
@@
import os
import re

sources = {}   # in the present file: (function, variable) -> what its values were made from
calls = {}     # function -> the functions that it calls
fine = set()   # the places of adds that are not to be reported
closed = set() # the places where groups are closed

STARTS = r'pthread_create|thrd_create|wg_go' \
    r'|(.*_)?(spawn|start|launch|submit|schedule|dispatch|enqueue|push)(_.*)?'

def given(task, argument, variable, seen=()):
    """Whether the variable of a task has its value from the argument."""
    return variable == argument or variable not in seen and any(
        given(task, argument, other, (*seen, variable))
        for other in sources.get((task, variable), ()))

def place(p):
    return p[0].file, p[0].line, p[0].column

def starts(f, seen=()):
    """Whether the function starts a task: by its name, or by what it calls."""
    return bool(re.fullmatch(STARTS, f)) or f not in seen and any(
        starts(other, (*seen, f)) for other in calls.get(f, ()))

@script:python@
@@
for facts in sources, calls, fine, closed:
    facts.clear()

@call@
identifier callee;
position p;
@@
callee@p(...)

@script:python@
callee << call.callee;
p << call.p;
@@
calls.setdefault(p[0].current_element, set()).add(str(callee))

@started@
identifier task;
expression thread, attr, group, argument;
type F;
@@
(
pthread_create(thread, attr, \( task \| &task \| (F)task \), argument)
|
thrd_create(thread, \( task \| &task \| (F)task \), argument)
|
wg_go(group, \( task \| &task \| (F)task \), argument)
)

@made_from@
idexpression variable, other;
position p;
@@
variable =@p <+... other ...+>

@script:python@
variable << made_from.variable;
other << made_from.other;
p << made_from.p;
@@
sources.setdefault((p[0].current_element, str(variable)), set()).add(str(other))

// The adds that are right, or none

@fewer@
expression group, n;
position p;
@@
wg_add@p(group, \( -n \| 0 \))

@script:python@
p << fewer.p;
@@
fine.add(place(p))

@closes@
expression group;
position p;
@@
wg_close@p(group)

@script:python@
p << closes.p;
@@
closed.add(place(p))

@for_others exists@
identifier f : script:python() { starts(f) };
identifier add_call = {wg_add, wg_tryadd};
expression group, n;
position p;
@@
add_call@p(group, n)
...
f(...)

@script:python@
p << for_others.p;
@@
fine.add(place(p))

@later exists@
identifier add_call = {wg_add, wg_tryadd};
expression group, n;
statement S;
position p;
@@
(
while (...) S
|
for (...; ...; ...) S
)
... when any
add_call@p(group, n)

@script:python@
p << later.p;
@@
fine.add(place(p))

@add@
identifier started.task, argument;
identifier add_call = {wg_add, wg_tryadd};
idexpression base;
expression n;
position p;
@@
task(void *argument)
{
  ...
  add_call@p(<+... base ...+>, n)
  ... when any
}

@script:python@
task << started.task;
argument << add.argument;
add_call << add.add_call;
base << add.base;
p << add.p;
@@
if place(p) not in fine and given(task, argument, base) and (
        str(add_call) == 'wg_add' or not closed):
    print('%s:%s:%d: %s in the task itself: it belongs before the task is started'
          % (os.path.normpath(p[0].file), p[0].line, int(p[0].column) + 1, add_call))
