/* SPDX-License-Identifier: MIT */
/* The log's store against a model that keeps everything. */
#include <stdbool.h>

#include "../../servers/log/store.c"

#include "server_check.h"

static char everything[1 << 21];
static uint32_t written;

static void write_line(void)
{
    char line[300];
    uint32_t length = 1 + random_below(sizeof line - 1);

    for (uint32_t i = 0; i + 1 < length; i++)
        line[i] = (char)('a' + random_below(26));
    line[length - 1] = '\n';
    store_add(line, length);
    memcpy(everything + written, line, length);
    written += length;
}

/* Reads all that is kept, and compares it. The boot part is whole; the rest begins with a line. */
static void read_all(void)
{
    uint32_t cursor = 0, count;
    const char *bytes;
    bool jumped = false;

    for (;;) {
        uint32_t before = cursor;
        count = store_at(&cursor, &bytes);
        if (count == 0)
            break;
        CHECK(cursor >= before && cursor + count <= written);
        if (cursor != before) {
            CHECK(!jumped && before == STORE_BOOT && everything[cursor - 1] == '\n');
            jumped = true;
        }
        CHECK(memcmp(bytes, everything + cursor, count) == 0);
        uint32_t part = 1 + random_below(count); /* a reader with a small buffer */
        cursor += part;
    }
    CHECK(cursor == written);
    if (written > STORE_BOOT + STORE_RING)
        CHECK(jumped);
}

int main(void)
{
    check_begin();
    for (int i = 0; i < 8000 && written < sizeof everything - 400; i++) {
        write_line();
        if (i % 50 == 0 || written < 300)
            read_all();
    }
    uint32_t cursor = written + 5;
    const char *bytes;
    CHECK(store_at(&cursor, &bytes) == 0);
    return 0;
}
