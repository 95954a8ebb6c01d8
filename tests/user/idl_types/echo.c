/* SPDX-License-Identifier: MIT */
#include "echo.h"

#include <string.h>

#include <iris/calls.h>

IRIS_ASSERT_TOGETHER(TYPES_INTERFACE, TYPES_SECOND_INTERFACE);

static struct echo *enter(void *context)
{
    struct echo *echo = context;
    if (echo->entered)
        echo->entered();
    return echo;
}

/* ---- Values ---- */

#define ECHO(name, type)                                                                           \
    static int name(void *context, struct iris_request *rq, type value, type *back)                \
    {                                                                                              \
        (void)rq;                                                                                  \
        enter(context);                                                                            \
        *back = value;                                                                             \
        return 0;                                                                                  \
    }
ECHO(echo_u8, uint8_t)
ECHO(echo_u16, uint16_t)
ECHO(echo_u32, uint32_t)
ECHO(echo_u64, uint64_t)
ECHO(echo_i8, int8_t)
ECHO(echo_i16, int16_t)
ECHO(echo_i32, int32_t)
ECHO(echo_i64, int64_t)
ECHO(echo_bool, bool)
ECHO(echo_colour, enum colour)
ECHO(echo_sparse, enum sparse)

static int echo_mixed(void *context, struct iris_request *rq, uint8_t a, int64_t b, bool c1,
                      enum sparse d, int8_t e, uint8_t *a_back, int64_t *b_back, bool *c1_back,
                      enum sparse *d_back, int8_t *e_back)
{
    (void)rq;
    enter(context);
    *a_back = a;
    *b_back = b;
    *c1_back = c1;
    *d_back = d;
    *e_back = e;
    return 0;
}

static int echo_struct(void *context, struct iris_request *rq, const struct everything *value,
                       struct everything *back)
{
    (void)rq;
    enter(context);
    *back = *value;
    return 0;
}

#define ECHO_ARRAY(name, type, count)                                                              \
    static int name(void *context, struct iris_request *rq, const type value[count],               \
                    type back[count])                                                              \
    {                                                                                              \
        (void)rq;                                                                                  \
        enter(context);                                                                            \
        memcpy(back, value, count * sizeof value[0]);                                              \
        return 0;                                                                                  \
    }
ECHO_ARRAY(echo_points, struct point, 4)
ECHO_ARRAY(echo_longs, int64_t, 3)
ECHO_ARRAY(echo_colours, enum colour, 3)
ECHO_ARRAY(echo_words, uint32_t, 64)

static int echo_string(void *context, struct iris_request *rq, const char *value,
                       char back[TYPES_TEXT + 1])
{
    (void)rq;
    enter(context);
    strcpy(back, value);
    return 0;
}

static int echo_bytes(void *context, struct iris_request *rq, const void *value,
                      uint32_t value_size, uint8_t back[TYPES_BIG], uint32_t *back_size)
{
    (void)rq;
    enter(context);
    memcpy(back, value, value_size);
    *back_size = value_size;
    return 0;
}

static int echo_both(void *context, struct iris_request *rq, const char *name, const void *data,
                     uint32_t data_size, uint16_t number, char name_back[8], uint8_t data_back[5],
                     uint32_t *data_back_size, uint16_t *number_back)
{
    (void)rq;
    enter(context);
    strcpy(name_back, name);
    memcpy(data_back, data, data_size);
    *data_back_size = data_size;
    *number_back = number;
    return 0;
}

static int change(void *context, struct iris_request *rq, uint32_t *number, struct point *place,
                  char text[TYPES_TEXT + 1], uint8_t data[9], uint32_t *data_size, uint8_t pair[2])
{
    int32_t x = place->x;
    uint8_t first = pair[0];

    (void)rq;
    enter(context);
    ++*number;
    place->x = place->y;
    place->y = x;
    if (strlen(text) < TYPES_TEXT)
        strcat(text, "!");
    if (*data_size > 0)
        --*data_size;
    memset(data, 0x5a, *data_size);
    pair[0] = pair[1];
    pair[1] = first;
    return 0;
}

