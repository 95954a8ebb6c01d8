/* SPDX-License-Identifier: MIT */
/*
 * What generated stubs and dispatchers (tools/idlc) are made of: words put into and taken out of
 * the UTCB with every bound checked in one place, and the client's ways to call again.
 */
#ifndef IRIS_LIB_STUB_H
#define IRIS_LIB_STUB_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <iris/ipc.h>
#include <iris/object.h>

/* Label of "do you serve interface X?" (word 0: its id) in every interface. */
#define IRIS_LABEL_NARROW 0

/* Interfaces served on one portal must differ in the part of their id that is in their labels. */
#define IRIS_LABEL_GROUP(interface) ((interface)&0x7fu)
#define IRIS_ASSERT_TOGETHER(a, b)                                                                 \
    _Static_assert(IRIS_LABEL_GROUP(a) != IRIS_LABEL_GROUP(b),                                     \
                   #a " and " #b " share method labels: give one an explicit id in its .idl file")

/* What a tag says about the shape of its message. */
#define IRIS_TAG_COUNTS (IRIS_TAG_WORDS | IRIS_TAG_HANDLES | IRIS_TAG_BUFFERS)

/* ---- Words ---- */

/*
 * A place among the words of a message being written or read. Reading past the end, or something
 * that does not fit its type, yields zero and marks the cursor as bad; who reads asks once, at the
 * end. Nothing needs a check against the size of the UTCB: no method's types take more words than
 * there are, or the compiler would have refused it.
 */
struct iris_cursor {
    struct iris_utcb *utcb;
    uint32_t at;
    uint32_t count; /* words that may be read */
    bool bad;
};

static inline struct iris_cursor iris_cursor_write(void)
{
    return (struct iris_cursor){.utcb = iris_utcb()};
}

/* Reading a message received: words 0-2 came in registers and join the others in the UTCB. */
static inline struct iris_cursor iris_cursor_read(const struct iris_message *m)
{
    struct iris_cursor c = {.utcb = iris_utcb(), .count = iris_tag_words(m->tag)};
    memcpy(c.utcb->words, m->word, sizeof m->word);
    return c;
}

/* Whether all words were used, no more, and each made sense. */
static inline bool iris_cursor_complete(const struct iris_cursor *c)
{
    return !c->bad && c->at == c->count;
}

/* The words written become a message. */
static inline void iris_cursor_send(const struct iris_cursor *c, struct iris_message *m,
                                    uint32_t label, uint32_t handles, uint32_t buffers)
{
    m->tag = IRIS_TAG_FULL(label, c->at, handles, buffers);
    for (uint32_t i = 0; i < 3; i++)
        m->word[i] = i < c->at ? c->utcb->words[i] : 0;
}

static inline void iris_put_u32(struct iris_cursor *c, uint32_t value)
{
    c->utcb->words[c->at++] = value;
}

static inline void iris_put_u64(struct iris_cursor *c, uint64_t value)
{
    iris_put_u32(c, (uint32_t)value);
    iris_put_u32(c, (uint32_t)(value >> 32));
}

static inline uint32_t iris_take_u32(struct iris_cursor *c)
{
    if (c->at < c->count)
        return c->utcb->words[c->at++];
    c->bad = true;
    return 0;
}

static inline uint64_t iris_take_u64(struct iris_cursor *c)
{
    uint64_t low = iris_take_u32(c);
    return low | (uint64_t)iris_take_u32(c) << 32;
}

/* Values narrower than their word: anything beyond their range is refused. */
#define IRIS_NARROW_TYPE(name, type)                                                               \
    static inline void iris_put_##name(struct iris_cursor *c, type value)                          \
    {                                                                                              \
        iris_put_u32(c, (uint32_t)value);                                                          \
    }                                                                                              \
    static inline bool iris_word_is_##name(uint32_t word) { return word == (uint32_t)(type)word; } \
    static inline type iris_take_##name(struct iris_cursor *c)                                     \
    {                                                                                              \
        uint32_t word = iris_take_u32(c);                                                          \
        if (iris_word_is_##name(word))                                                             \
            return (type)word;                                                                     \
        c->bad = true;                                                                             \
        return 0;                                                                                  \
    }
IRIS_NARROW_TYPE(u8, uint8_t)
IRIS_NARROW_TYPE(u16, uint16_t)
IRIS_NARROW_TYPE(i8, int8_t)
IRIS_NARROW_TYPE(i16, int16_t)
IRIS_NARROW_TYPE(i32, int32_t)
IRIS_NARROW_TYPE(bool, bool)
#undef IRIS_NARROW_TYPE

static inline void iris_put_i64(struct iris_cursor *c, int64_t value)
{
    iris_put_u64(c, (uint64_t)value);
}

static inline int64_t iris_take_i64(struct iris_cursor *c) { return (int64_t)iris_take_u64(c); }

/* Length word, bytes, zeroes up to the next word: nothing of the sender's memory besides. */
void iris_put_bytes(struct iris_cursor *c, const void *data, uint32_t length);

/* At most `capacity` bytes into `data`; the length, 0 if bad. */
uint32_t iris_take_bytes(struct iris_cursor *c, void *data, uint32_t capacity);

/* The same as a C string into `text[capacity + 1]`; a zero byte inside is refused. */
void iris_take_string(struct iris_cursor *c, char *text, uint32_t capacity);

/* Length of a string that may have at most `capacity` bytes: `capacity + 1` if it has more. */
static inline uint32_t iris_string_length(const char *text, uint32_t capacity)
{
    return (uint32_t)strnlen(text, capacity + 1);
}

/* ---- Handles and buffers, sender's side ---- */

static inline void iris_put_handle(uint32_t index, uint32_t handle, uint32_t rights)
{
    iris_utcb()->handles[index] = (struct iris_send_handle){handle, rights};
}

static inline void iris_put_buffer(uint32_t index, const void *data, uint32_t length,
                                   uint32_t access)
{
    iris_utcb()->buffers[index] = (struct iris_buffer){(uint32_t)(uintptr_t)data, length, access};
}

/* ---- Client ---- */

/* The negative error number that a reply other than the expected one stands for: the kernel's or
   the server's error, or -EIO when it is a reply no server of this interface gives. Handles that
   came with it are closed. */
int iris_stub_error(uint32_t tag);

/* Whether an idempotent method should be called again: it was cancelled, though not too often. */
bool iris_stub_cancelled(int status, unsigned *tries);

/* Whether a method with buffers should be called again: the server met a page that is not there.
   The caller touches its buffers by iris_buffer_touch first. Once. */
bool iris_stub_faulted(int status, unsigned *tries);

/* Brings in every page of a buffer, writable ones for writing. Contents stay as they are. */
void iris_buffer_touch(const void *data, uint32_t length, bool writable);

/* The same for memory that may not be there: 0, or -EFAULT instead of a fault. */
int iris_buffer_present(const void *data, uint32_t length, bool writable);

/* Receive slots for the handles of a reply; the thread's own are put back afterwards. */
struct iris_receive {
    uint32_t slot[IRIS_HANDLES_MAX], saved[IRIS_HANDLES_MAX];
    uint32_t count;
};

/* 0 or -ENOMEM. */
int iris_receive_begin(struct iris_receive *receive, uint32_t count);

/* Ends it. With status 0 all handles must have come (else -EIO); with any other status those that
   came are closed and all slots are 0. Returns the status. */
int iris_receive_end(struct iris_receive *receive, int status);

/* ---- Narrow ---- */

/* 0 if the portal serves the interface with this id, -EINVAL if not, or why it cannot tell. */
int iris_narrow(uint32_t portal, uint32_t interface);

#endif
