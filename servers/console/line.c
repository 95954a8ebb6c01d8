/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <string.h>

enum {
    CTRL_W = 23,
    BACKSPACE = 8,
    DELETE = 127,
};

/* Whether a byte is this key; one that is 0 nobody has. */
static bool is_key(const struct line *line, enum line_character key, uint8_t byte)
{
    return byte != 0 && byte == line->characters[key];
}

/* Keyboards send one or the other: if one of them erases, both do. */
static bool erases(const struct line *line, uint8_t byte)
{
    bool usual = is_key(line, LINE_KEY_ERASE, BACKSPACE) || is_key(line, LINE_KEY_ERASE, DELETE);
    return is_key(line, LINE_KEY_ERASE, byte) || (usual && (byte == BACKSPACE || byte == DELETE));
}

static uint32_t ready_room(const struct line *line)
{
    return LINE_READY_MAX - (line->next - line->first);
}

static void put_ready(struct line *line, uint32_t item)
{
    line->ready[line->next++ & (LINE_READY_MAX - 1)] = (uint16_t)item;
}

static void echo_bytes(const struct line *line, const char *bytes, uint32_t count)
{
    if (!line->silent)
        line->echo(bytes, count);
}

static void bell(const struct line *line) { echo_bytes(line, "\a", 1); }

/* ---- Editing ---- */

static void erase(struct line *line, uint32_t count)
{
    for (; count > 0 && line->edited > 0; count--) {
        line->edited--;
        echo_bytes(line, "\b \b", 3);
    }
}

static void erase_word(struct line *line)
{
    uint32_t at = line->edited;

    while (at > 0 && line->edit[at - 1] == ' ')
        at--;
    while (at > 0 && line->edit[at - 1] != ' ')
        at--;
    erase(line, line->edited - at);
}

static void add(struct line *line, char c)
{
    if (line->edited == LINE_EDIT_MAX) {
        bell(line);
        return;
    }
    line->edit[line->edited++] = c;
    echo_bytes(line, &c, 1);
}

/* What was edited can be read; `last` stands behind it: a newline or nothing. */
static void hand_on(struct line *line, const char *last)
{
    uint32_t count = line->edited + (uint32_t)strlen(last);

    if (ready_room(line) < count) {
        bell(line); /* nobody reads: it stays on the line */
        return;
    }
    for (uint32_t i = 0; i < line->edited; i++)
        put_ready(line, (uint8_t)line->edit[i] | (i + 1 == count ? LINE_END : 0));
    if (*last != '\0') {
        put_ready(line, '\n' | LINE_END);
        echo_bytes(line, "\r\n", 2);
    }
    line->edited = 0;
}

static void end_of_file(struct line *line)
{
    if (line->edited > 0)
        hand_on(line, "");
    else if (ready_room(line) > 0)
        put_ready(line, LINE_EOF);
}

static void end_with(struct line *line, char c)
{
    add(line, c);
    hand_on(line, "");
}

static void discard(struct line *line, const char *shown)
{
    echo_bytes(line, shown, (uint32_t)strlen(shown));
    line->edited = 0;
    line->first = line->next;
}

/* ---- Typing ---- */

/* A key that signals, and what it asks for. */
static enum line_wish type_signal(struct line *line, uint8_t byte)
{
    if (line->no_signals)
        return LINE_NOTHING;
    if (is_key(line, LINE_KEY_INTERRUPT, byte)) {
        discard(line, "^C\r\n");
        return LINE_INTERRUPT;
    }
    if (is_key(line, LINE_KEY_QUIT, byte)) {
        discard(line, "^\\\r\n");
        return LINE_QUIT;
    }
    if (is_key(line, LINE_KEY_SUSPEND, byte)) {
        discard(line, "^Z\r\n");
        return LINE_SUSPEND;
    }
    return LINE_NOTHING;
}

static enum line_wish type_flow(const struct line *line, uint8_t byte)
{
    if (line->no_flow)
        return LINE_NOTHING;
    return is_key(line, LINE_KEY_START, byte)  ? LINE_LET
           : is_key(line, LINE_KEY_STOP, byte) ? LINE_HOLD
                                               : LINE_NOTHING;
}

