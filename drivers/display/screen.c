/* SPDX-License-Identifier: MIT */
#include "screen.h"

#include <string.h>

uint8_t screen_attribute(const struct terminal_cursor *cursor)
{
    uint8_t attribute = cursor->attribute | (cursor->bold ? TERMINAL_BRIGHT : 0);

    return cursor->reverse ? (uint8_t)(attribute >> 4 | attribute << 4) : attribute;
}

static int32_t within(int32_t value, int32_t limit)
{
    return value < 0 ? 0 : value >= limit ? limit - 1 : value;
}

void screen_move(struct terminal *terminal, int32_t row, int32_t column)
{
    terminal->cursor.row = (uint32_t)within(row, TERMINAL_ROWS);
    terminal->cursor.column = (uint32_t)within(column, TERMINAL_COLUMNS);
    terminal->cursor.wraps_next = false;
}

/* Erased cells take the background of the moment, as in xterm. */
void screen_erase(struct terminal *terminal, uint32_t from, uint32_t to)
{
    uint16_t blank = (uint16_t)(' ' | terminal->cursor.attribute << 8);
    uint16_t *cell = terminal->cell[0];

    for (uint32_t at = from; at < to; at++)
        cell[at] = blank;
}

void screen_scroll(struct terminal *terminal, uint32_t first, uint32_t last, int32_t count)
{
    uint32_t rows = last - first, by = (uint32_t)(count < 0 ? -count : count);

    if (by > rows)
        by = rows;
    uint32_t from = count < 0 ? first : first + by, to = count < 0 ? first + by : first;
    memmove(terminal->cell[to], terminal->cell[from], (rows - by) * sizeof terminal->cell[0]);
    uint32_t blank = count < 0 ? first : last - by;
    screen_erase(terminal, blank * TERMINAL_COLUMNS, (blank + by) * TERMINAL_COLUMNS);
}

void screen_shift(struct terminal *terminal, int32_t count)
{
    uint32_t column = terminal->cursor.column, room = TERMINAL_COLUMNS - column;
    uint32_t by = (uint32_t)(count < 0 ? -count : count), start = terminal->cursor.row;
    uint16_t *line = &terminal->cell[start][column];

    if (by > room)
        by = room;
    memmove(count < 0 ? line + by : line, count < 0 ? line : line + by, (room - by) * sizeof *line);
    start = start * TERMINAL_COLUMNS + column + (count < 0 ? 0 : room - by);
    screen_erase(terminal, start, start + by);
    terminal->cursor.wraps_next = false;
}

void screen_line_feed(struct terminal *terminal)
{
    terminal->cursor.wraps_next = false;
    if (terminal->cursor.row + 1 == terminal->bottom)
        screen_scroll(terminal, terminal->top, terminal->bottom, 1);
    else if (terminal->cursor.row + 1 < TERMINAL_ROWS)
        terminal->cursor.row++;
}

void screen_line_back(struct terminal *terminal)
{
    terminal->cursor.wraps_next = false;
    if (terminal->cursor.row == terminal->top)
        screen_scroll(terminal, terminal->top, terminal->bottom, -1);
    else if (terminal->cursor.row > 0)
        terminal->cursor.row--;
}

void screen_put(struct terminal *terminal, uint8_t place)
{
    struct terminal_cursor *cursor = &terminal->cursor;

    if (cursor->wraps_next && !terminal->stays_in_line) {
        cursor->column = 0;
        screen_line_feed(terminal);
    }
    terminal->cell[cursor->row][cursor->column] = (uint16_t)(place | screen_attribute(cursor) << 8);
    cursor->wraps_next = cursor->column + 1 == TERMINAL_COLUMNS;
    if (!cursor->wraps_next)
        cursor->column++;
}
