/* SPDX-License-Identifier: MIT */
/* Pagers that stack, and pagers that are slow, dead, lying or in need of a pager themselves. */
#include <iris/summary.h>

#include <string.h>

#include "memory.h"
#include "resident.h"
#include "t_pager.h"
#include "victim.h"

IRIS_SUMMARY("test: pagers that stack, and bad ones: [TOPIC]");

#define TABLE_SLOTS 256u

volatile uint32_t sum, touched;

/* ---- Domains ---- */

static bool show_program(uint32_t space)
{
    for (uint32_t page = twin_memory_begin(); page < twin_memory_end(); page += PAGE) {
        (void)*(const volatile uint8_t *)page;
        int count = iris_memory_map(space, page, 0, page, 1, IRIS_MAP_WRITE);
        if (count == -EPERM)
            count = iris_memory_map(space, page, 0, page, 1, 0);
        if (count != 1)
            return false;
    }
    return true;
}

bool domain_make(struct domain *domain, uint32_t pages, uint32_t pager, uint32_t exception,
                 uint32_t exit)
{
    domain->space = kit_slot();
    return iris_space_create(domain->space, pages, kit_priority(), pager, exception, exit) == 0 &&
           show_program(domain->space);
}

void domain_end(struct domain *domain)
{
    iris_object_destroy(domain->space);
    iris_handle_discard(domain->space);
}

/* ---- Pagers ---- */

static uint32_t answer_fault(struct pager *pager, const struct iris_message *m)
{
    uint32_t page = m->word[0] & -PAGE;

    switch (pager->mode) {
    case PAGER_SERVES:
        break;
    case PAGER_LIES:
        return 0;
    case PAGER_HOLDS:
        while (!pager->go)
            iris_thread_switch(0);
        break;
    case PAGER_DIES:
        iris_thread_exit(0);
    case PAGER_FAULTS:
        return *(volatile uint32_t *)OUTSIDE;
    default:
        return EFAULT;
    }
    if (page - FAR >= FAR_PAGES * PAGE)
        return EFAULT;
    (void)*(volatile uint32_t *)page; /* its own pager may be asked for it first */
    int count = iris_memory_map(pager->client, page, 0, page, 1, IRIS_MAP_WRITE);
    return count == 1 || count == -EEXIST ? 0 : EFAULT;
}

void pager_loop(void *argument)
{
    struct pager *pager = argument;
    struct iris_message m;

    if (iris_port_bind(pager->port) < 0)
        return;
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        uint32_t label = EINVAL;
        if (iris_tag_label(m.tag) == IRIS_FAULT_PAGE) {
            pager->served++;
            label = answer_fault(pager, &m);
            pager->refused += label != 0;
        }
        m.tag = IRIS_TAG(label, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

bool pager_run(struct pager *pager, uint32_t utcb_slot, const struct rig *rig, uint32_t client)
{
    pager->port = rig->port;
    pager->client = client;
    pager->go = pager->served = pager->refused = 0;
    return bare_run(&pager->thread, 0, utcb_slot, pager_loop, pager) == 0;
}

/* ---- Ends ---- */

struct ending ending_wait(uint32_t port)
{
    struct ending ending = {0};
    struct iris_message m;

    iris_port_bind(port);
    if (iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0 &&
        iris_tag_label(m.tag) == IRIS_EVENT_EXIT)
        ending = (struct ending){true, m.badge, m.word[1], m.word[2]};
    iris_port_bind(0);
    return ending;
}

unsigned endings(uint32_t port, unsigned count, uint32_t reason, uint32_t code)
{
    unsigned fitting = 0;

    for (unsigned i = 0; i < count; i++) {
        struct ending ending = ending_wait(port);
        if (!ending.came)
            break;
        fitting += ending.reason == reason && (reason == IRIS_EXIT_RETURN || ending.code == code);
    }
    return fitting;
}

/* ---- Clients ---- */

void touch_far(void *page)
{
    sum = *(volatile uint32_t *)(FAR + (uint32_t)page * PAGE);
    __atomic_fetch_add(&touched, 1, __ATOMIC_RELAXED);
}

void touch_all(void *pages)
{
    uint32_t total = 0;

    for (uint32_t i = 0; i < (uint32_t)pages; i++) {
        volatile uint32_t *words = (volatile uint32_t *)(FAR + i * PAGE);
        total += words[0];
        words[1] = i * 3;
    }
    sum = total;
}

void touch_outside(void *unused)
{
    (void)unused;
    sum = *(volatile uint32_t *)OUTSIDE;
}

static const struct {
    const char *name;
    void (*run)(void);
} topics[] = {{"nested", test_nested},
              {"portals", test_portals},
              {"slow", test_slow},
              {"bad", test_bad},
              {"storm", test_storm}};

/* Pages of the handle table stay: all that are needed are made now. */
static void warm_up(void)
{
    static uint32_t slots[TABLE_SLOTS];

    iris_resident(0);
    for (unsigned i = 0; i < TABLE_SLOTS; i++)
        slots[i] = kit_slot();
    for (unsigned i = 0; i < TABLE_SLOTS; i++)
        iris_slot_free(slots[i]);
}

int main(int argc, char *argv[])
{
    test_begin("t_pager");
    warm_up();
    TEST_CHECK(memory_allocate_at(IRIS_SLOT_MEMORY, FAR, FAR_PAGES * PAGE, MEMORY_WRITE) == 0 &&
                   victim_begin(),
               "memory to be paged, and a victim that works meanwhile");
    for (uint32_t i = 0; i < FAR_PAGES; i++)
        *(volatile uint32_t *)(FAR + i * PAGE) = i + 1;
    for (unsigned i = 0; i < sizeof topics / sizeof *topics; i++)
        if (argc < 2 || strcmp(argv[1], topics[i].name) == 0) {
            uint32_t left = kit_pages_left();
            topics[i].run();
            TEST_EQUAL(kit_pages_left(), left, "all kernel pages are back");
            kit_audit("after that");
        }
    victim_end();
    memory_release(IRIS_SLOT_MEMORY, FAR, FAR_PAGES * PAGE);
    return test_end();
}
