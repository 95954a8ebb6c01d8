/* SPDX-License-Identifier: MIT */
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "slots.h"
#include "test.h"
#include "types.h"

/* ---- Scalars: every boundary, and a few between ---- */

#define CHECK_SCALAR(method, type, ...)                                                            \
    do {                                                                                           \
        static const type values[] = {__VA_ARGS__};                                                \
        bool right = true;                                                                         \
        for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {                          \
            type back = (type)~values[i];                                                          \
            right &= method(to, values[i], &back) == 0 && back == values[i];                       \
        }                                                                                          \
        TEST_CHECK(right, "%s: %u values", #method, (unsigned)(sizeof values / sizeof values[0])); \
    } while (0)

static void check_scalars(uint32_t to)
{
    CHECK_SCALAR(types_echo_u8, uint8_t, 0, 1, 127, 128, 255);
    CHECK_SCALAR(types_echo_u16, uint16_t, 0, 1, 255, 256, 32767, 32768, 65535);
    CHECK_SCALAR(types_echo_u32, uint32_t, 0, 1, 65536, INT32_MAX, 0x80000000u, UINT32_MAX);
    CHECK_SCALAR(types_echo_u64, uint64_t, 0, 1, UINT32_MAX, 1ull << 32, 0x0123456789abcdefull,
                 INT64_MAX, 1ull << 63, UINT64_MAX);
    CHECK_SCALAR(types_echo_i8, int8_t, 0, 1, -1, INT8_MAX, INT8_MIN);
    CHECK_SCALAR(types_echo_i16, int16_t, 0, 1, -1, INT16_MAX, INT16_MIN, -129);
    CHECK_SCALAR(types_echo_i32, int32_t, 0, 1, -1, INT32_MAX, INT32_MIN);
    CHECK_SCALAR(types_echo_i64, int64_t, 0, 1, -1, INT64_MAX, INT64_MIN, -(1ll << 32), UINT32_MAX);
    CHECK_SCALAR(types_echo_colour, enum colour, COLOUR_RED, COLOUR_GREEN, COLOUR_BLUE);
    CHECK_SCALAR(types_echo_sparse, enum sparse, SPARSE_FIRST, SPARSE_FAR, SPARSE_LAST);
    CHECK_SCALAR(types_last, uint32_t, 255);
    for (int value = 0; value <= 1; value++) {
        bool back = !value;
        TEST_CHECK(types_echo_bool(to, value, &back) == 0 && back == value, "bool %d", value);
    }
}

static void check_mixed(uint32_t to)
{
    uint8_t a = 0;
    int64_t b = 0;
    bool c = false;
    enum sparse d = SPARSE_FIRST;
    int8_t e = 0;

    TEST_EQUAL(types_echo_mixed(to, 255, INT64_MIN, true, SPARSE_LAST, -128, &a, &b, &c, &d, &e), 0,
               "a method of five types");
    TEST_CHECK(a == 255 && b == INT64_MIN && c && d == SPARSE_LAST && e == -128,
               "its five values come back");
}

/* ---- Structs and arrays ---- */

static void check_composites(uint32_t to)
{
    const struct everything value = {
        .tiny = 200,
        .small = -30000,
        .flag = true,
        .tint = COLOUR_BLUE,
        .huge = 0xfedcba9876543210ull,
        .line = {{1, -2}, {INT32_MAX, INT32_MIN}},
        .list = {0, 65535, 3},
        .deep = -5000000000ll,
    };
    struct everything back = {0};
    TEST_EQUAL(types_echo_struct(to, &value, &back), 0, "a struct with everything in it");
    TEST_CHECK(back.tiny == value.tiny && back.small == value.small && back.flag == value.flag &&
                   back.tint == value.tint && back.huge == value.huge && back.deep == value.deep &&
                   memcmp(back.line, value.line, sizeof back.line) == 0 &&
                   memcmp(back.list, value.list, sizeof back.list) == 0,
               "all its fields come back");

    const struct point points[4] = {{0, 1}, {-1, 2}, {3, -3}, {INT32_MIN, INT32_MAX}};
    struct point points_back[4] = {{0, 0}};
    TEST_CHECK(types_echo_points(to, points, points_back) == 0 &&
                   memcmp(points, points_back, sizeof points) == 0,
               "an array of structs");

    const int64_t longs[3] = {INT64_MIN, 0, INT64_MAX};
    int64_t longs_back[3] = {1, 1, 1};
    TEST_CHECK(types_echo_longs(to, longs, longs_back) == 0 &&
                   memcmp(longs, longs_back, sizeof longs) == 0,
               "an array of i64");

    const enum colour colours[3] = {COLOUR_BLUE, COLOUR_RED, COLOUR_GREEN};
    enum colour colours_back[3] = {COLOUR_RED, COLOUR_RED, COLOUR_RED};
    TEST_CHECK(types_echo_colours(to, colours, colours_back) == 0 &&
                   memcmp(colours, colours_back, sizeof colours) == 0,
               "an array of an enum");

    uint32_t words[64], words_back[64];
    for (uint32_t i = 0; i < 64; i++)
        words[i] = 0x9e3779b9u * (i + 1);
    memset(words_back, 0, sizeof words_back);
    TEST_CHECK(types_echo_words(to, words, words_back) == 0 &&
                   memcmp(words, words_back, sizeof words) == 0,
               "all 64 words of a message");
}

/* ---- Strings and bytes: every length there is ---- */

static void check_strings(uint32_t to)
{
    char text[TYPES_TEXT + 2] = "", back[TYPES_TEXT + 1];
    bool right = true;

    for (unsigned length = 0; length <= TYPES_TEXT; length++) {
        memset(back, '?', sizeof back);
        right &= types_echo_string(to, text, back) == 0 && strcmp(text, back) == 0;
        text[length] = (char)(length % 2 ? 'a' + length % 26 : 0x80 + length);
        text[length + 1] = '\0';
    }
    TEST_CHECK(right, "strings of every length from 0 to %u", TYPES_TEXT);
    TEST_EQUAL(types_echo_string(to, text, back), -EINVAL, "a string one too long is refused");
}

static void check_bytes(uint32_t to)
{
    uint8_t data[TYPES_BIG], back[TYPES_BIG];
    uint32_t size;
    bool right = true;

    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7); /* zeroes among them */
    for (uint32_t length = 0; length <= TYPES_BIG; length++) {
        memset(back, 0xee, sizeof back);
        size = 999;
        right &= types_echo_bytes(to, data, length, back, &size) == 0 && size == length &&
                 memcmp(data, back, length) == 0;
        right &= length == TYPES_BIG || back[length] == 0xee; /* and nothing behind them */
    }
    TEST_CHECK(right, "bytes of every length from 0 to %u", TYPES_BIG);
    TEST_EQUAL(types_echo_bytes(to, data, TYPES_BIG + 1, back, &size), -EINVAL,
               "bytes one too many are refused");
}

