/* SPDX-License-Identifier: MIT */
/* word_wait and word_wake: see word.h. */
#include "word.h"

#include "ipc.h"
#include "point.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "time.h"

static struct {
    struct tree_node *root;
    uint32_t sequence;
} words;

/* Order in the tree: 30 bits say which word, 6 which priority, 28 who came first. */
#define ORDER_WORD 34
#define ORDER_PRIORITY 28

static uint64_t order(const struct mapping *mapping, uint32_t address)
{
    uint32_t word = (mapping->frame << PAGE_SHIFT | address % PAGE_SIZE) / sizeof(uint32_t);
    return (uint64_t)word << ORDER_WORD;
}

/* Within the word; wrong once in 2^28 times, when the sequence starts again. */
static uint64_t place(const struct thread *thread)
{
    uint64_t rank = IRIS_PRIORITIES - 1u - sched_base((struct thread *)thread)->priority;
    return rank << ORDER_PRIORITY | (words.sequence++ & ((1u << ORDER_PRIORITY) - 1));
}

static struct thread *sleeper(const struct word_node *node)
{
    return (struct thread *)((uintptr_t)node &
                             ~(uintptr_t)(PAGE_SIZE - 1)); /* all is in its page */
}

/* The value of an aligned word, and the mapping it is seen through: what the kernel itself maps, no
   user can write nor take away, so nobody waits for it. */
static int look(uint32_t address, uint32_t *value, struct mapping **mapping)
{
    if (arch_copy_in(value, address, sizeof(*value)) < 0)
        return -EFAULT;
    *mapping = map_find(space_current(), address >> PAGE_SHIFT);
    if (!*mapping)
        return -EFAULT;
    return address % sizeof(*value) ? -EINVAL : 0;
}

/* ---- Sleeping ---- */

static void word_enter(struct thread *thread, unsigned i, struct mapping *mapping, uint64_t at)
{
    struct word_node *node = &thread->words[i];

    tree_insert(&words.root, &node->tree, at);
    node->next = mapping->sleepers;
    node->link = &mapping->sleepers;
    if (node->next)
        node->next->link = &node->next;
    mapping->sleepers = node;
}

void word_leave(struct thread *thread)
{
    for (; thread->words_count > 0; thread->words_count--) {
        struct word_node *node = &thread->words[thread->words_count - 1];
        tree_remove(&words.root, &node->tree);
        *node->link = node->next;
        if (node->next)
            node->next->link = node->link;
    }
}

int sys_word_wait(uint32_t address, uint32_t count, uint32_t deadline_low, uint32_t deadline_high)
{
    struct thread *thread = thread_current();
    struct iris_word wanted[IRIS_WORDS_WAIT_MAX];
    struct mapping *mappings[IRIS_WORDS_WAIT_MAX];
    uint64_t deadline = (uint64_t)deadline_high << 32 | deadline_low;
    int error, different = -1;
    uint32_t value;

    if (count == 0 || count > IRIS_WORDS_WAIT_MAX)
        return -EINVAL;
    if (arch_copy_in(wanted, address, count * sizeof(*wanted)) < 0)
        return -EFAULT;
    for (unsigned i = 0; i < count; i++) {
        if ((error = look(wanted[i].address, &value, &mappings[i])))
            return error;
        if (different < 0 && value != wanted[i].value)
            different = (int)i;
    }
    if (different >= 0)
        return different;
    if (deadline == IRIS_DEADLINE_POLL)
        return -ETIMEDOUT;
    /* ---- point of no return ---- */
    for (unsigned i = 0; i < count; i++)
        word_enter(thread, i, mappings[i], order(mappings[i], wanted[i].address) | place(thread));
    thread->words_count = (uint8_t)count;
    thread->hot.state = IRIS_THREAD_SLEEPING;
    time_arm(thread, deadline);
    cpu.attention |= CPU_DISPATCH;
    BLOCK_POINT(SLEEP, thread);
    return SYS_ASLEEP;
}

/* ---- Waking ---- */

static void wake(struct word_node *node, int result)
{
    struct thread *thread = sleeper(node);

    ipc_fail(thread, EAGAIN);
    frame_set_result(&thread->frame, result);
}

int sys_word_wake(uint32_t address, uint32_t count)
{
    struct mapping *mapping;
    uint32_t value, woken = 0;
    int error = look(address, &value, &mapping);

    if (error)
        return error;
    uint64_t first = order(mapping, address);
    for (count = min(count, 0x7fffffffu); woken < count; woken++) {
        struct tree_node *tree = tree_find(words.root, first);
        if (!tree || tree->order >> ORDER_WORD != first >> ORDER_WORD)
            break;
        struct word_node *node = container_of(tree, struct word_node, tree);
        wake(node, node - sleeper(node)->words);
        if (PREEMPTION_POINT(WAKE))
            return (int)woken + 1;
    }
    return (int)woken;
}

void word_unmapped(struct mapping *mapping) { wake(mapping->sleepers, -EAGAIN); }

/* ---- For the audit ---- */

bool word_is_sound(const struct thread *thread)
{
    for (unsigned i = 0; i < thread->words_count; i++) {
        const struct word_node *node = &thread->words[i];
        if (*node->link != node || tree_find(words.root, node->tree.order) != &node->tree)
            return false;
    }
    return (thread->hot.state == IRIS_THREAD_SLEEPING) == (thread->words_count > 0);
}
