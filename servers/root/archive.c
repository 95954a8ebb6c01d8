/* SPDX-License-Identifier: MIT */
/* The boot archive, a module that the boot loader put somewhere into memory. */
#include "root.h"

#include "service.h"
#include "text.h"

struct tar archive = {.data = (const uint8_t *)SERVER_ARCHIVE};

static bool find_range(struct iris_memory_range *range)
{
    uint32_t cursor = 0;

    while (iris_space_inspect(IRIS_SLOT_MEMORY, IRIS_INSPECT_MEMORY, cursor, range, 1) == 1) {
        if (range->kind == IRIS_MEMORY_ARCHIVE)
            return true;
        cursor = range->index + 1;
    }
    return false;
}

static int map_range(const struct iris_memory_range *range)
{
    for (uint32_t done = 0; done < range->pages;) {
        int count = iris_memory_map(0, SERVER_ARCHIVE + done * IRIS_PAGE_SIZE, IRIS_SLOT_MEMORY,
                                    (range->frame + done) * IRIS_PAGE_SIZE, range->pages - done, 0);
        if (count <= 0)
            return count < 0 ? count : -ENOMEM;
        done += (uint32_t)count;
    }
    return 0;
}

static void stage_archive(int files)
{
    char count[12], size[12];
    struct text_line line = text_begin(count, sizeof count);

    text_add_decimal(&line, (uint32_t)files, 0);
    line = text_begin(size, sizeof size);
    text_add_decimal(&line, archive.size / 1024, 0);
    stage_ok("boot archive, ", count, " files, ", size, " KiB, checksums", NULL);
}

bool archive_open(void)
{
    struct iris_memory_range range;
    char message[160];

    if (!find_range(&range)) {
        stage_failed("the module is missing", "boot archive", NULL);
        return false;
    }
    int status = map_range(&range);
    if (status < 0) {
        stage_failed(error_name(status), "boot archive", NULL);
        return false;
    }
    archive.size = range.length;
    int files = tar_verify(&archive, message, sizeof message);
    if (files < 0) {
        stage_failed(message, "boot archive", NULL);
        return false;
    }
    stage_archive(files);
    return true;
}
