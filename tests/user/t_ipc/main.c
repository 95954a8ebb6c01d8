/* SPDX-License-Identifier: MIT */
/* Messages between threads and spaces, as architecture.md section 3 promises them. */
#include <iris/summary.h>

#include "t_ipc.h"

IRIS_SUMMARY("test: messages, handles and buffers in them, deadlines, chains: [ROUNDS]");

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 10);

    test_begin("t_ipc");
    test_metric("kernel_pages_left", kit_pages_left(), "pages", "of=%u",
                (unsigned)kit_space(0).pages_limit);
    test_words(rounds);
    test_handles();
    test_copy();
    test_kept();
    test_deadlines();
    test_notifications();
    test_activations();
    test_deadlock();
    test_depth();
    test_spaces(rounds);
    return test_end();
}
