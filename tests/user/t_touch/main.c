/* SPDX-License-Identifier: MIT */
/*
 * Programs are paged on demand: the image of this one holds a megabyte of data, it touches three
 * pages of that, and asks mem how many pages it was given in all before it prints anything.
 */
#include <stdbool.h>

#include <iris/object.h>
#include <iris/summary.h>

#include "memory.h" /* generated from memory.idl */
#include "test.h"

IRIS_SUMMARY("test: a program of 1 MiB that touches 3 pages");

#define PAGE 4096u
#define IMAGE (1024u * 1024)
#define MIDDLE (IMAGE / 2)
#define LAST (IMAGE - 1)
#define MOST_PAGES 8u /* code 2, headers, constants, stack, and the three */

/* Not zero at its end, so that all of it is in the file. Not aligned: its first and last page also
   hold what lies before and behind it, which the start-up code needs. */
static volatile uint8_t image[IMAGE] = {[0] = 1, [MIDDLE] = 2, [LAST] = 3};

static bool on_three_pages(void)
{
    uint32_t first = (uint32_t)&image[0] / PAGE, last = (uint32_t)&image[LAST] / PAGE;
    uint32_t middle = (uint32_t)&image[MIDDLE] / PAGE;
    return first < middle && middle < last;
}

int main(void)
{
    struct memory_usage before, after, again;
    int error = memory_usage(IRIS_SLOT_MEMORY, &before);
    unsigned sum = image[0] + image[MIDDLE];

    image[LAST]++;
    sum += image[LAST];
    error |= memory_usage(IRIS_SLOT_MEMORY, &after);
    sum += image[1] + image[MIDDLE + 1]; /* the same pages again */
    error |= memory_usage(IRIS_SLOT_MEMORY, &again);

    test_begin("t_touch");
    TEST_EQUAL(error, 0, "mem tells what it gave");
    TEST_CHECK(on_three_pages(), "bytes on three pages were touched");
    TEST_EQUAL(sum, 1 + 2 + 4, "they are the file's, and can be changed");
    TEST_CHECK(after.resident_pages > before.resident_pages, "the first touch gives a page");
    TEST_EQUAL(again.faults, after.faults, "touched again: no further fault");
    TEST_CHECK(after.resident_pages <= MOST_PAGES, "%u pages in all, at most %u",
               (unsigned)after.resident_pages, MOST_PAGES);
    TEST_CHECK(after.region_pages > IMAGE / PAGE, "of %u pages promised",
               (unsigned)after.region_pages);
    test_metric("resident_pages", after.resident_pages, "pages", "touched=3 image_kib=%u",
                IMAGE / 1024);
    return test_end();
}
