/* SPDX-License-Identifier: MIT */
/*
 * A pager: a second address space whose memory is made here, page by page, when it is touched.
 *
 * Its thread reads a table of 64 pages, twice. There are only 8 pages to show it in; each is taken
 * away again for the next one that is needed, and what was lost is made anew.
 */
#include <stdbool.h>
#include <stdio.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/startup.h>
#include <iris/summary.h>

IRIS_SUMMARY("serve the page faults of a second address space");

#define TABLE 0x20000000u /* where the second space has the table */
#define TABLE_PAGES 64u
#define STACK 0x30000000u /* its stack, one page */
#define WORDS (IRIS_PAGE_SIZE / 4)
#define FRAMES 8u
#define KERNEL_PAGES 16u
#define PRIORITY 10u

enum { PORT = IRIS_SLOT_FREE + 40, PORTAL, SPACE, THREAD };

struct page {
    uint32_t word[WORDS];
} __attribute__((aligned(IRIS_PAGE_SIZE)));

static struct page frame[FRAMES], stack;
static struct iris_thread_block block __attribute__((aligned(IRIS_THREAD_BLOCK_ALIGN)));
static unsigned faults;

extern const char __ehdr_start[], _end[]; /* this program, from the linker */

/* What the table is: nobody keeps it. */
static uint32_t table_word(uint32_t page, uint32_t index) { return page * 7919 + index; }

/* ---- In the second space: this program's code, but nothing of its memory that was not shown ----
 */

static void guest(void)
{
    const struct page *table = (const struct page *)TABLE;
    uint32_t wrong = 0;

    for (unsigned pass = 0; pass < 2; pass++)
        for (uint32_t page = 0; page < TABLE_PAGES; page++)
            if (table[page].word[page] != table_word(page, page))
                wrong++;
    iris_thread_exit(wrong);
}

/* ---- The pager ---- */

/* One of the frames, filled with a page of the table; the second space no longer sees what was in
   it. */
static struct page *make_page(uint32_t number)
{
    struct page *made = &frame[faults % FRAMES];

    iris_memory_unmap(0, (uint32_t)made, 1, 0);
    for (uint32_t i = 0; i < WORDS; i++)
        made->word[i] = table_word(number, i);
    return made;
}

/* 0: there is something at the address now. */
static int serve(uint32_t address)
{
    uint32_t page = address & ~(IRIS_PAGE_SIZE - 1u);
    struct page *source = (struct page *)page; /* this program's own code and constants */
    uint32_t flags = 0;

    faults++;
    if (page - TABLE < TABLE_PAGES * IRIS_PAGE_SIZE) {
        source = make_page((page - TABLE) / IRIS_PAGE_SIZE);
    } else if (page == STACK) {
        source = &stack;
        flags = IRIS_MAP_WRITE;
    } else if (page < (uint32_t)__ehdr_start || page >= (uint32_t)_end) {
        return EFAULT; /* becomes an exception, which ends the thread */
    }
    (void)*(volatile uint32_t *)source; /* a pager's memory may itself not be there yet */
    return iris_memory_map(SPACE, page, 0, (uint32_t)source, 1, flags) == 1 ? 0 : EFAULT;
}

/* Until the thread's end: how it ended. */
static struct iris_message serve_until_exit(void)
{
    struct iris_message m;
    int error = iris_ipc_wait(&m);

    while (error == 0 && iris_tag_label(m.tag) != IRIS_EVENT_EXIT) {
        bool is_fault = iris_tag_label(m.tag) == IRIS_FAULT_PAGE;
        m.tag = IRIS_TAG(is_fault ? serve(m.word[0]) : EINVAL, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
    return m;
}

/* A space whose faults and exits come to PORT, and a thread in it. */
static int make_space(void)
{
    int error = iris_port_create(PORT);
    if (error == 0)
        error = iris_port_bind(PORT);
    if (error == 0)
        error = iris_portal_create(PORT, PORTAL, 1, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (error == 0)
        error = iris_space_create(SPACE, KERNEL_PAGES, PRIORITY, PORTAL, 0, PORTAL);
    if (error == 0)
        error = iris_thread_create(SPACE, THREAD, 0, PRIORITY);
    return error;
}

static int start(void)
{
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_START, 4),
                             .word = {(uint32_t)guest, STACK + IRIS_PAGE_SIZE, (uint32_t)&block}};
    block.utcb = (struct iris_utcb *)IRIS_UTCB_BASE;
    iris_utcb()->words[3] = 0;
    return iris_ipc_call(THREAD, &m);
}

int main(void)
{
    int error = make_space();
    if (error == 0)
        error = start();
    if (error != 0) {
        printf("pager: no second space: error %d\n", -error);
        return 1;
    }
    struct iris_message end = serve_until_exit();
    printf("the thread %s, %u words were wrong; %u faults served with %u pages\n",
           end.word[1] == IRIS_EXIT_RETURN ? "returned" : "died", (unsigned)end.word[2], faults,
           FRAMES);
    return end.word[1] == IRIS_EXIT_RETURN && end.word[2] == 0 ? 0 : 1;
}
