/* SPDX-License-Identifier: MIT */
/*
 * The kernel's page pool and the accounts it is charged to.
 * Invariant: the limits of all spaces together never exceed the pool, so a space that is within its
 * limit always gets its page.
 */
#include <iris/datapage.h>

#include "arch.h"
#include "frame.h"
#include "space.h"

static struct {
    uint32_t next; /* first frame that was never given out */
    void **list;   /* returned pages; each holds the next */
} pool;            /* how many in all and how many are free: in the data page */

void account_init(uint32_t first_frame, uint32_t pages)
{
    pool.next = first_frame;
    arch_data_page->kernel_pages = arch_data_page->kernel_pages_free = pages;
}

/* For tests, in debug builds: the nth page that a space or a child of it asks for is refused. */
#ifdef DEBUG
static struct {
    uint32_t space, left; /* id; 0: none is refused */
} refusal;

int account_refuse(uint32_t space, uint32_t nth)
{
    uint32_t left = refusal.left;

    refusal.space = space;
    refusal.left = nth;
    return (int)min(left, 0x7fffffffu);
}

static bool is_refused(const struct space *space)
{
    if (refusal.left == 0 || (space->object.id != refusal.space &&
                              !(space->parent && space->parent->object.id == refusal.space)))
        return false;
    return --refusal.left == 0;
}
#else
int account_refuse(uint32_t space, uint32_t nth) { return space | nth ? -EINVAL : 0; }
static inline bool is_refused(const struct space *space) { return !space; }
#endif

void *account_page_raw(struct space *space)
{
    void **page = pool.list;

    if (space && (space->pages_used >= space->pages_limit || is_refused(space)))
        return NULL;
    if (account_pool_free() == 0)
        return NULL; /* only before root has an account */
    if (page)
        pool.list = *page;
    else
        page = arch_phys_to_virt(pool.next++ << PAGE_SHIFT);
    arch_data_page->kernel_pages_free--;
    if (space)
        space->pages_used++;
    frame_of(page)->owner = space;
    frame_of(page)->info = 0;
    return page;
}

void *account_page(struct space *space)
{
    void *page = account_page_raw(space);

    return page ? memset(page, 0, PAGE_SIZE) : NULL;
}

void account_page_free(void *page)
{
    if (!page)
        return;
    struct space *space = frame_of(page)->owner;
    if (space) {
        assert(space->pages_used > 0);
        space->pages_used--;
    }
    frame_of(page)->owner = NULL;
    *(void **)page = pool.list;
    pool.list = page;
    arch_data_page->kernel_pages_free++;
}

bool account_move(struct space *from, struct space *to, uint32_t pages)
{
    if (from->pages_limit - from->pages_used < pages)
        return false;
    from->pages_limit -= pages;
    to->pages_limit += pages;
    return true;
}

uint32_t account_pool_pages(void) { return arch_data_page->kernel_pages; }
uint32_t account_pool_free(void) { return arch_data_page->kernel_pages_free; }
