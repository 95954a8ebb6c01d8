/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include "codepage.h"
#include "rendition.h"
#include "screen.h"

enum {
    BACKSPACE = 0x08,
    TAB = 0x09,
    LINE_FEED = 0x0a,
    VERTICAL_TAB = 0x0b,
    FORM_FEED = 0x0c,
    RETURN = 0x0d,
    BELL = 0x07,
    CANCEL = 0x18,
    SUBSTITUTE = 0x1a,
    ESCAPE = 0x1b,
    DELETE = 0x7f,

    TAB_WIDTH = 8,
    PARAMETER_MOST = 9999,
    CHARACTER_LAST = 0x10ffff,
    REPLACEMENT = 0xfffd, /* for what is no UTF-8; the font shows it as '?' */
};

void terminal_reset(struct terminal *terminal)
{
    *terminal = (struct terminal){.cursor = {.attribute = TERMINAL_PLAIN},
                                  .saved = {.attribute = TERMINAL_PLAIN},
                                  .bottom = TERMINAL_ROWS};
    screen_erase(terminal, 0, TERMINAL_ROWS * TERMINAL_COLUMNS);
}

/* ---- Parameters ---- */

static int32_t amount(const struct terminal *terminal)
{
    return (int32_t)terminal_parameter(terminal, 0, 1);
}

/* What comes after the last place is read and dropped. */
static void next_parameter(struct terminal *terminal)
{
    if (terminal->parameters < TERMINAL_PARAMETERS)
        terminal->parameter[terminal->parameters] = 0;
    if (terminal->parameters <= TERMINAL_PARAMETERS)
        terminal->parameters++;
}

static void add_digit(struct terminal *terminal, uint32_t digit)
{
    if (terminal->parameters > TERMINAL_PARAMETERS)
        return;
    uint32_t *value = &terminal->parameter[terminal->parameters - 1];
    *value = *value * 10 + digit;
    if (*value > PARAMETER_MOST)
        *value = PARAMETER_MOST;
}

/* ---- Control sequences ---- */

static void move_by(struct terminal *terminal, int32_t rows, int32_t columns)
{
    screen_move(terminal, (int32_t)terminal->cursor.row + rows,
                (int32_t)terminal->cursor.column + columns);
}

/* ED and EL: from the cursor, up to and with the cursor, or all of first..last-1. */
static void erase_part(struct terminal *terminal, uint32_t first, uint32_t last)
{
    uint32_t here = terminal->cursor.row * TERMINAL_COLUMNS + terminal->cursor.column;

    switch (terminal_parameter(terminal, 0, 0)) {
    case 0:
        screen_erase(terminal, here, last);
        break;
    case 1:
        screen_erase(terminal, first, here + 1);
        break;
    case 2:
        screen_erase(terminal, first, last);
        break;
    }
}

static void erase_characters(struct terminal *terminal)
{
    uint32_t line = terminal->cursor.row * TERMINAL_COLUMNS, count = (uint32_t)amount(terminal);
    uint32_t room = TERMINAL_COLUMNS - terminal->cursor.column;

    screen_erase(terminal, line + terminal->cursor.column,
                 line + terminal->cursor.column + (count < room ? count : room));
}

/* IL and DL act inside the scrolling region only. */
static void move_lines(struct terminal *terminal, int32_t count)
{
    if (terminal->cursor.row < terminal->top || terminal->cursor.row >= terminal->bottom)
        return;
    screen_scroll(terminal, terminal->cursor.row, terminal->bottom, count);
    terminal->cursor.column = 0;
    terminal->cursor.wraps_next = false;
}

static void set_region(struct terminal *terminal)
{
    uint32_t top = terminal_parameter(terminal, 0, 1),
             bottom = terminal_parameter(terminal, 1, TERMINAL_ROWS);

    if (bottom > TERMINAL_ROWS)
        bottom = TERMINAL_ROWS;
    if (top >= bottom)
        return;
    terminal->top = top - 1;
    terminal->bottom = bottom;
    screen_move(terminal, 0, 0);
}

