# SPDX-License-Identifier: MIT
# Pipelines, and what runs beside the shell.
echo a | cat | cat | cat
printf '3\n1\n2\n' | sort | head -n 2
echo in | { read x; echo "got $x"; }
echo in | while read x; do echo "loop $x"; done
x=out; echo in | read x; echo $x
f() { cat; echo "f $1"; }; echo to | f arg
v=kept; true | echo $v; (echo $v) | cat; a="sp  ace"; (echo "$a") | cat
set -- p q; (echo $1 $#) | cat; echo $(echo $2)
true | false; echo $?; false | true; echo $?
(exit 5) | (exit 6); echo $?
echo x | (cat; echo y) | cat
printf '%s\n' a b c | while read l; do printf '%s' $l; done; echo
echo $(echo a; echo b) "$(echo c; echo d)"
echo $(for i in 1 2 3; do echo $i; done | sort -r)
r=$(echo out; echo err >&2) 2>/dev/null; echo "$r"
yes | head -n 3
cat /dev/null | wc -l | tr -d ' '
seq 100 | tail -n 1
seq 2000 | while read n; do [ $n = 3 ] && break; done; echo $?
s=0; for i in $(seq 10); do s=$((s + i)); done; echo $s
(echo bg) & wait; (exit 3) & wait $!; echo $?
echo 'echo from a script: $1 $#; exit 4' >/tmp/t_script.$$; shell=${SHELL_UNDER_TEST:-shell}
$shell /tmp/t_script.$$ A B; echo $?; rm /tmp/t_script.$$
. /dev/null; echo $?
(echo one; (echo two; (echo three))) | sort
if echo yes | grep -q yes; then echo found; fi
echo a b c | tr ' ' '\n' | wc -l | tr -d ' '
$(echo echo) computed; c='echo two words'; $c
x=$(cat <<E
document in a substitution
E
); echo "$x"
