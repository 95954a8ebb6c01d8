/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <string.h>

#define CONTROL(letter) ((letter)&0x1f)
#define KEY_BACKSPACE 0x7f
#define KEY_ESCAPE 0x1b

/* ---- Output ---- */

static void flush(struct line *line)
{
    if (line->output_used > 0)
        line->write(line->context, line->output, line->output_used);
    line->output_used = 0;
}

static void put(struct line *line, const char *bytes, size_t count)
{
    while (count > 0) {
        size_t room = LINE_OUTPUT - line->output_used;
        size_t now = count < room ? count : room;
        memcpy(line->output + line->output_used, bytes, now);
        line->output_used += now;
        bytes += now;
        count -= now;
        if (line->output_used == LINE_OUTPUT)
            flush(line);
    }
}

static void put_text(struct line *line, const char *text) { put(line, text, strlen(text)); }

static void put_times(struct line *line, char c, size_t times)
{
    while (times-- > 0)
        put(line, &c, 1);
}

/* ---- UTF-8: a character is one column ---- */

static bool is_continuation(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

static size_t columns(const char *text, size_t count)
{
    size_t result = 0;
    for (size_t i = 0; i < count; i++)
        result += !is_continuation(text[i]);
    return result;
}

static size_t before(const struct line *line, size_t at)
{
    while (at > 0 && is_continuation(line->text[--at]))
        continue;
    return at;
}

static size_t behind(const struct line *line, size_t at)
{
    if (at < line->length)
        at++;
    while (at < line->length && is_continuation(line->text[at]))
        at++;
    return at;
}

/* ---- Painting ---- */

/* Columns for text. The last column of the terminal stays free: cursors behave oddly there. */
static size_t window(const struct line *line)
{
    size_t prompt = strlen(line->prompt);
    return line->width > prompt + 10 ? line->width - prompt - 1 : 10;
}

/* Bytes from the view on that fit into the window. */
static size_t visible(const struct line *line)
{
    size_t end = line->view;
    for (size_t room = window(line); room > 0 && end < line->length; room--)
        end = behind(line, end);
    return end - line->view;
}

/* Moves the view so that the cursor is inside; in steps of half a window, so that typing at the end
   of a long line does not repaint it for every key. */
static void scroll(struct line *line)
{
    if (line->cursor <= line->view)
        line->view = 0;
    while (columns(line->text + line->view, line->cursor - line->view) >= window(line))
        for (size_t i = 0; i < window(line) / 2; i++)
            line->view = behind(line, line->view);
}

/* Paints text from byte `from` (inside the view) on, where the terminal's cursor is now, blanks
   what was there, and goes to the line's cursor. */
static void paint_from(struct line *line, size_t from)
{
    size_t end = line->view + visible(line);
    size_t shown = columns(line->text + line->view, end - line->view);
    size_t blanks = line->painted > shown ? line->painted - shown : 0;
    put(line, line->text + from, end - from);
    put_times(line, ' ', blanks);
    put_times(line, '\b', blanks + columns(line->text + line->cursor, end - line->cursor));
    line->painted = shown;
}

static void paint(struct line *line)
{
    scroll(line);
    put_text(line, "\r");
    put_text(line, line->prompt);
    paint_from(line, line->view);
}

/* After a change at or behind `from`, where the terminal's cursor is. */
static void repaint(struct line *line, size_t from)
{
    size_t old_view = line->view;
    scroll(line);
    if (line->view != old_view)
        paint(line);
    else
        paint_from(line, from);
}

/* ---- Moving ---- */

static void move(struct line *line, size_t to)
{
    size_t from = line->cursor, old_view = line->view;
    line->cursor = to;
    scroll(line);
    if (line->view != old_view)
        paint(line);
    else if (to < from)
        put_times(line, '\b', columns(line->text + to, from - to));
    else
        put(line, line->text + from, to - from);
}

static size_t word_left(const struct line *line)
{
    size_t at = line->cursor;
    while (at > 0 && line->text[at - 1] == ' ')
        at--;
    while (at > 0 && line->text[at - 1] != ' ')
        at--;
    return at;
}

static size_t word_right(const struct line *line)
{
    size_t at = line->cursor;
    while (at < line->length && line->text[at] == ' ')
        at++;
    while (at < line->length && line->text[at] != ' ')
        at++;
    return at;
}

/* ---- Changing ---- */

static void insert(struct line *line, const char *bytes, size_t count)
{
    size_t from = line->cursor;
    if (count == 0)
        return;
    if (line->length + count >= LINE_BYTES) {
        put_text(line, "\a");
        return;
    }
    memmove(line->text + from + count, line->text + from, line->length - from + 1);
    memcpy(line->text + from, bytes, count);
    line->length += count;
    line->cursor += count;
    repaint(line, from);
}

/* Takes away the bytes from `from` to `to`; the cursor is at one of them and ends at `from`. */
static void erase(struct line *line, size_t from, size_t to)
{
    if (from == to)
        return;
    move(line, from);
    memmove(line->text + from, line->text + to, line->length - to + 1);
    line->length -= to - from;
    repaint(line, from);
}

static void kill(struct line *line, size_t from, size_t to)
{
    if (from == to)
        return;
    memcpy(line->killed, line->text + from, to - from);
    line->killed[to - from] = '\0';
    erase(line, from, to);
}

static void replace(struct line *line, const char *text)
{
    size_t length = strlen(text);
    if (length >= LINE_BYTES)
        length = LINE_BYTES - 1;
    memmove(line->text, text, length);
    line->text[length] = '\0';
    line->length = line->cursor = length;
    line->view = 0;
    paint(line);
}

static void browse(struct line *line, size_t back)
{
    const char *text = back == 0 ? line->draft : history_get(line->history, back - 1);
    if (text == NULL) {
        put_text(line, "\a");
        return;
    }
    if (line->browsing == 0)
        memcpy(line->draft, line->text, line->length + 1);
    line->browsing = back;
    replace(line, text);
}

static void browse_newer(struct line *line)
{
    if (line->browsing > 0)
        browse(line, line->browsing - 1);
}

/* ---- Keys ---- */

static enum line_result finish(struct line *line)
{
    if (line->view > 0 || visible(line) < line->length) {
        put_text(line, "\r");
        put_text(line, line->prompt);
        put(line, line->text, line->length);
    }
    put_text(line, "\r\n");
    if (line->history != NULL)
        history_add(line->history, line->text);
    return LINE_FINISHED;
}

static void clear_screen(struct line *line)
{
    put_text(line, "\x1b[H\x1b[2J");
    line->painted = 0;
    paint(line);
}

static enum line_result control(struct line *line, char key)
{
    switch (key) {
    case CONTROL('a'):
        move(line, 0);
        break;
    case CONTROL('b'):
        move(line, before(line, line->cursor));
        break;
    case CONTROL('c'):
        put_text(line, "^C\r\n");
        return LINE_INTERRUPTED;
    case CONTROL('d'):
        if (line->length == 0)
            return LINE_CLOSED;
        erase(line, line->cursor, behind(line, line->cursor));
        break;
    case CONTROL('e'):
        move(line, line->length);
        break;
    case CONTROL('f'):
        move(line, behind(line, line->cursor));
        break;
    case CONTROL('h'):
    case KEY_BACKSPACE:
        erase(line, before(line, line->cursor), line->cursor);
        break;
    case CONTROL('i'):
        if (line->complete != NULL)
            line->complete(line);
        break;
    case CONTROL('k'):
        kill(line, line->cursor, line->length);
        break;
    case CONTROL('l'):
        clear_screen(line);
        break;
    case CONTROL('n'):
        browse_newer(line);
        break;
    case CONTROL('p'):
        browse(line, line->browsing + 1);
        break;
    case CONTROL('u'):
        kill(line, 0, line->cursor);
        break;
    case CONTROL('w'):
        kill(line, word_left(line), line->cursor);
        break;
    case CONTROL('y'):
        insert(line, line->killed, strlen(line->killed));
        break;
    case KEY_ESCAPE:
        line->keys = LINE_KEYS_ESCAPE;
        break;
    default:
        put_text(line, "\a");
        break;
    }
    return LINE_EDITING;
}

/* The byte after ESC. */
static void escape(struct line *line, char key)
{
    line->keys = LINE_KEYS_PLAIN;
    line->parameter = 0;
    switch (key) {
    case '[':
        line->keys = LINE_KEYS_SEQUENCE;
        break;
    case 'O':
        line->keys = LINE_KEYS_SINGLE_SHIFT;
        break;
    case 'b':
        move(line, word_left(line));
        break;
    case 'f':
        move(line, word_right(line));
        break;
    case KEY_ESCAPE:
        line->keys = LINE_KEYS_ESCAPE;
        break;
    default:
        break;
    }
}

/* The last byte of ESC [ ... or ESC O (ECMA-48 8.3, as terminals send it). */
static void sequence(struct line *line, char key)
{
    line->keys = LINE_KEYS_PLAIN;
    switch (key) {
    case 'A':
        control(line, CONTROL('p'));
        break;
    case 'B':
        browse_newer(line);
        break;
    case 'C':
        move(line, behind(line, line->cursor));
        break;
    case 'D':
        move(line, before(line, line->cursor));
        break;
    case 'H':
        move(line, 0);
        break;
    case 'F':
        move(line, line->length);
        break;
    case '~':
        if (line->parameter == 1 || line->parameter == 7)
            move(line, 0);
        else if (line->parameter == 4 || line->parameter == 8)
            move(line, line->length);
        else if (line->parameter == 3)
            erase(line, line->cursor, behind(line, line->cursor));
        break;
    default:
        break;
    }
}

static void sequence_byte(struct line *line, char byte)
{
    if (byte >= '0' && byte <= '9' && line->parameter < 1000)
        line->parameter = line->parameter * 10 + (unsigned)(byte - '0');
    else if (byte >= '@' && byte <= '~')
        sequence(line, byte);
    else if ((unsigned char)byte < ' ')
        line->keys = LINE_KEYS_PLAIN; /* no sequence after all */
}

/* Bytes behind the first one of a UTF-8 character (RFC 3629 3). */
static size_t continuations(char first)
{
    unsigned char c = (unsigned char)first;
    return c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
}

/* Characters go in whole, or the terminal would see halves of them between other text. */
static void character(struct line *line, char byte)
{
    if (!is_continuation(byte))
        line->partial_used = 0;
    line->partial[line->partial_used++] = byte;
    if (line->partial_used > continuations(line->partial[0])) {
        insert(line, line->partial, line->partial_used);
        line->partial_used = 0;
    }
}

static enum line_result plain(struct line *line, char byte)
{
    bool was_return = line->after_return;
    line->after_return = byte == '\r';
    if (byte == '\n' && was_return)
        return LINE_EDITING;
    if (byte == '\r' || byte == '\n')
        return finish(line);
    if ((unsigned char)byte < ' ' || byte == KEY_BACKSPACE)
        return control(line, byte);
    character(line, byte);
    return LINE_EDITING;
}

/* ---- For the owner ---- */

void line_begin(struct line *line)
{
    line->text[0] = '\0';
    line->length = line->cursor = line->view = line->painted = 0;
    line->browsing = 0;
    line->keys = LINE_KEYS_PLAIN;
    line->partial_used = 0;
    put_text(line, line->prompt);
    flush(line);
}

enum line_result line_feed(struct line *line, char byte)
{
    enum line_result result = LINE_EDITING;
    switch (line->keys) {
    case LINE_KEYS_PLAIN:
        result = plain(line, byte);
        break;
    case LINE_KEYS_ESCAPE:
        escape(line, byte);
        break;
    case LINE_KEYS_SINGLE_SHIFT:
        sequence(line, byte);
        break;
    case LINE_KEYS_SEQUENCE:
        sequence_byte(line, byte);
        break;
    }
    flush(line);
    return result;
}

void line_insert(struct line *line, const char *bytes, size_t count) { insert(line, bytes, count); }

void line_bell(struct line *line) { put_text(line, "\a"); }

void line_list(struct line *line, const char *names)
{
    size_t widest = 0;
    for (const char *name = names; *name != '\0'; name += strlen(name) + 1)
        widest = strlen(name) > widest ? strlen(name) : widest;
    size_t across = line->width / (widest + 2) > 0 ? line->width / (widest + 2) : 1, column = 0;
    put_text(line, "\r\n");
    for (const char *name = names; *name != '\0'; name += strlen(name) + 1) {
        bool last = ++column == across || name[strlen(name) + 1] == '\0';
        put_text(line, name);
        if (last)
            put_text(line, "\r\n");
        else
            put_times(line, ' ', widest + 2 - strlen(name));
        column = last ? 0 : column;
    }
    line->painted = 0;
    paint(line);
}
