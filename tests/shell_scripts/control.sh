# SPDX-License-Identifier: MIT
# if, loops, case, functions, and what statuses become.
if true; then echo t; else echo f; fi
if false; then echo t; elif false; then echo e; else echo f; fi
if false; then echo t; fi; echo $?
i=0; while [ $i -lt 3 ]; do i=$((i + 1)); [ $i = 2 ] && continue; echo w$i; done; echo $?
until [ $i = 0 ]; do i=$((i - 1)); done; echo u$i
for a in 1 2 3; do for b in x y; do [ $a$b = 2y ] && break 2; echo $a$b; done; done
for a in 1 2; do for b in x y; do [ $b = y ] && continue 2; echo $a$b; done; done
for a in; do echo never; done; echo $?
while false; do :; done; echo $?
case word in w*d) echo w;; word) echo twice;; esac
case x in (a|b) echo ab;; (x|y) echo xy;; esac
case none in a) ;; esac; echo $?
case a in a) ;; esac; echo $?
f() { echo "f $# $1"; return 3; echo never; }
f a b; echo $?
g() { local v=inner; h; echo $v; }; h() { v=${v}-h; }; v=outer; g; echo $v
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }; fact 5
k() { for i in 1 2 3; do [ $i = 2 ] && return $i; done; }; k; echo $?
m() { echo "$@"; shift; echo "$@"; }; set -- outer; m a b c; echo "$@"
true && echo and || echo or; false && echo and || echo or
false || false || echo third; true || echo no && echo yes
! true; echo $?; ! false; echo $?
! false | true; echo $?
{ echo group; false; }; echo $?
(exit 7); echo $?; (echo sub; exit 3) || echo failed $?
x=1; (x=2; echo $x); echo $x
y=$(false); echo $?; y=$(exit 4); echo $?; y=1; echo $?
eval 'z=5; echo $z'; eval "eval 'echo deep'"
set -- a b c; echo $#; shift 2; echo $1 $#
set -- -e x; echo $1
unset x; echo ${x-gone}; readonly r=1; echo $r
n() { unset -f n; echo once; }; n
: ; echo $?; true; echo $?
if ! false; then echo negated; fi
while :; do echo loop; break; done
if (true; false) then echo no; else echo sub; fi
for x do echo none; done
echo a; echo b & wait; echo c
r2() { return; }; false; r2; echo $?
t() if true; then echo body; fi
t
[ a = a ] && [ a != b ] && [ ! -n "" ] && [ -z "" ] && [ 2 -gt 1 ] && [ -d / ] && echo test
[ a = b -o c = c ] && [ \( a = a \) -a b ] && echo logic
[ -f /nowhere ]; echo $?; [ ]; echo $?; [ "" ]; echo $?; [ = ]; echo $?; [ ! x ]; echo $?
