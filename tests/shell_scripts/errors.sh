# SPDX-License-Identifier: MIT
# Errors: statuses, and what a script survives.
nonsense 2>/dev/null; echo $?
/nowhere/nonsense 2>/dev/null; echo $?
/ 2>/dev/null; echo $?
cat </nowhere 2>/dev/null || echo failed
{ cat </nowhere; } 2>/dev/null || echo failed
(eval 'if') 2>/dev/null; echo $?
(eval 'echo "open') 2>/dev/null; echo $?
(eval ')') 2>/dev/null; echo $?
(eval 'a && && b') 2>/dev/null; echo $?
(unset u; set -u; echo $u) 2>/dev/null; echo $?
(unset u; set -u; echo ${u-fine} ${u:-fine}); echo $?
(unset u; echo ${u:?message}; echo never) 2>/dev/null; echo $?
(readonly r=1; r=2; echo never) 2>/dev/null; echo $?
(echo $((1 / 0)); echo never) 2>/dev/null; echo $?
(echo $((1 +)); echo never) 2>/dev/null; echo $?
(set -e; false; echo never); echo $?
(set -e; false || true; if false; then :; fi; ! true; false && true; echo alive; (exit 3); echo never); echo $?
(set -e; f() { false; echo in f; }; f || echo tested; f; echo never); echo $?
(set -e; x=$(false); echo never); echo $?
(break; echo alive); echo $?
(cd /nowhere) 2>/dev/null; [ $? != 0 ] && echo failed
(. /nowhere; echo never) 2>/dev/null; [ $? != 0 ] && echo ended
(exec 3</nowhere; echo never) 2>/dev/null; [ $? != 0 ] && echo ended
(set -x; echo traced) 2>&1
(exit 300) ; echo $?
set -- a; (shift 5) 2>/dev/null; [ $? != 0 ] && echo failed
[ a -eq b ] 2>/dev/null; echo $?; [ a b c ] 2>/dev/null; echo $?
export X=exported; shell=${SHELL_UNDER_TEST:-shell}; $shell -c 'echo $X $0 $1' name arg
X=once $shell -c 'echo $X'; echo $X
(exec $shell -c 'exit 9'; echo never); echo $?
f() { echo $X; }; X=call f; echo $X
echo end
exit 12
