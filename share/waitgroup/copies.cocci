// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// copies.cocci - report each copy of a wg_t, or of a struct that holds one at any depth
//
// An object is copied where its value is used.  So this does not look for ways to copy: some would
// be forgotten.  It looks for every mention of an object that holds a group, and leaves out the few
// places that need only its address, its type or one of its members.
//
// SmPL has no transitive closure.  So the first rules only write down what each name of a type
// stands for, and holds() follows the names.

@initialize:python@
@@
import os
import re

stands_for = {}  # in the present file: the name of a type -> its declaration, as text
holders = {}     # what holds() found: it is asked for each expression
uses = {}        # what the value of an object is used for, but for assignment, and where

def plain(text):
    """Without comments, #if and the like, and needless space."""
    return ' '.join(re.sub(r'(?s:/\*.*?\*/)|//.*|(?m:^ *#.*)', ' ', text).split())

def lays_out(declaration):
    """Whether this, as "const wg_t * a , b [ 2 ]", sets apart the memory of a group."""
    match = re.match(r'(?:(?:const|volatile|static|register|_Atomic|_Thread_local) )*'
                     r'((?:struct |union )?\w+)(.*)', declaration)
    if not match:
        return False
    name, declarators = match.groups()
    declarators = re.sub(r'\[[^]]*\]|(?<=\().*', '', declarators).split(',')
    return any(not re.search('[*(]', one) for one in declarators) and (
        name in ('wg_t', 'struct wg_t') or has_member(stands_for.get(name, '')))

def has_member(members):
    """The same for the members of a struct or union."""
    inner = r'\w+(?: \w+)? \{([^{}]*)\}'
    while re.search(inner, members):
        members = re.sub(inner, lambda m: 'wg_t' if has_member(m.group(1)) else 'int', members)
    return any(lays_out(one.strip()) for one in members.split(';'))

def holds(T):
    """Whether an object of this type holds a group, or is one.  An array is never copied:
    it turns into a pointer."""
    T = plain(T)
    if T not in holders:
        holders[T] = not stands_for.get(T, T).endswith(']') and has_member(T)
    return holders[T]

def points(T):
    """Whether it is a pointer to such an object, or an array of them."""
    T = plain(T)
    target = re.fullmatch(r'(.*?) ?(\*( const)?|\[[^]]*\])', stands_for.get(T, T))
    return bool(target) and holds(target.group(1))

def names_object(e):
    """Whether this is x, x.m, x->m, x[i] or *anything; not a call, a literal, an assignment."""
    e = plain(e)
    while re.search(r'[([][^][(){}]*[])]|\{[^][(){}]*\}', e):
        e = re.sub(r'\[[^][(){}]*\]', '. i', e)
        e = re.sub(r'\([^][(){}]*\)', '@', e)
        e = re.sub(r'\{[^][(){}]*\}', '=', e)
    return bool(re.fullmatch(r'\* [^=?,]*|([^=?,]* (->|\.) )?\w+', e))

# Not =~ for what follows: its syntax is that of PCRE or of OCaml's Str, as spatch was built.

def is_macro(f):
    """Whether this is the name of a macro, which may do anything with its arguments."""
    return bool(re.fullmatch('[A-Z0-9_]+|offsetof|container_of|__builtin_.*', f))

def reallocates(f):
    """Whether it is that of realloc(), reallocarray(), xrealloc() or the like."""
    return bool(re.fullmatch('.*realloc(array)?', f))

def moves(f):
    """Whether the function of this name moves bytes."""
    return reallocates(f) or f in ('memcpy', 'mempcpy', 'memmove', 'bcopy', 'qsort')

def place(p):
    return p[0].file, p[0].line, p[0].column, p[0].line_end, p[0].column_end

def use(p, what):
    """Notes what becomes of the value there, if nobody has; None: it is not used."""
    uses.setdefault(place(p), what)

def report(p, T, what):
    group = re.fullmatch(r'(const |volatile )*(wg_t|struct wg_t)[^\w]*(\[.*)?', plain(T))
    print('%s:%s:%d: %s %s' % (os.path.normpath(p[0].file), p[0].line, int(p[0].column) + 1,
                               'wg_t' if group else 'struct that holds a wg_t', what))

// What the names of types stand for

@script:python@
@@
for names in stands_for, holders, uses:
    names.clear()

@structs@
identifier tag;
field list members;
@@
struct tag { members }