static void set_mode(struct terminal *terminal, bool on)
{
    for (uint32_t i = 0; terminal->is_private && i < terminal->parameters; i++) {
        uint32_t mode = terminal_parameter(terminal, i, 0);
        if (mode == 25)
            terminal->cursor_hidden = !on;
        else if (mode == 7)
            terminal->stays_in_line = !on;
    }
}

static void erase_or_insert(struct terminal *terminal, uint8_t final)
{
    uint32_t line = terminal->cursor.row * TERMINAL_COLUMNS;

    if (final == 'J')
        erase_part(terminal, 0, TERMINAL_ROWS * TERMINAL_COLUMNS);
    else if (final == 'K')
        erase_part(terminal, line, line + TERMINAL_COLUMNS);
    else if (final == 'X')
        erase_characters(terminal);
    else if (final == '@' || final == 'P')
        screen_shift(terminal, final == 'P' ? amount(terminal) : -amount(terminal));
    else if (final == 'L' || final == 'M')
        move_lines(terminal, final == 'M' ? amount(terminal) : -amount(terminal));
    else if (final == 'S' || final == 'T')
        screen_scroll(terminal, terminal->top, terminal->bottom,
                      final == 'S' ? amount(terminal) : -amount(terminal));
}

/* False: it does not move the cursor. */
static bool move_cursor(struct terminal *terminal, uint8_t final)
{
    int32_t row = (int32_t)terminal->cursor.row, column = (int32_t)terminal->cursor.column;
    int32_t count = amount(terminal);

    if (final == 'A' || final == 'B')
        move_by(terminal, final == 'A' ? -count : count, 0);
    else if (final == 'C' || final == 'D')
        move_by(terminal, 0, final == 'D' ? -count : count);
    else if (final == 'E' || final == 'F')
        screen_move(terminal, final == 'F' ? row - count : row + count, 0);
    else if (final == 'G')
        screen_move(terminal, row, count - 1);
    else if (final == 'd')
        screen_move(terminal, count - 1, column);
    else if (final == 'H' || final == 'f')
        screen_move(terminal, count - 1, (int32_t)terminal_parameter(terminal, 1, 1) - 1);
    else
        return false;
    return true;
}

static void control_sequence(struct terminal *terminal, uint8_t final)
{
    if (final == 'h' || final == 'l')
        set_mode(terminal, final == 'h');
    else if (terminal->is_private || move_cursor(terminal, final))
        return;
    else if (final == 'm')
        rendition_select(terminal);
    else if (final == 'r')
        set_region(terminal);
    else if (final == 's')
        terminal->saved = terminal->cursor;
    else if (final == 'u')
        terminal->cursor = terminal->saved;
    else
        erase_or_insert(terminal, final);
}

/* One byte of CSI ... final (ECMA-48 5.4). */
static void take_csi(struct terminal *terminal, uint8_t byte)
{
    if (byte >= '@') {
        if (terminal->state == TERMINAL_CSI)
            control_sequence(terminal, byte);
        terminal->state = TERMINAL_TEXT;
    } else if (byte >= '0' && byte <= '9') {
        add_digit(terminal, byte - '0');
    } else if (byte == ';' || byte == ':') {
        next_parameter(terminal);
    } else if (byte == '?') {
        terminal->is_private = true;
    } else {
        terminal->state = TERMINAL_CSI_IGNORED;
    }
}

/* ---- Escape sequences ---- */

static void begin_csi(struct terminal *terminal)
{
    terminal->state = TERMINAL_CSI;
    terminal->is_private = false;
    terminal->parameters = 0;
    next_parameter(terminal);
}

static void escape_final(struct terminal *terminal, uint8_t byte)
{
    switch (byte) {
    case '7':
        terminal->saved = terminal->cursor;
        break;
    case '8':
        terminal->cursor = terminal->saved;
        break;
    case 'E':
        terminal->cursor.column = 0;
        screen_line_feed(terminal);
        break;
    case 'D':
        screen_line_feed(terminal);
        break;
    case 'M':
        screen_line_back(terminal);
        break;
    case 'c':
        terminal_reset(terminal);
        break;
    }
}

