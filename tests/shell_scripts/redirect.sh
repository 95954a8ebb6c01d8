# SPDX-License-Identifier: MIT
# Redirections and here-documents, in a folder of its own.
d=/tmp/t_redirect.$$; mkdir $d; cd $d
echo one >a; cat a; echo two >>a; cat <a; cat <a >b; cat b
echo x >c y; cat c
{ echo out; echo err >&2; } >both 2>&1; cat both
{ echo out; echo err >&2; } 2>&1 >only | cat; cat only
echo gone >/dev/null; echo $?
cat <<E
x is ${x:-unset} $(echo sub) \$x \\ "quoted" `echo tick` $((1 + 1))
E
cat <<'E'
x is $x $(echo sub) \
E
cat <<-E
	tabs	go
	E
cat <<A; cat <<B
first
A
second
B
cat <<E | cat
piped $1
E
while read l; do echo "[$l]"; done <<E
line 1
  line 2
E
exec 3>three; echo to3 >&3; exec 3>&-; cat three
exec 4<a; read l <&4; echo $l; read l <&4; echo $l; read l <&4; echo $?; exec 4<&-
echo err 2>/dev/null >&2; echo shown
for i in 1 2; do echo $i; done >loop; cat loop
if true; then cat; fi <loop
f() { echo in f; } >func; f; cat func
(echo sub; echo sub2) >s; cat s
>empty; [ -f empty ] && [ ! -s empty ] && echo empty
cat nowhere 2>/dev/null || echo missing
{ read a; read b; } <a; echo $a-$b
echo 'back\slash  line' >r; read x <r; echo "$x"; read -r x <r; echo "$x"; read -r x y <r; echo "$y"
printf 'no newline' >n; read x <n; echo "$? $x"
echo a:b:c >i; IFS=: read x y <i; echo "$x $y"; unset x
echo 1 2 3 4 >i; read x y <i; echo "$y"
set -- *; echo $#; echo [ab]; echo ?; echo no*match; echo "*"; set -f; echo *; set +f
mkdir sub; echo x >sub/f1; echo x >sub/.hid; echo sub/* */f* sub/.h*
cd /; rm -r $d
