/* SPDX-License-Identifier: MIT */
/* The page pool: no page twice, always zero, charged to the right space, limits kept. */
#include "../../kernel/account.c"

#include "kernel_test.h"

#define PAGES 300
#define FIRST_FRAME 100 /* so that frame 0 is not the pool's */
#define SPACES 4
#define STEPS 60000

void *host_current_page;
uint64_t host_cycles;

static struct iris_data_page data_page;
struct iris_data_page *const arch_data_page = &data_page;

static char *arena; /* the frames from FIRST_FRAME on */
static struct page_frame frames[PAGES];
static struct space spaces[SPACES];
static struct {
    struct space *owner; /* whose; &nobody: nobody's, but taken */
    bool taken;
} model[PAGES];

void *arch_phys_to_virt(uint32_t physical)
{
    CHECK(physical >= FIRST_FRAME * PAGE_SIZE && physical < (FIRST_FRAME + PAGES) * PAGE_SIZE);
    return arena + (physical - FIRST_FRAME * PAGE_SIZE);
}

static unsigned page_number(const void *page)
{
    unsigned n = (unsigned)((const char *)page - arena) / PAGE_SIZE;

    CHECK(n < PAGES && ((const char *)page - arena) % PAGE_SIZE == 0);
    return n;
}

struct page_frame *frame_of(const void *page) { return &frames[page_number(page)]; }

static unsigned model_count(const struct space *owner)
{
    unsigned count = 0;

    for (unsigned i = 0; i < PAGES; i++)
        count += model[i].taken && model[i].owner == owner;
    return count;
}

static unsigned model_taken(void)
{
    unsigned count = model_count(NULL);

    for (unsigned i = 0; i < SPACES; i++)
        count += model_count(&spaces[i]);
    return count;
}

static void take(struct space *space)
{
    bool expected = space ? model_count(space) < space->pages_limit : model_taken() < PAGES;
    char *page = account_page(space);

    CHECK((page != NULL) == (expected && model_taken() < PAGES));
    if (!page)
        return;
    unsigned n = page_number(page);
    CHECK(!model[n].taken);
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        CHECK(page[i] == 0);
    CHECK(frames[n].owner == space && frames[n].info == 0);
    memset(page, 0xa5, PAGE_SIZE);
    frames[n].info = ~0u;
    model[n].taken = true;
    model[n].owner = space;
}

static void give_back(unsigned n)
{
    if (!model[n].taken)
        return;
    account_page_free(arena + n * PAGE_SIZE);
    model[n].taken = false;
}

static void move(struct space *from, struct space *to, uint32_t pages)
{
    uint32_t unused = from->pages_limit - model_count(from);
    uint32_t before = from->pages_limit, target = to->pages_limit;
    bool moved = account_move(from, to, pages);

    CHECK(moved == (pages <= unused));
    if (from != to) {
        CHECK_EQUAL(from->pages_limit, moved ? before - pages : before);
        CHECK_EQUAL(to->pages_limit, moved ? target + pages : target);
    } else {
        CHECK_EQUAL(from->pages_limit, before);
    }
}

static void compare(void)
{
    uint32_t limits = 0;

    for (unsigned i = 0; i < SPACES; i++) {
        CHECK_EQUAL(spaces[i].pages_used, model_count(&spaces[i]));
        CHECK(spaces[i].pages_used <= spaces[i].pages_limit);
        limits += spaces[i].pages_limit;
    }
    CHECK_EQUAL(limits + model_count(NULL), PAGES);
    CHECK_EQUAL(account_pool_free(), PAGES - model_taken());
    CHECK_EQUAL(data_page.kernel_pages_free, PAGES - model_taken()); /* what programs are told */
    CHECK_EQUAL(account_pool_pages(), PAGES);
}

int main(void)
{
    test_begin();
    if (posix_memalign((void **)&arena, PAGE_SIZE, PAGES * PAGE_SIZE))
        TEST_FAIL("the host has no memory");
    memset(arena, 0x5a, PAGES * PAGE_SIZE); /* memory at start is not zero */
    account_init(FIRST_FRAME, PAGES);
    for (int i = 0; i < 10; i++)
        take(NULL); /* before root exists */
    spaces[0].pages_limit = account_pool_free();
    for (test_step = 1; test_step <= STEPS; test_step++) {
        struct space *space = &spaces[test_below(SPACES)];
        switch (test_below(4)) {
        case 0:
            give_back(test_below(PAGES - 10) + 10);
            break;
        case 1: {
            uint32_t pages = test_chance(50) ? test_random() : test_below(60);
            move(space, &spaces[test_below(SPACES)], pages);
            break;
        }
        default:
            take(space);
        }
        if (test_step % 8 == 0)
            compare();
    }
    for (unsigned n = 0; n < PAGES; n++)
        give_back(n);
    for (unsigned i = 0; i < SPACES; i++)
        CHECK_EQUAL(spaces[i].pages_used, 0);
    CHECK_EQUAL(account_pool_free(), PAGES);
    free(arena);
    return test_end();
}
