/* SPDX-License-Identifier: MIT */
#include "pingpong.h"

/* Words 0-2 travel in registers, the others in the UTCB (man ipc). */
uint32_t message_word(const struct iris_message *m, unsigned index)
{
    return index < 3 ? m->word[index] : iris_utcb()->words[index];
}

void message_set_word(struct iris_message *m, unsigned index, uint32_t value)
{
    if (index < 3)
        m->word[index] = value;
    else
        iris_utcb()->words[index] = value;
}

/* A different word for each place and round (a multiplicative hash, Knuth 6.4). */
static uint32_t pattern(uint32_t seed, unsigned index)
{
    return (seed * 64 + index + 1) * 2654435761u;
}

void message_fill(struct iris_message *m, uint32_t label, unsigned words, uint32_t seed)
{
    *m = (struct iris_message){.tag = IRIS_TAG(label, words)};
    for (unsigned i = 0; i < words; i++)
        message_set_word(m, i, pattern(seed, i));
}

bool message_matches(const struct iris_message *m, unsigned words, uint32_t seed, bool complemented)
{
    if (iris_tag_words(m->tag) != words)
        return false;
    for (unsigned i = 0; i < words; i++)
        if (message_word(m, i) != (complemented ? ~pattern(seed, i) : pattern(seed, i)))
            return false;
    return true;
}
