/* SPDX-License-Identifier: MIT */
#include "scancode.h"

#include "layout.h"

enum {
    CODE_EXTENDED = 0xe0, /* before keys that the first PC keyboard did not have */
    CODE_PAUSE = 0xe1,    /* before the five bytes of Pause */
    CODE_PAUSE_BYTES = 5,
    CODE_BREAK = 0x80, /* set: the key was let go */

    KEY_ENTER = 0x1c,
    KEY_CTRL = 0x1d, /* extended: the right one; so with Alt */
    KEY_LEFT_SHIFT = 0x2a,
    KEY_SLASH = 0x35,
    KEY_RIGHT_SHIFT = 0x36,
    KEY_ALT = 0x38,
    KEY_CAPS_LOCK = 0x3a,
    KEY_NUM_LOCK = 0x45,
    KEY_TAB = 0x0f,
    KEYPAD_FIRST = 0x47,
    KEYPAD_LAST = 0x53,
    DELETE = 0x7f,
    ESCAPE = 0x1b,
};

/* A key without a character: ESC [ number ~, or ESC [ letter if the number is 0. */
struct special {
    uint8_t number;
    char letter;
};

/* Of the block between letters and keypad, and of the keypad without Num Lock; codes from 0x47. */
static const struct special cursor_keys[KEYPAD_LAST - KEYPAD_FIRST + 1] = {
    [0x47 - KEYPAD_FIRST] = {0, 'H'}, /* Home */
    [0x48 - KEYPAD_FIRST] = {0, 'A'}, /* up */
    [0x49 - KEYPAD_FIRST] = {5, '~'}, /* page up */
    [0x4b - KEYPAD_FIRST] = {0, 'D'}, /* left */
    [0x4c - KEYPAD_FIRST] = {0, 'E'}, /* the middle of the keypad */
    [0x4d - KEYPAD_FIRST] = {0, 'C'}, /* right */
    [0x4f - KEYPAD_FIRST] = {0, 'F'}, /* End */
    [0x50 - KEYPAD_FIRST] = {0, 'B'}, /* down */
    [0x51 - KEYPAD_FIRST] = {6, '~'}, /* page down */
    [0x52 - KEYPAD_FIRST] = {2, '~'}, /* Insert */
    [0x53 - KEYPAD_FIRST] = {3, '~'}, /* Delete */
};
static const char keypad_digits[] = "789-456+1230.";

/* F1 to F10 have codes from 0x3b, F11 and F12 0x57 and 0x58. The numbers are those of the VT220. */
static const uint8_t function_numbers[] = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};

static bool has_shift(const struct scancode *state)
{
    return state->left_shift || state->right_shift;
}

static bool has_ctrl(const struct scancode *state) { return state->left_ctrl || state->right_ctrl; }

static bool has_alt(const struct scancode *state) { return state->left_alt || state->right_alt; }

/* ---- Modifiers ---- */

/* A lock changes when its key goes down, not when the key repeats. */
static void lock_key(struct scancode *state, uint8_t lock, bool down)
{
    if (down && !(state->locks_held & lock))
        state->leds ^= lock;
    state->locks_held = (uint8_t)(down ? state->locks_held | lock : state->locks_held & ~lock);
}

/* True: the key was one. Extended Shift codes are made up by the keyboard around other keys. */
static bool modifier(struct scancode *state, uint8_t key, bool extended, bool down)
{
    switch (key) {
    case KEY_LEFT_SHIFT:
        state->left_shift = extended ? state->left_shift : down;
        return true;
    case KEY_RIGHT_SHIFT:
        state->right_shift = extended ? state->right_shift : down;
        return true;
    case KEY_CTRL:
        *(extended ? &state->right_ctrl : &state->left_ctrl) = down;
        return true;
    case KEY_ALT:
        *(extended ? &state->right_alt : &state->left_alt) = down;
        return true;
    case KEY_CAPS_LOCK:
        lock_key(state, SCANCODE_LED_CAPS, down);
        return true;
    case KEY_NUM_LOCK:
        lock_key(state, SCANCODE_LED_NUM, down);
        return true;
    default:
        return false;
    }
}

/* ---- Keys with a character ---- */

static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

static char character(const struct scancode *state, uint8_t key)
{
    const struct layout_key *on_it = &layout_keys[key];
    bool capital = is_letter(on_it->plain) && (state->leds & SCANCODE_LED_CAPS);

    return has_shift(state) != capital ? on_it->shifted : on_it->plain;
}