/* A key that goes no further, and what it asks for. */
static enum line_wish type_wish(struct line *line, uint8_t byte)
{
    enum line_wish wish = type_flow(line, byte);
    return wish != LINE_NOTHING ? wish : type_signal(line, byte);
}

static enum line_wish type_cooked(struct line *line, uint8_t byte)
{
    enum line_wish wish = type_wish(line, byte);

    if (wish != LINE_NOTHING)
        return wish;
    if (byte == '\r' && !line->keeps_return)
        byte = '\n';
    if (byte == '\n')
        hand_on(line, "\n");
    else if (is_key(line, LINE_KEY_END, byte))
        end_with(line, (char)byte);
    else if (erases(line, byte))
        erase(line, 1);
    else if (is_key(line, LINE_KEY_KILL, byte))
        erase(line, line->edited);
    else if (byte == CTRL_W)
        erase_word(line);
    else if (is_key(line, LINE_KEY_EOF, byte))
        end_of_file(line);
    else if (byte >= ' ' || byte == '\t' || byte == '\r')
        add(line, (char)byte);
    return LINE_NOTHING;
}

enum line_wish line_type(struct line *line, uint8_t byte)
{
    if (!line->raw)
        return type_cooked(line, byte);
    enum line_wish wish = type_wish(line, byte);
    if (wish != LINE_NOTHING)
        return wish;
    if (byte == '\r' && !line->keeps_return)
        byte = '\n';
    if (ready_room(line) > 0)
        put_ready(line, byte | LINE_TYPED_RAW);
    if (byte == '\n')
        echo_bytes(line, "\r\n", 2);
    else
        echo_bytes(line, (const char *)&byte, 1);
    return LINE_NOTHING;
}

/* What is being edited can be read: whoever reads raw edits it. */
static void give_up_editing(struct line *line)
{
    if (line->edited > ready_room(line))
        return;
    for (uint32_t i = 0; i < line->edited; i++)
        put_ready(line, (uint8_t)line->edit[i] | LINE_TYPED_RAW);
    line->edited = 0;
}

/* Bytes that came raw and were not read are typed again, behind what was ready before them. */
static enum line_wish type_again(struct line *line)
{
    static uint8_t pending[LINE_READY_MAX];
    uint32_t count = 0, end = line->next;
    enum line_wish wish = LINE_NOTHING;

    for (line->next = line->first; line->next != end; line->next++)
        if (line->ready[line->next & (LINE_READY_MAX - 1)] & LINE_TYPED_RAW)
            break;
    for (uint32_t at = line->next; at != end; at++)
        pending[count++] = (uint8_t)line->ready[at & (LINE_READY_MAX - 1)];
    for (uint32_t i = 0; i < count; i++) {
        enum line_wish next = type_cooked(line, pending[i]);
        wish = next != LINE_NOTHING ? next : wish;
    }
    return wish;
}

enum line_wish line_set_raw(struct line *line, bool raw)
{
    bool changes = raw != line->raw;

    line->raw = line->silent = line->no_signals = line->keeps_return = line->no_flow = raw;
    if (changes && raw)
        give_up_editing(line);
    return changes && !raw ? type_again(line) : LINE_NOTHING;
}

/* ---- Reading ---- */

uint32_t line_peek(const struct line *line, void *bytes, uint32_t most, uint32_t *items)
{
    uint8_t *to = bytes;
    uint32_t count = 0;

    for (*items = 0; line->first + *items != line->next && count < most;) {
        uint32_t item = line->ready[(line->first + *items) & (LINE_READY_MAX - 1)];
        if (item & LINE_EOF) {
            if (count == 0)
                *items = 1;
            break;
        }
        ++*items;
        to[count++] = (uint8_t)item;
        if (item & LINE_END)
            break;
    }
    return count;
}

bool line_has(const struct line *line, uint32_t least)
{
    uint32_t at = line->first;

    for (; at != line->next && at - line->first < least; at++)
        if (line->ready[at & (LINE_READY_MAX - 1)] & (LINE_END | LINE_EOF))
            return true;
    return at - line->first >= least;
}

void line_consume(struct line *line, uint32_t items) { line->first += items; }

uint32_t line_waiting(const struct line *line) { return line->next - line->first; }

void line_flush(struct line *line)
{
    line->first = line->next;
    line->edited = 0;
}