static void check_both(uint32_t to)
{
    char name[8];
    uint8_t data[5];
    uint32_t size = 0;
    uint16_t number = 0;

    TEST_EQUAL(types_echo_both(to, "seventy", "fives", 5, 65535, name, data, &size, &number), 0,
               "string, bytes and a number behind them");
    TEST_CHECK(strcmp(name, "seventy") == 0 && size == 5 && memcmp(data, "fives", 5) == 0 &&
                   number == 65535,
               "all three come back");
    TEST_CHECK(types_echo_both(to, "", "", 0, 0, name, data, &size, &number) == 0 &&
                   name[0] == '\0' && size == 0 && number == 0,
               "and when they are empty");
}

static void check_inout(uint32_t to)
{
    uint32_t number = UINT32_MAX, size = 9;
    struct point place = {-1, 5};
    char text[TYPES_TEXT + 1] = "hello";
    uint8_t data[9] = {0}, pair[2] = {1, 255};

    TEST_EQUAL(types_change(to, &number, &place, text, data, &size, pair), 0, "inout parameters");
    TEST_CHECK(number == 0 && place.x == 5 && place.y == -1 && strcmp(text, "hello!") == 0 &&
                   size == 8 && data[7] == 0x5a && data[8] == 0 && pair[0] == 255 && pair[1] == 1,
               "are changed in place");
}

