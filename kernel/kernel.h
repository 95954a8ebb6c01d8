/* SPDX-License-Identifier: MIT */
/* What every file of the kernel uses: basic types, lists, assertions. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IRIS_KERNEL 1
#include <iris/calls.h>
#include <iris/error.h>
#include <iris/events.h>
#include <iris/layout.h>
#include <iris/object.h>

#define PAGE_SIZE IRIS_PAGE_SIZE
#define PAGE_SHIFT IRIS_PAGE_SHIFT

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
#define countof(array) (sizeof(array) / sizeof((array)[0]))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

/* ---- panic.c ---- */

_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef DEBUG
#define assert(condition)                                                                          \
    ((condition) ? (void)0 : panic("%s:%u: assertion failed: %s", __FILE__, __LINE__, #condition))
#else
#define assert(condition) ((void)sizeof(condition))
#endif

/* ---- klog.c: format like printf, with %s %u %x %%, numbers also with width ---- */

void klog_print(void (*put)(char), const char *format, ...) __attribute__((format(printf, 2, 3)));
void klog_put(char c);
#define klog(...) klog_print(klog_put, __VA_ARGS__)

/* ---- Doubly linked lists; an unlinked node points at itself ---- */

struct list {
    struct list *next, *prev;
};

#define LIST_INIT(name)                                                                            \
    {                                                                                              \
        &(name), &(name)                                                                           \
    }

static inline void list_init(struct list *list) { list->next = list->prev = list; }
static inline bool list_empty(const struct list *list) { return list->next == list; }

/* Before `at`: at the list's end when `at` is its head. */
static inline void list_insert(struct list *at, struct list *node)
{
    node->next = at;
    node->prev = at->prev;
    at->prev->next = node;
    at->prev = node;
}

static inline void list_remove(struct list *node)
{
    node->next->prev = node->prev;
    node->prev->next = node->next;
    list_init(node);
}

/* Moves all nodes of `from` to the end of `to`, in O(1). */
static inline void list_splice(struct list *to, struct list *from)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    from->prev->next = to;
    to->prev->next = from->next;
    to->prev = from->prev;
    list_init(from);
}

#define list_first(head, type, member) container_of((head)->next, type, member)
#define list_for_each(node, head)                                                                  \
    for (struct list *node = (head)->next; node != (head); node = node->next)

/* ---- Provided by the architecture's library part ---- */

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *string);

#endif