/* ---- Buffers ---- */

static int sum(void *context, struct iris_request *rq, struct iris_buffer_ref data, uint32_t *total)
{
    uint8_t part[64];
    int count;

    (void)rq;
    enter(context);
    for (uint32_t at = 0; (count = iris_buffer_read(data, at, part, sizeof part)) > 0;
         at += (uint32_t)count)
        for (int i = 0; i < count; i++)
            *total += part[i];
    return count;
}

static int fill(void *context, struct iris_request *rq, uint8_t seed, struct iris_buffer_ref data,
                uint32_t *count)
{
    (void)rq;
    enter(context);
    while (*count < data.length) {
        uint8_t part[64];
        for (uint32_t i = 0; i < sizeof part; i++)
            part[i] = (uint8_t)(seed + *count + i);
        int n = iris_buffer_write(data, *count, part, sizeof part);
        if (n <= 0)
            return n < 0 ? n : -EINVAL;
        *count += (uint32_t)n;
    }
    return 0;
}

/* Each byte through a function that takes its place among all; from one buffer into another. */
static int transform(struct iris_buffer_ref from, struct iris_buffer_ref to, uint8_t mask)
{
    uint8_t part[48];
    int count;

    for (uint32_t at = 0; (count = iris_buffer_read(from, at, part, sizeof part)) > 0;
         at += (uint32_t)count) {
        for (int i = 0; i < count; i++)
            part[i] ^= mask;
        int written = iris_buffer_write(to, at, part, (uint32_t)count);
        if (written < 0)
            return written;
    }
    return count;
}

static int invert(void *context, struct iris_request *rq, struct iris_buffer_ref data)
{
    (void)rq;
    enter(context);
    return transform(data, data, 0xff);
}

static int four(void *context, struct iris_request *rq, struct iris_buffer_ref first,
                struct iris_buffer_ref second, struct iris_buffer_ref third,
                struct iris_buffer_ref fourth)
{
    (void)rq;
    enter(context);
    int status = transform(first, third, 0);
    return status < 0 ? status : transform(second, fourth, 0);
}

/* ---- Handles ---- */

static int show(void *context, struct iris_request *rq, uint32_t thing, uint32_t *rights,
                uint32_t *object)
{
    struct iris_handle_info info;

    (void)rq;
    enter(context);
    int status = iris_handle_identify(thing, 0, &info);
    *rights = info.rights;
    *object = info.object;
    return status;
}

static int keep_it(void *context, struct iris_request *rq, uint32_t thing)
{
    struct echo *echo = enter(context);

    if (echo->kept != 0)
        return -EBUSY;
    echo->kept = iris_request_claim(rq, thing);
    return 0;
}

static int give_back(void *context, struct iris_request *rq, struct iris_handle_out *thing)
{
    struct echo *echo = enter(context);

    (void)rq;
    if (echo->kept == 0)
        return -ENOENT;
    *thing = (struct iris_handle_out){echo->kept, IRIS_RIGHT_ALL | IRIS_MOVE};
    echo->kept = 0;
    return 0;
}

static int several(void *context, struct iris_request *rq, uint32_t one, uint32_t two,
                   uint32_t three, uint32_t *count)
{
    (void)rq;
    enter(context);
    *count = (one != 0) + (two != 0) + (three != 0);
    return 0;
}

/* One handle moved, one copied, with something between. */
static int pair(void *context, struct iris_request *rq, const char *name,
                struct iris_handle_out *first, uint32_t *number, struct iris_handle_out *second)
{
    struct echo *echo = enter(context);

    (void)rq;
    int status = iris_portal_give(echo->port, IRIS_RIGHT_CALL, first);
    *number = (uint32_t)strlen(name);
    *second = (struct iris_handle_out){echo->port, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY};
    return status;
}