/* ---- Errors, cancelling, oneway, narrow ---- */

static void check_errors(uint32_t to)
{
    static const int errors[] = {EPERM, ENOENT, EAGAIN, EINVAL, EDEAD, 4095};
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++)
        TEST_EQUAL(types_fail(to, errors[i]), -errors[i], "the server's error %d", errors[i]);
    TEST_EQUAL(types_fail(to, 0), 0, "and none");
    TEST_EQUAL(types_missing(to), -ENOSYS, "a method the server leaves out");

    uint32_t calls = 0;
    TEST_CHECK(types_flaky(to, 3, &calls) == 0 && calls == 4,
               "an idempotent method cancelled three times is called four times");
    TEST_CHECK(types_flaky_text(to, 2, "again", &calls) == 0 && calls == 3,
               "one with a string too");
    TEST_EQUAL(types_flaky_once(to, 1, &calls), -ECANCELED, "another one once");
    TEST_EQUAL(types_flaky_once(to, 1, &calls), 0, "and works when called again");
    TEST_EQUAL(types_flaky(to, 1000, &calls), -ECANCELED, "nobody calls for ever");
    TEST_EQUAL(types_flaky_once(to, 0, &calls), 0, "the server goes on");
}

static void check_oneway(uint32_t to)
{
    uint32_t number = 0, count = 0, before = 0;
    char text[TYPES_TEXT + 1];

    TEST_EQUAL(types_noted(to, &number, text, &before), 0, "what was noted so far");
    TEST_EQUAL(types_note(to, 4711), 0, "a oneway message in registers");
    TEST_EQUAL(types_note_text(to, 4712, "nobody waits"), 0, "a oneway message with a string");
    TEST_CHECK(types_noted(to, &number, text, &count) == 0 && number == 4712 &&
                   count == before + 2 && strcmp(text, "nobody waits") == 0,
               "both have arrived");
    TEST_EQUAL(types_note_text(to, 1, "a text that is longer than what the message has room for"),
               -EINVAL, "a oneway message too long is refused");
}

static void check_narrow(uint32_t to)
{
    uint32_t back = 0;

    TEST_EQUAL(types_narrow(to), 0, "narrow to the interface served");
    TEST_EQUAL(types_second_narrow(to), 0, "narrow to the second one on the same portal");
    TEST_CHECK(types_second_ping(to, 77, &back) == 0 && back == 77, "which can be called");
    TEST_EQUAL(types_absent_narrow(to), -EINVAL, "wrong narrow is refused");
    TEST_EQUAL(types_absent_ping(to, 77, &back), -EINVAL, "and so is a call of it");
    TEST_EQUAL(iris_narrow(to, TYPES_INTERFACE ^ 0x80), -EINVAL,
               "an id that only shares the label's bits is refused");
}

void check_types(uint32_t to)
{
    check_scalars(to);
    check_mixed(to);
    check_composites(to);
    check_strings(to);
    check_bytes(to);
    check_both(to);
    check_inout(to);
    check_errors(to);
    check_oneway(to);
    check_narrow(to);
}

/* ---- Buffers ---- */

static bool is_filled(const uint8_t *data, uint32_t size, uint8_t seed)
{
    for (uint32_t i = 0; i < size; i++)
        if (data[i] != (uint8_t)(seed + i))
            return false;
    return true;
}

