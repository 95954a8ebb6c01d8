/* SPDX-License-Identifier: MIT */
/*
 * Marks: instructions that do nothing, but which the counting plugin knows. What executes between
 * BENCH_BEGIN(n) and BENCH_END(n), in whatever space, is one window. Not counted themselves.
 */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define BENCH_MARK_BEGIN 0x49520000
#define BENCH_MARK_END 0x49530000

#define BENCH_TEXT_(x) #x
#define BENCH_TEXT(x) BENCH_TEXT_(x)

/* nopl MARK+n(%eax,%eax,1): 0f 1f 84 00 and four bytes. n: 0 .. 65535, a constant. */
#define BENCH_MARK_(kind, n)                                                                       \
    __asm__ volatile(                                                                              \
        ".byte 0x0f, 0x1f, 0x84, 0x00\n\t.long " BENCH_TEXT(kind) " + " BENCH_TEXT(n)::            \
            : "memory")
#define BENCH_BEGIN(n) BENCH_MARK_(BENCH_MARK_BEGIN, n)
#define BENCH_END(n) BENCH_MARK_(BENCH_MARK_END, n)

#endif