/* ---- Messages without an answer, errors, answers later ---- */

static int note(void *context, struct iris_request *rq, uint32_t number)
{
    struct echo *echo = enter(context);

    (void)rq;
    echo->noted_number = number;
    echo->noted_count++;
    return 0;
}

static int note_text(void *context, struct iris_request *rq, uint32_t number, const char *text)
{
    struct echo *echo = context;

    strcpy(echo->noted_text, text);
    return note(context, rq, number);
}

static int noted(void *context, struct iris_request *rq, uint32_t *number,
                 char text[TYPES_TEXT + 1], uint32_t *count)
{
    struct echo *echo = enter(context);

    (void)rq;
    *number = echo->noted_number;
    *count = echo->noted_count;
    strcpy(text, echo->noted_text);
    return 0;
}

static int fail(void *context, struct iris_request *rq, uint32_t error)
{
    (void)rq;
    enter(context);
    return -(int)(error & 0xfff);
}

static int later(void *context, struct iris_request *rq, uint32_t value, uint32_t *back,
                 char text[TYPES_TEXT + 1])
{
    struct echo *echo = enter(context);

    (void)back, (void)text;
    if (echo->reply != 0)
        return -EBUSY;
    int reply = iris_request_keep(rq);
    if (reply < 0)
        return reply;
    echo->reply = (uint32_t)reply;
    echo->later_value = value;
    return IRIS_DEFER;
}

static int answer_later(void *context, struct iris_request *rq, uint32_t error)
{
    struct echo *echo = enter(context);
    uint32_t reply = echo->reply;

    (void)rq;
    echo->reply = 0;
    if (reply == 0)
        return -ENOENT;
    return types_later_reply(reply, -(int)(error & 0xfff), echo->later_value + 1, "later");
}

static int flaky(void *context, struct iris_request *rq, uint32_t times, uint32_t *calls)
{
    struct echo *echo = enter(context);

    (void)rq;
    if (++echo->flaky_calls <= times)
        return -ECANCELED;
    *calls = echo->flaky_calls;
    echo->flaky_calls = 0;
    return 0;
}

static int flaky_text(void *context, struct iris_request *rq, uint32_t times, const char *text,
                      uint32_t *calls)
{
    (void)text;
    return flaky(context, rq, times, calls);
}

const struct types_server echo_operations = {
    .echo_u8 = echo_u8,
    .echo_u16 = echo_u16,
    .echo_u32 = echo_u32,
    .echo_u64 = echo_u64,
    .echo_i8 = echo_i8,
    .echo_i16 = echo_i16,
    .echo_i32 = echo_i32,
    .echo_i64 = echo_i64,
    .echo_bool = echo_bool,
    .echo_colour = echo_colour,
    .echo_sparse = echo_sparse,
    .echo_mixed = echo_mixed,
    .echo_struct = echo_struct,
    .echo_points = echo_points,
    .echo_longs = echo_longs,
    .echo_colours = echo_colours,
    .echo_words = echo_words,
    .echo_string = echo_string,
    .echo_bytes = echo_bytes,
    .echo_both = echo_both,
    .change = change,
    .sum = sum,
    .fill = fill,
    .invert = invert,
    .four = four,
    .show = show,
    .keep_it = keep_it,
    .give_back = give_back,
    .several = several,
    .pair = pair,
    .note = note,
    .note_text = note_text,
    .noted = noted,
    .fail = fail,
    .later = later,
    .answer_later = answer_later,
    .flaky = flaky,
    .flaky_text = flaky_text,
    .flaky_once = flaky,
    .last = echo_u32,
};

const struct types_second_server echo_second_operations = {.ping = echo_u32};

const struct iris_service echo_services[2] = {
    TYPES_SERVICE(&echo_operations),
    TYPES_SECOND_SERVICE(&echo_second_operations),
};