void check_buffers(uint32_t to)
{
    enum { SIZE = 20000 }; /* several pages, fresh ones: the stubs must bring them in */
    uint8_t *a = malloc(2 * SIZE);
    uint32_t total = 1, count = 0;

    if (a == NULL) {
        TEST_CHECK(false, "memory for buffers");
        return;
    }
    uint8_t *b = a + SIZE;
    TEST_CHECK(types_sum(to, "\1\2\3\377", 4, &total) == 0 && total == 261, "an in buffer");
    TEST_CHECK(types_sum(to, NULL, 0, &total) == 0 && total == 0, "an empty one");
    TEST_CHECK(types_fill(to, 200, a, SIZE, &count) == 0 && count == SIZE &&
                   is_filled(a, SIZE, 200),
               "an out buffer of several pages");
    TEST_CHECK(types_fill(to, 7, a + 1, 1, &count) == 0 && count == 1 && a[0] == 200 && a[1] == 7 &&
                   a[2] == 202,
               "one of a single byte, and nothing around it");
    a[1] = 201;
    TEST_CHECK(types_invert(to, a, SIZE) == 0 && a[0] == (200 ^ 0xff) &&
                   a[SIZE - 1] == ((200 + SIZE - 1) % 256 ^ 0xff),
               "an inout buffer");
    memset(b, 0, SIZE);
    TEST_CHECK(types_four(to, "abc", 3, a, 5000, b, 3, b + 3, 5000) == 0 &&
                   memcmp(b, "abc", 3) == 0 && memcmp(b + 3, a, 5000) == 0 && b[5003] == 0,
               "four buffers in one call");
    TEST_EQUAL(types_sum(to, (const void *)16, 0, &total), 0, "no byte of nowhere");
    free(a);
}

/* ---- Handles ---- */

void check_handles(uint32_t to, uint32_t port)
{
    struct iris_handle_info own, info;
    uint32_t rights = 0, object = 0, count = 0, number = 0, back = 0, second = 0;

    TEST_EQUAL(iris_handle_identify(port, 0, &own), 0, "a handle to send around");
    TEST_CHECK(types_show(to, port, &rights, &object) == 0 && object == own.object &&
                   rights == (own.rights & (IRIS_RIGHT_CALL | IRIS_RIGHT_COPY)),
               "sent with the rights its method declares");
    unsigned slots = iris_slots_used(); /* all receive slots are in place now */

    TEST_CHECK(types_several(to, port, 0, 0, &count) == 0 && count == 1, "optional ones left out");
    TEST_CHECK(types_several(to, port, port, 0, &count) == 0 && count == 2, "one given");
    TEST_CHECK(types_several(to, port, port, port, &count) == 0 && count == 3, "both given");
    TEST_EQUAL(types_several(to, port, 0, port, &count), -EINVAL, "none left out between");
    TEST_CHECK(types_several(to, 0, 0, 0, &count) < 0, "one that is not optional");
    TEST_EQUAL(iris_slots_used(), slots, "the server closed all that it did not keep");

    int copy = iris_slot_alloc();
    TEST_CHECK(copy > 0 && iris_handle_copy(port, 0, (uint32_t)copy, own.rights) == 0, "a copy");
    TEST_EQUAL(types_keep_it(to, (uint32_t)copy), 0, "moved to the server");
    TEST_CHECK(iris_handle_identify((uint32_t)copy, 0, &info) < 0 || info.type == IRIS_TYPE_NONE,
               "is no longer here");
    iris_slot_free((uint32_t)copy);
    TEST_EQUAL(types_give_back(to, &back), 0, "moved back");
    TEST_CHECK(back != 0 && iris_handle_identify(back, 0, &info) == 0 && info.object == own.object,
               "is the same object");
    iris_handle_discard(back);
    TEST_CHECK(types_give_back(to, &back) == -ENOENT && back == 0, "there is none any more");
    TEST_EQUAL(iris_slots_used(), slots, "no slot was lost");

    TEST_CHECK(types_pair(to, "eight ch", &back, &number, &second) == 0 && number == 8 &&
                   back != second,
               "two handles in one answer");
    TEST_CHECK(iris_handle_identify(back, 0, &info) == 0 && info.type == IRIS_TYPE_PORTAL &&
                   iris_handle_identify(second, 0, &info) == 0 && info.type == IRIS_TYPE_PORTAL,
               "both are portals");
    iris_handle_discard(back);
    iris_handle_discard(second);
    TEST_EQUAL(iris_slots_used(), slots, "and again no slot was lost");
}
