/* SPDX-License-Identifier: MIT */
/*
 * IRIS_SUMMARY("list the files of a directory");
 *
 * once in a program, at file scope: one line that `help` shows. It becomes an ELF note (name
 * "Iris", type 1; ELF specification, "Note Section") in the program's file, so a program describes
 * itself and there is no list of programs anywhere.
 */
#ifndef IRIS_SUMMARY_H
#define IRIS_SUMMARY_H

#define IRIS_NOTE_NAME "Iris"
#define IRIS_NOTE_SUMMARY 1

#define IRIS_SUMMARY(text)                                                                         \
    __asm__(".pushsection .note.iris, \"a\", @note\n\t"                                            \
            ".balign 4\n\t"                                                                        \
            ".long 5, 8f - 7f, 1\n\t"                                                              \
            ".asciz \"Iris\"\n\t"                                                                  \
            ".balign 4\n"                                                                          \
            "7:\t.asciz \"" text "\"\n"                                                            \
            "8:\t.balign 4\n\t"                                                                    \
            ".popsection")

#endif