static void take_escape(struct terminal *terminal, uint8_t byte)
{
    terminal->state = TERMINAL_TEXT;
    if (byte == '[')
        begin_csi(terminal);
    else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_')
        terminal->state = TERMINAL_STRING;
    else if (byte >= ' ' && byte < '0')
        terminal->state = TERMINAL_INTERMEDIATE;
    else
        escape_final(terminal, byte);
}

/* ---- Text ---- */

static void tabulate(struct terminal *terminal)
{
    uint32_t column = terminal->cursor.column / TAB_WIDTH * TAB_WIDTH + TAB_WIDTH;

    screen_move(terminal, (int32_t)terminal->cursor.row, (int32_t)column);
}

static void control(struct terminal *terminal, uint8_t byte)
{
    switch (byte) {
    case BACKSPACE:
        move_by(terminal, 0, -1);
        break;
    case TAB:
        tabulate(terminal);
        break;
    case LINE_FEED:
    case VERTICAL_TAB:
    case FORM_FEED:
        screen_line_feed(terminal);
        break;
    case RETURN:
        terminal->cursor.column = 0;
        terminal->cursor.wraps_next = false;
        break;
    case CANCEL:
    case SUBSTITUTE:
        terminal->state = TERMINAL_TEXT;
        break;
    case ESCAPE:
        terminal->state = TERMINAL_ESCAPE;
        break;
    }
}

static void put_replacement(struct terminal *terminal)
{
    screen_put(terminal, codepage_place(REPLACEMENT));
    terminal->bytes_to_come = 0;
}

/* Surrogates and what could be written shorter are no characters (RFC 3629 section 3). */
static void put_character(struct terminal *terminal)
{
    uint32_t c = terminal->character;
    bool valid = c >= terminal->smallest && c <= CHARACTER_LAST && !(c >= 0xd800 && c < 0xe000);

    screen_put(terminal, codepage_place(valid ? c : REPLACEMENT));
}

static void begin_character(struct terminal *terminal, uint8_t byte)
{
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    uint32_t more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;

    if (more == 0 || byte >= 0xf8) {
        put_replacement(terminal);
        return;
    }
    terminal->character = byte & (0x3fu >> more);
    terminal->bytes_to_come = more;
    terminal->smallest = smallest[more];
}

static void take_text(struct terminal *terminal, uint8_t byte)
{
    bool continues = (byte & 0xc0) == 0x80;

    if (terminal->bytes_to_come > 0 && !continues)
        put_replacement(terminal); /* it was cut off; the byte begins anew */
    if (terminal->bytes_to_come > 0) {
        terminal->character = terminal->character << 6 | (byte & 0x3f);
        if (--terminal->bytes_to_come == 0)
            put_character(terminal);
    } else if (byte >= 0x80) {
        begin_character(terminal, byte);
    } else if (byte != DELETE) {
        screen_put(terminal, byte);
    }
}

/* ---- All bytes ---- */

static void take_string(struct terminal *terminal, uint8_t byte)
{
    bool ends = terminal->state == TERMINAL_STRING_ESCAPE && byte == '\\';

    if (ends || byte == BELL || byte == CANCEL || byte == SUBSTITUTE)
        terminal->state = TERMINAL_TEXT;
    else
        terminal->state = byte == ESCAPE ? TERMINAL_STRING_ESCAPE : TERMINAL_STRING;
}

/* Controls act in the middle of a sequence too, as on the VT100. */
static void take(struct terminal *terminal, uint8_t byte)
{
    if (terminal->state >= TERMINAL_STRING) {
        take_string(terminal, byte);
    } else if (byte < ' ') {
        if (terminal->bytes_to_come > 0)
            put_replacement(terminal);
        control(terminal, byte);
    } else if (terminal->state == TERMINAL_TEXT) {
        take_text(terminal, byte);
    } else if (terminal->state == TERMINAL_ESCAPE) {
        take_escape(terminal, byte);
    } else if (terminal->state == TERMINAL_INTERMEDIATE) {
        terminal->state = byte < '0' ? TERMINAL_INTERMEDIATE : TERMINAL_TEXT;
    } else {
        take_csi(terminal, byte);
    }
}

void terminal_write(struct terminal *terminal, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        take(terminal, bytes[i]);
}
