# SPDX-License-Identifier: MIT
# Words: quotes, parameters, splitting, patterns.
show() { printf '%d:' $#; printf '<%s>' "$@"; echo; }
x='a  b' e= star='*'
show $x "$x" '$x' \$x a\ b "a\"b" 'a"b' "a'b" ''
show $e "$e" $unset "$unset" x$e y"$e"
show ${x:-d} ${e:-d} ${e-d} ${unset-d e} "${unset:-d  e}" ${unset:-"d  e"}
show ${x:+set} ${e:+set} ${e+set} ${unset+set} "${unset+set}"
show ${new:=va lue} "$new" ${#new} ${#e} ${#unset}
p=/usr/local/lib.tar.gz
show ${p##*/} ${p#*/} ${p%.*} ${p%%.*} ${p#nothing} ${p%/*}/x
show "${p##*/}" "${p%"z"}" "${p#"/u"*}"
q='a*b'; show "${q#a*}" "${q#"a*"}" "${q%\*b}"
set -- 'one two' '' three
show $@; show "$@"; show $*; show "$*"; show "pre $@ post"; show x"$@"
IFS=:; show "$*" $*; unset IFS
set --
show "$@"; show "a$@"; show $*; show "$*"
w=:a::b:; IFS=:; show $w; IFS=' :'; w=' a : b  c:: d '; show $w; unset IFS
v=$(printf 'l1\nl2\n\n\n'); show $v; show "$v"
show `echo back \`echo tick\`` "`echo "in"`" $(echo "a)b") $(echo ')')
show a$(echo b)c $(printf 'x y') "$(printf 'x y')" $(true)
show ~ | (read n; [ "$n" != '1:<~>' ] && echo home)
show $(case x in x) echo case;; esac)
show "$(echo "nested "quotes" here")"
show $star'' "$star" | (read a; [ -n "$a" ] && echo ok)
show \
joined lin\
es
show "a\$b" "a\\b" "a\
b" 'a\b' "a\b"
show $# "$#" ${#} "${1-none}" ${10-ten}
x=1 y=$x; show $x $y; x=2 y=$x z=$y; show $z
for i in a{b,c} "$e" ''; do show "$i"; done
case 'a*' in 'a*') echo quoted;; esac
case abc in [!a]*) echo no;; [[:alpha:]]?c) echo class;; esac
case ']' in []]) echo bracket;; esac
case - in [a-]) echo dash;; esac
case x in "$star") echo no;; $star) echo star;; esac
