/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>

struct gate {
    volatile uint32_t open;
};

/* Everybody who sleeps on the word, however many there are. */
void gate_open(struct gate *gate)
{
    gate->open = 1;
    while (iris_word_wake(&gate->open, ~0u) > 0)
        ;
}

int main(void)
{
    struct gate gate = {0};

    gate_open(&gate);
    return gate.open == 1 ? 0 : 1;
}
