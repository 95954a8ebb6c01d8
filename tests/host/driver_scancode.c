/* SPDX-License-Identifier: MIT */
/* The keyboard's scan codes: what each key and each combination gives, and what noise does. */
#include "../../drivers/keyboard/layout.c"
#include "../../drivers/keyboard/scancode.c"

#include "server_check.h"

static struct scancode state;
static char typed[256];

/* Feeds codes written in hexadecimal; the bytes that came out. */
static const char *keys(const char *codes)
{
    uint32_t length = 0;
    uint8_t bytes[SCANCODE_BYTES_MAX + 1];

    for (char *end; *codes != '\0'; codes = end) {
        uint8_t code = (uint8_t)strtoul(codes, &end, 16);
        bytes[SCANCODE_BYTES_MAX] = 0xa5;
        uint32_t count = scancode_take(&state, code, bytes);
        CHECK(count <= SCANCODE_BYTES_MAX && bytes[SCANCODE_BYTES_MAX] == 0xa5);
        memcpy(typed + length, bytes, count);
        length += count;
        CHECK(length < sizeof typed - 8);
    }
    typed[length] = '\0';
    return typed;
}

/* All keys with a character, in the order of their codes. */
static void type_rows(const char *rows)
{
    static const uint8_t codes[] = {0x29, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
                                    0x0b, 0x0c, 0x0d, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
                                    0x17, 0x18, 0x19, 0x1a, 0x1b, 0x2b, 0x1e, 0x1f, 0x20, 0x21,
                                    0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2c, 0x2d, 0x2e,
                                    0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35};
    uint8_t bytes[SCANCODE_BYTES_MAX];

    CHECK(strlen(rows) == sizeof codes);
    for (uint32_t i = 0; i < sizeof codes; i++) {
        CHECK(scancode_take(&state, codes[i], bytes) == 1 && bytes[0] == (uint8_t)rows[i]);
        CHECK(scancode_take(&state, codes[i] | 0x80, bytes) == 0);
    }
}

static void test_characters(void)
{
    type_rows("`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./");
    CHECK_TEXT(keys("2a"), "");
    type_rows("~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?");
    CHECK_TEXT(keys("aa 36 1e 9e b6 1e 9e"), "Aa"); /* left Shift up; right Shift */
    CHECK_TEXT(keys("3a ba"), "");                  /* Caps Lock: letters only */
    type_rows("`1234567890-=QWERTYUIOP[]\\ASDFGHJKL;'ZXCVBNM,./");
    CHECK_TEXT(keys("2a 1e 02 aa"), "a!");
    CHECK_TEXT(keys("3a 3a 3a ba 1e"), "a"); /* it repeats: once down is once */
    CHECK_TEXT(keys("39 0f 1c 0e 01"), " \t\r\x7f\x1b");
    CHECK_TEXT(keys("e0 1c e0 35 37 4a 4e"), "\r/*-+");
}

static void test_control_and_alt(void)
{
    CHECK_TEXT(keys("1d 2e 20 2c 26 9d 2e"), "\x03\x04\x1a\x0c"
                                             "c");
    CHECK_TEXT(keys("e0 1d 2e e0 9d 2e"), "\x03"
                                          "c");
    CHECK_TEXT(keys("1d 1a 2b 1b 9d"), "\x1b\x1c\x1d");
    CHECK_TEXT(keys("1d 04 05 06 07 08 09 35 0e 9d"), "\x1b\x1c\x1d\x1e\x1f\x7f\x1f\b");
    CHECK_TEXT(keys("1d 2a 07 0c aa 9d"), "\x1e\x1f"); /* Ctrl-^, Ctrl-_ */
    uint8_t zero[SCANCODE_BYTES_MAX] = {1};
    keys("1d");
    CHECK(scancode_take(&state, 0x39, zero) == 1 && zero[0] == 0); /* Ctrl-Space */
    keys("9d");
    CHECK_TEXT(keys("38 30 2a 21 aa b8 30"), "\x1b"
                                             "b\x1b"
                                             "Fb");
    CHECK_TEXT(keys("e0 38 30 e0 b8 30"), "\x1b"
                                          "bb");
    CHECK_TEXT(keys("38 1d 1e 9d b8"), "\x1b\x01");
}

static void test_special_keys(void)
{
    CHECK_TEXT(keys("e0 48 e0 50 e0 4d e0 4b"), "\x1b[A\x1b[B\x1b[C\x1b[D");
    CHECK_TEXT(keys("e0 47 e0 4f e0 49 e0 51 e0 52 e0 53"),
               "\x1b[H\x1b[F\x1b[5~\x1b[6~\x1b[2~\x1b[3~");
    CHECK_TEXT(keys("3b 3f 40 44 57 58"), "\x1b[11~\x1b[15~\x1b[17~\x1b[21~\x1b[23~\x1b[24~");
    CHECK_TEXT(keys("1d e0 4d 9d 2a e0 48 aa"), "\x1b[1;5C\x1b[1;2A");
    CHECK_TEXT(keys("2a 38 1d e0 53 9d b8 aa"), "\x1b[3;8~");
    CHECK_TEXT(keys("2a 0f aa 0f"), "\x1b[Z\t");
    /* The keyboard lets Shift go by itself around the grey keys. */
    CHECK_TEXT(keys("2a e0 aa e0 4b e0 cb e0 2a aa"), "\x1b[1;2D");
    CHECK_TEXT(keys("e0 2a e0 37 e0 b7 e0 aa 1e"), "a");    /* Print Screen */
    CHECK_TEXT(keys("e1 1d 45 e1 9d c5 47 1e"), "\x1b[Ha"); /* Pause: neither Ctrl nor Num Lock */
}

static void test_keypad(void)
{
    CHECK_TEXT(keys("47 48 4c 53"), "\x1b[H\x1b[A\x1b[E\x1b[3~");
    CHECK_TEXT(keys("45 c5 47 48 49 4b 4c 4d 4f 50 51 52 53"), "7894561230.");
    CHECK_TEXT(keys("2a 47 aa"), "\x1b[1;2H");
    CHECK(state.leds == SCANCODE_LED_NUM);
    CHECK_TEXT(keys("45 c5 2a 47 aa"), "7");
    CHECK(state.leds == 0);
}

/* Whatever comes: no more bytes than promised, and all keys let go is the state of the start. */
static void test_noise(void)
{
    uint8_t *bytes = malloc(SCANCODE_BYTES_MAX);

    for (uint32_t i = 0; i < 1000000; i++)
        CHECK(scancode_take(&state, (uint8_t)random_below(256), bytes) <= SCANCODE_BYTES_MAX);
    free(bytes);
    keys("00 00 00 00 00 00"); /* the end of a Pause that has begun */
    keys("aa b6 9d e0 9d b8 e0 b8 ba c5");
    if (state.leds & SCANCODE_LED_CAPS)
        keys("3a ba");
    if (state.leds & SCANCODE_LED_NUM)
        keys("45 c5");
    CHECK_TEXT(keys("1e 9e 2e ae"), "ac");
}

int main(void)
{
    check_begin();
    test_characters();
    test_control_and_alt();
    test_special_keys();
    test_keypad();
    test_noise();
    return 0;
}
