# SPDX-License-Identifier: MIT
# trap: signals between commands, the end, what is inherited.
trap 'echo usr1 $?' USR1; kill -USR1 $$; echo after $?
(exit 3); kill -s USR1 $$; echo $?
false; trap 'echo status $?' USR1; kill -USR1 $$ && echo joined
trap 'echo one; kill -USR2 $$; echo two' USR1; trap 'echo inner' USR2; kill -USR1 $$; echo three
trap; trap - USR1 2; trap; trap USR2; trap
trap "echo it\\'s; echo \"q\"" HUP; kill -HUP $$; trap -- - HUP
trap '' TERM; kill $$; echo alive; (kill -TERM $$; echo alive too); trap
shell=${SHELL_UNDER_TEST:-shell}
$shell -c 'kill -TERM $$; echo still; trap "echo never" TERM; kill -TERM $$; echo ignored'
trap - TERM; $shell -c 'kill -TERM $$; echo never'; echo $?
(trap 'echo end' EXIT; echo body); echo $?
(trap 'echo end $?' EXIT; exit 4); echo $?
(trap 'echo end; exit 5' EXIT; exit 4); echo $?
(trap 'false; exit' EXIT; exit 6); echo $?
(trap 'echo end $?' 0; set -e; false; echo never); echo $?
(trap 'echo end' EXIT; unset u; : ${u:?gone}; echo never) 2>/dev/null; [ $? != 0 ] && echo failed
(trap 'echo end' EXIT; trap - EXIT; echo body); echo $?
(trap 'echo end' EXIT; exec true); echo $?
(trap 'echo end' EXIT; eval if; echo never) 2>/dev/null; echo syntax
$shell -c 'trap "echo bye \$1" EXIT; echo $0 $1' name arg; echo $?
$shell -c 'trap "exit 7" TERM; kill $$; echo never'; echo $?
$shell -c 'trap "echo end" EXIT; trap "exit 8" INT; kill -INT $$; echo never'; echo $?
f() { trap 'echo returned; return 9' USR1; kill -USR1 $$; echo never; }; f; echo $?
trap 'echo broken; break' USR1
for i in 1 2 3; do echo $i; [ $i = 2 ] && kill -USR1 $$; done; echo $?
trap 'n=$((n + 1))' USR1; n=0; while [ $n -lt 3 ]; do kill -USR1 $$; done; echo $n
trap 'trap - USR1; echo once' USR1; kill -USR1 $$; trap
echo $(trap 'echo inside' EXIT; echo x)
(trap 'echo end' EXIT; echo in a pipe) | cat
{ trap 'echo end of member' EXIT; echo member; } | cat
trap 'echo waited' USR1
{ sleep 0.2; kill -USR1 $$; } & sleep 1 & wait $!; echo $(($? > 128))
wait; echo $?
{ sleep 0.2; kill -USR1 $$; sleep 0.3; } & wait; echo $(($? > 128)); wait; echo $?
sleep 0.1 & wait $!; echo $?; (exit 5) & wait $!; echo $?
trap nonsense NOSUCH 2>/dev/null; [ $? != 0 ] && echo failed
trap 'echo last; exit 11' EXIT
exit 10
