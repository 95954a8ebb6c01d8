#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds newlib (Debian package newlib-source) for Iris with the host's gcc -m32 and keeps the
# result in ${XDG_CACHE_HOME:-~/.cache}/iris/newlib-HASH, where HASH covers this recipe, the
# source archive and the compiler. The last line on standard output is the prefix: headers are
# in PREFIX/include, libc.a and libm.a in PREFIX/lib. Progress goes to standard error.
#
#   libc/build.sh            build if needed, print the prefix
#   libc/build.sh --prefix   print the prefix without building (it may not exist yet)

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
archive=${NEWLIB_ARCHIVE:-/usr/src/newlib/newlib-3.3.0.tar.xz}
compiler=${IRIS_CC:-gcc}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/iris

say() { printf 'newlib: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

[ -r "$archive" ] || fail "$archive is missing; install the Debian package newlib-source"
command -v "$compiler" >/dev/null || fail "the compiler $compiler is missing"

hash=$(
    {
        cat "$here/build.sh" "$here/newlib.patch" "$archive"
        "$compiler" --version
        as --version
    } | sha256sum | cut -c1-16
)
prefix=$cache/newlib-$hash

if [ "${1:-}" = --prefix ] || [ -d "$prefix" ]; then
    echo "$prefix"
    exit 0
fi

# One builder at a time; whoever waited finds the finished prefix.
mkdir -p "$cache"
exec 9>"$cache/newlib-$hash.lock"
if ! flock -n 9; then
    say "another build is running, waiting for it"
    flock 9
fi
if [ -d "$prefix" ]; then
    echo "$prefix"
    exit 0
fi

work=$(mktemp -d "$cache/newlib-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
log=$cache/newlib-$hash.log
: >"$log"
trap 'say "failed; the end of $log:"; tail -n 15 "$log" >&2' ERR

# No header of the host is in reach: only the compiler's own and newlib's. The compiler believes
# that it makes Linux programs; newlib and ported programs must not.
target_cc="$compiler -m32 -march=i686 -mno-sse -mno-mmx -mfpmath=387 -nostdinc"
target_cc+=" -isystem $("$compiler" -m32 -print-file-name=include)"
for name in __linux__ __linux linux __gnu_linux__ __unix__ __unix unix; do
    target_cc+=" -U$name"
done
target_cc+=" -D__iris__=1"
# Frame pointers let a fault report walk through library functions. The functions that tune
# themselves to the compiler's builtins (memcpy, ...) must not become calls of themselves.
target_flags="-O2 -g0 -fno-pic -fno-pie -mno-tls-direct-seg-refs -ffunction-sections \
-fdata-sections -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables \
-ffile-prefix-map=$work=. -fno-stack-protector -fcf-protection=none \
-fno-tree-loop-distribute-patterns -fno-common -w"

say "building for Iris (about a minute, once; log: $log)"
say "unpacking $archive"
mkdir "$work/source" "$work/build"
tar -xf "$archive" -C "$work/source" --strip-components=1
patch -d "$work/source" -p1 --no-backup-if-mismatch <"$here/newlib.patch" >>"$log"

say "configuring"
cd "$work/build"
jobs=$(nproc)
"$work/source/configure" --target=i686-elf --prefix=/iris --with-newlib \
    --disable-multilib --disable-libgloss --disable-shared --disable-nls \
    --enable-newlib-io-c99-formats --enable-newlib-io-long-long --enable-newlib-io-pos-args \
    --enable-newlib-retargetable-locking --enable-newlib-global-stdio-streams \
    --enable-newlib-global-atexit --disable-newlib-nano-formatted-io --disable-newlib-mb \
    --disable-newlib-wide-orient --enable-lite-exit \
    MAKEINFO=true CC_FOR_TARGET="$target_cc" CFLAGS_FOR_TARGET="$target_flags" \
    AS_FOR_TARGET="as --32" LD_FOR_TARGET="ld -m elf_i386" AR_FOR_TARGET=ar \
    RANLIB_FOR_TARGET=ranlib NM_FOR_TARGET=nm OBJCOPY_FOR_TARGET=objcopy \
    STRIP_FOR_TARGET=strip >>"$log" 2>&1

# The number of compilations is only for the progress display.
expected=1022
make -j"$jobs" MAKEINFO=true all-target-newlib 2>&1 | tee -a "$log" | awk -v expected=$expected '
    / -c -o | -c .*-o / { n++
        if (n % 100 == 0) printf "newlib: compiled %d of about %d files\n", n, expected }
    END { printf "newlib: compiled %d files\n", n }' >&2

say "installing"
make MAKEINFO=true DESTDIR="$work/stage" install-target-newlib >>"$log" 2>&1
stage=$work/stage/iris/i686-elf
for file in lib/libc.a lib/libm.a include/stdio.h; do
    [ -f "$stage/$file" ] || fail "the build made no $file (log: $log)"
done
rm -f "$stage/lib/libg.a" "$stage"/lib/crt*.o
cp "$work/source/COPYING.NEWLIB" "$stage/COPYING.NEWLIB"
# Parts that newlib has for other systems only; the Makefile compiles those it wants against our
# headers (NEWLIB_PARTS).
mkdir "$stage/src"
cp "$work"/source/newlib/libc/{posix,unix}/*.[ch] "$stage/src"
mv -T "$stage" "$prefix"
say "done: $prefix"
echo "$prefix"
