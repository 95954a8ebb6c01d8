/* SPDX-License-Identifier: MIT */
#include "rendition.h"

/* ANSI counts red 1, green 2, blue 4; the VGA blue 1, green 2, red 4. */
static uint8_t vga_colour(uint32_t ansi)
{
    return (uint8_t)((ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2);
}

/* Of the 256 colours: the first 16 as they are, the others by which parts are strong. */
static uint8_t nearest_colour(uint32_t colour)
{
    if (colour < 16)
        return vga_colour(colour) | (colour & 8 ? TERMINAL_BRIGHT : 0);
    if (colour >= 232)
        return colour < 238   ? 0
               : colour < 244 ? TERMINAL_BRIGHT
               : colour < 250 ? TERMINAL_PLAIN
                              : TERMINAL_PLAIN | TERMINAL_BRIGHT;
    uint32_t red = (colour - 16) / 36, green = (colour - 16) / 6 % 6, blue = (colour - 16) % 6;
    uint32_t strong = red > green ? red : green;
    strong = strong > blue ? strong : blue;
    uint8_t parts =
        (uint8_t)((red * 2 > strong) << 2 | (green * 2 > strong) << 1 | (blue * 2 > strong));
    return parts | (strong > 3 ? TERMINAL_BRIGHT : 0);
}

static void set_foreground(struct terminal_cursor *cursor, uint8_t colour)
{
    cursor->attribute = (uint8_t)((cursor->attribute & 0xf0) | colour);
}

static void set_background(struct terminal_cursor *cursor, uint8_t colour)
{
    cursor->attribute = (uint8_t)((cursor->attribute & 0x0f) | colour << 4);
}

static void set_ordinary(struct terminal_cursor *cursor, uint32_t code)
{
    if (code == 0)
        *cursor = (struct terminal_cursor){
            .row = cursor->row,
            .column = cursor->column,
            .wraps_next = cursor->wraps_next,
            .attribute = TERMINAL_PLAIN,
        };
    else if (code == 1 || code == 22)
        cursor->bold = code == 1;
    else if (code == 7 || code == 27)
        cursor->reverse = code == 7;
    else if (code >= 30 && code <= 37)
        set_foreground(cursor, vga_colour(code - 30));
    else if (code == 39)
        set_foreground(cursor, TERMINAL_PLAIN);
    else if (code >= 40 && code <= 47)
        set_background(cursor, vga_colour(code - 40));
    else if (code == 49)
        set_background(cursor, 0);
    else if (code >= 90 && code <= 97)
        set_foreground(cursor, vga_colour(code - 90) | TERMINAL_BRIGHT);
    else if (code >= 100 && code <= 107)
        set_background(cursor, vga_colour(code - 100) | TERMINAL_BRIGHT);
}

/* 38;5;N and 48;5;N, 38;2;R;G;B and 48;2;R;G;B: how many parameters beyond the first. */
static uint32_t set_extended(struct terminal *terminal, uint32_t at)
{
    uint32_t colour = terminal_parameter(terminal, at + 2, 0);
    void (*set)(struct terminal_cursor *, uint8_t) =
        terminal_parameter(terminal, at, 0) == 38 ? set_foreground : set_background;

    if (terminal_parameter(terminal, at + 1, 0) == 5) {
        if (colour < 256)
            set(&terminal->cursor, nearest_colour(colour));
        return 2;
    }
    if (terminal_parameter(terminal, at + 1, 0) != 2)
        return 1;
    uint32_t cube = 16 + 36 * (colour % 256 / 43) +
                    6 * (terminal_parameter(terminal, at + 3, 0) % 256 / 43) +
                    terminal_parameter(terminal, at + 4, 0) % 256 / 43;
    set(&terminal->cursor, nearest_colour(cube));
    return 4;
}

void rendition_select(struct terminal *terminal)
{
    for (uint32_t i = 0; i < terminal->parameters && i < TERMINAL_PARAMETERS; i++) {
        uint32_t code = terminal->parameter[i];
        if (code == 38 || code == 48)
            i += set_extended(terminal, i);
        else
            set_ordinary(&terminal->cursor, code);
    }
}