@script:python@
tag << structs.tag;
members << structs.members;
@@
stands_for['struct ' + tag] = plain(str(members))

@unions@
identifier tag;
field list members;
@@
union tag { members }

@script:python@
tag << unions.tag;
members << unions.members;
@@
stands_for['union ' + tag] = plain(str(members))

@typedefs@
type T, alias;
@@
typedef T alias;

@script:python@
T << typedefs.T;
alias << typedefs.alias;
@@
stands_for[alias] = plain(str(T))

// What an object can be mentioned for without a use of its value.  A macro may do anything with
// its arguments, and is known by its capitals.  (Each has its own rule, as the branches of one
// would exclude each other within a statement.)

@address@
expression e;
position p;
@@
 &(e@p)

@script:python@
p << address.p;
@@
use(p, None)

@member@
expression e;
identifier m;
position p;
@@
 (e@p).m

@script:python@
p << member.p;
@@
use(p, None)

@target@
expression e, x;
position p;
@@
 (e@p) = x

@script:python@
p << target.p;
@@
use(p, None)

@size@
expression e;
position p;
@@
sizeof(e@p)

@script:python@
p << size.p;
@@
use(p, None)

@type_of@
expression e;
position p;
@@
typeof(e@p)

@script:python@
p << type_of.p;
@@
use(p, None)

@unused@
expression e;
position p;
@@
 (void)(e@p)

@script:python@
p << unused.p;
@@
use(p, None)

@macro@
expression e;
identifier f : script:python() { is_macro(f) };
position p;
@@
f(..., e@p, ...)

@script:python@
p << macro.p;
@@
use(p, None)

// All others use it

@argument@
type T : script:python() { holds(T) };
T e;
expression f;
position p;
@@
f(..., e@p, ...)

@script:python@
p << argument.p;
@@
use(p, 'passed by value')

@result@
type T : script:python() { holds(T) };
T e;
position p;
@@
return <+... e@p ...+>;

@script:python@
p << result.p;
@@
use(p, 'returned by value')

@value@
type T : script:python() { holds(T) };
T e;
position p;
@@
e@p

@script:python@
p << value.p;
T << value.T;
e << value.e;
@@
what = uses.get(place(p), 'copied by assignment')
if what and names_object(e):
    report(p, T, what)

// The same where nothing is known of the right side, as in *container_of(...).  A name alone is
// a macro then, WG_INITIALIZER or one like it.

@assigned@
type T : script:python() { holds(T) };
T x;
expression e;
position p;
@@
x = e@p

@script:python@
p << assigned.p;
T << assigned.T;
e << assigned.e;
@@
if names_object(e) and not re.fullmatch(r'\w+', plain(e)):
    report(p, T, 'copied by assignment')

// Parameters, in definitions and in declarations, which may leave out the names

@defined@
type T : script:python() { holds(T) };
type R;
identifier f, x;
position p;
@@
R f(..., T x@p, ...) { ... }

@script:python@
p << defined.p;
T << defined.T;
@@
report(p, T, 'passed by value')

@declared@
type T : script:python() { holds(T) };
type R;
identifier f, x;
position p;
@@
(
R f(..., T x@p, ...);
|
R f(..., T@p, ...);
)

@script:python@
p << declared.p;
T << declared.T;
@@
report(p, T, 'passed by value')

// Bytes.  A pointer, the size, or the variable that takes the result shows that they are those of a
// group.  Where the old place is NULL, realloc() is malloc().

@new@
identifier f : script:python() { reallocates(f) };
position p;
@@
f@p(NULL, ...)

@bytes@
type P : script:python() { points(P) };
P pointer;
type C;
identifier f : script:python() { moves(f) };
position p != new.p;
@@
(
 f@p(..., \( pointer \| (C)pointer \), ...)
|
 pointer = \( f@p(...) \| (C)f@p(...) \)
)

@script:python@
p << bytes.p;
P << bytes.P;
f << bytes.f;
@@
report(p, P, 'moved with ' + f)

@sized@
type T : script:python() { holds(T) };
T e;
identifier f : script:python() { moves(f) };
position p != { new.p, bytes.p };
@@
f@p(..., <+... \( sizeof(T) \| sizeof(e) \) ...+>, ...)

@script:python@
p << sized.p;
T << sized.T;
f << sized.f;
@@
report(p, T, 'moved with ' + f)
