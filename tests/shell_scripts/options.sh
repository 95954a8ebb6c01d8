# SPDX-License-Identifier: MIT
# getopts, umask, times.
show() {
    OPTIND=1
    while getopts "$1" o $2; do echo "$o [$OPTARG]"; done
    echo "$? $o $OPTIND"
}
show ab:c '-a -b x -c rest'
show ab:c '-abx -c'
show ab:c '-ca -bvalue -- -a'
show ab:c ''
show ab '-a - -b'
show ab '-a -x -b' 2>/dev/null
show :ab: '-x -b'
show :a:b '-a'
show a: '-a' 2>/dev/null
show a:b '-a -b -b'
show ab --
f() { while getopts xy: o; do case $o in x) echo x;; y) echo "y=$OPTARG";; *) echo bad; return 3;; esac; done; shift $((OPTIND - 1)); echo "$# $*"; }
OPTIND=1; f -x -y 1 a b; echo $?
OPTIND=1; f -xy2 a; echo $?
OPTIND=1; f -z a 2>/dev/null; echo $?
set -- -p -q 'r s' t; OPTIND=1
getopts pq: v; echo $v $OPTIND; getopts pq: v; echo "$v $OPTARG $OPTIND"; getopts pq: v; echo $? $v $OPTIND
echo $OPTIND; shift $((OPTIND - 1)); echo $*
umask 022; umask; umask -S; umask 77; umask; umask -S; umask u=rwx,g=rx,o=; umask; umask g-x; umask -S
umask 0; umask a-w; umask; umask u+w,go-rx; umask; umask 27
(umask 7; umask); umask; (umask)
umask 9 2>/dev/null; [ $? != 0 ] && echo failed; umask
umask a+z 2>/dev/null; [ $? != 0 ] && echo failed; umask
shell=${SHELL_UNDER_TEST:-shell}; $shell -c umask; (umask 13; $shell -c umask)
cd /tmp; rm -f t_options.x; umask 27; echo >t_options.x; ls -l t_options.x | cut -c 1-10
rm t_options.x; umask 72; touch t_options.x; ls -l t_options.x | cut -c 1-10; rm t_options.x
times | grep -c s; times | grep -c '^[0-9]*m[0-9.]*s [0-9]*m[0-9.]*s$'
