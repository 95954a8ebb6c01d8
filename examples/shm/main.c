/* SPDX-License-Identifier: MIT */
/*
 * Two processes and one page: a memory object is mapped here, its handle given to a child as file
 * descriptor 3, and mapped there too. What they exchange is a counter under a lock that lies in the
 * page itself.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/spawn.h>
#include <iris/summary.h>
#include <iris/sync.h>

#include "memory.h"
#include "process.h"
#include "slots.h"

IRIS_SUMMARY("count together with a child, in shared memory");

#define DESCRIPTOR 3
#define TIMES 1000u

struct shared {
    struct iris_mutex lock;
    uint32_t counter;
};

/* The object's only page, as both see it; NULL: it cannot be mapped. */
static struct shared *map(uint32_t object)
{
    uint32_t address;
    int error = memory_map(IRIS_SLOT_MEMORY, object, 0, 0, IRIS_PAGE_SIZE, MEMORY_WRITE, &address);
    return error == 0 ? (struct shared *)address : NULL;
}

/* Not atomic on purpose: without the lock, counts are lost. */
static void count(struct shared *shared)
{
    for (uint32_t i = 0; i < TIMES; i++) {
        iris_mutex_lock(&shared->lock);
        uint32_t value = *(volatile uint32_t *)&shared->counter;
        if (i % 64 == 0)
            iris_thread_switch(0); /* in the worst moment */
        shared->counter = value + 1;
        iris_mutex_unlock(&shared->lock);
    }
}

static int start_child(uint32_t object, uint32_t *pid)
{
    static const char strings[] = "shm\0child";
    struct start_terms terms = {.flags = 0};
    uint32_t child;
    int error = process_spawn(IRIS_SLOT_PROCESS, "bin/shm", pid, &child);

    if (error == 0)
        error = process_control_give(child, DESCRIPTOR, object);
    if (error == 0)
        error = process_control_start(child, 2, 0, strings, sizeof strings, &terms);
    if (error == 0)
        iris_handle_discard(child);
    return error;
}

static int parent(void)
{
    uint32_t object, pid;
    int status = 0, error = memory_object_create(IRIS_SLOT_MEMORY, IRIS_PAGE_SIZE, &object);
    struct shared *shared = error == 0 ? map(object) : NULL;

    if (shared == NULL || start_child(object, &pid) != 0)
        return 1;
    count(shared);
    waitpid((pid_t)pid, &status, 0);
    printf("counted to %u of %u\n", (unsigned)shared->counter, 2 * TIMES);
    return status == 0 && shared->counter == 2 * TIMES ? 0 : 1;
}

static int child(void)
{
    int object = iris_file_handle(DESCRIPTOR);
    struct shared *shared = object < 0 ? NULL : map((uint32_t)object);

    if (shared == NULL)
        return 1;
    count(shared);
    return 0;
}

int main(int argc, char *argv[])
{
    return argc > 1 && strcmp(argv[1], "child") == 0 ? child() : parent();
}