/* With Ctrl: as in ASCII where there is something, else the digits' and / as on a VT220. */
static uint8_t control(uint8_t c)
{
    static const uint8_t digits[] = {0, 27, 28, 29, 30, 31, DELETE}; /* 2 to 8 */

    if (c == DELETE)
        return '\b';
    if (c == ' ')
        return 0;
    if (c == '/')
        return 31;
    if (c >= '2' && c <= '8')
        return digits[c - '2'];
    return (c >= '@' && c < DELETE) ? c & 31 : c;
}

static uint32_t put_character(const struct scancode *state, char c, uint8_t *bytes)
{
    uint32_t count = 0;

    if (c == '\0')
        return 0;
    if (has_alt(state))
        bytes[count++] = ESCAPE;
    bytes[count++] = has_ctrl(state) ? control((uint8_t)c) : (uint8_t)c;
    return count;
}

/* ---- Keys without one ---- */

static uint32_t put_number(uint32_t number, uint8_t *bytes)
{
    uint32_t count = 0;

    if (number >= 10)
        bytes[count++] = (uint8_t)('0' + number / 10);
    bytes[count++] = (uint8_t)('0' + number % 10);
    return count;
}

static uint32_t put_special(const struct scancode *state, struct special key, uint8_t *bytes)
{
    uint32_t modifiers = has_shift(state) + 2u * has_alt(state) + 4u * has_ctrl(state), count = 2;

    if (key.letter == '\0')
        return 0;
    bytes[0] = ESCAPE;
    bytes[1] = '[';
    if (key.number != 0 || modifiers != 0)
        count += put_number(key.number != 0 ? key.number : 1, bytes + count);
    if (modifiers != 0) {
        bytes[count++] = ';';
        bytes[count++] = (uint8_t)('1' + modifiers);
    }
    bytes[count++] = (uint8_t)key.letter;
    return count;
}

static uint32_t put_back_tab(uint8_t *bytes)
{
    bytes[0] = ESCAPE;
    bytes[1] = '[';
    bytes[2] = 'Z';
    return 3;
}

/* F1 and so on: their place, or -1. */
static int function_key(uint8_t key)
{
    if (key >= 0x3b && key <= 0x44)
        return key - 0x3b;
    return key == 0x57 || key == 0x58 ? key - 0x57 + 10 : -1;
}

/* ---- One key ---- */

static uint32_t keypad(const struct scancode *state, uint8_t key, uint8_t *bytes)
{
    bool digits = ((state->leds & SCANCODE_LED_NUM) != 0) != has_shift(state);
    char digit = keypad_digits[key - KEYPAD_FIRST];

    if (digits || digit == '-' || digit == '+')
        return put_character(state, digit, bytes);
    return put_special(state, cursor_keys[key - KEYPAD_FIRST], bytes);
}

static uint32_t press_extended(const struct scancode *state, uint8_t key, uint8_t *bytes)
{
    if (key == KEY_ENTER)
        return put_character(state, '\r', bytes);
    if (key == KEY_SLASH)
        return put_character(state, '/', bytes);
    if (key < KEYPAD_FIRST || key > KEYPAD_LAST)
        return 0;
    return put_special(state, cursor_keys[key - KEYPAD_FIRST], bytes);
}

static uint32_t press(const struct scancode *state, uint8_t key, uint8_t *bytes)
{
    int function = function_key(key);

    if (function >= 0)
        return put_special(state, (struct special){function_numbers[function], '~'}, bytes);
    if (key == KEY_TAB && has_shift(state))
        return put_back_tab(bytes);
    if (key >= KEYPAD_FIRST && key <= KEYPAD_LAST)
        return keypad(state, key, bytes);
    return key < LAYOUT_KEYS ? put_character(state, character(state, key), bytes) : 0;
}

uint32_t scancode_take(struct scancode *state, uint8_t code, uint8_t *bytes)
{
    bool extended = state->extended, down = !(code & CODE_BREAK);
    uint8_t key = code & (uint8_t)~CODE_BREAK;

    if (state->pause_remain > 0) {
        state->pause_remain--;
        return 0;
    }
    state->extended = code == CODE_EXTENDED;
    if (state->extended)
        return 0;
    if (code == CODE_PAUSE) {
        state->pause_remain = CODE_PAUSE_BYTES;
        return 0;
    }
    if (modifier(state, key, extended, down) || !down)
        return 0;
    return extended ? press_extended(state, key, bytes) : press(state, key, bytes);
}
