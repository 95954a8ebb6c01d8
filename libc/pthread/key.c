/* SPDX-License-Identifier: MIT */
/*
 * Thread-specific data. A value belongs to a key only while both are of the same generation, so a
 * key that is made again starts with NULL in every thread.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include "pthread_private.h"

struct thread_value {
    uint32_t generation;
    const void *value;
};

static struct {
    uint32_t generation; /* odd: in use */
    void (*destructor)(void *);
} keys[PTHREAD_KEYS_MAX];

static struct iris_mutex lock; /* of `keys` */

static bool is_live(pthread_key_t key)
{
    return key < PTHREAD_KEYS_MAX && keys[key].generation & 1;
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    unsigned i = 0;

    iris_mutex_lock(&lock);
    while (i < PTHREAD_KEYS_MAX && is_live(i))
        i++;
    if (i < PTHREAD_KEYS_MAX) {
        keys[i].generation++;
        keys[i].destructor = destructor;
        *key = i;
    }
    iris_mutex_unlock(&lock);
    return i < PTHREAD_KEYS_MAX ? 0 : EAGAIN;
}

int pthread_key_delete(pthread_key_t key)
{
    iris_mutex_lock(&lock);
    bool live = is_live(key);
    if (live)
        keys[key].generation++;
    iris_mutex_unlock(&lock);
    return live ? 0 : EINVAL;
}

void *pthread_getspecific(pthread_key_t key)
{
    const struct thread *self = thread_record(thread_block());

    if (self == NULL || self->values == NULL || !is_live(key) ||
        self->values[key].generation != keys[key].generation)
        return NULL;
    return (void *)self->values[key].value;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    struct thread *self = thread_self();

    if (!is_live(key))
        return EINVAL;
    if (self != NULL && self->values == NULL)
        self->values = calloc(PTHREAD_KEYS_MAX, sizeof *self->values);
    if (self == NULL || self->values == NULL)
        return ENOMEM;
    self->values[key] = (struct thread_value){keys[key].generation, value};
    return 0;
}

/* False: the value had no destructor to call. */
static bool end_value(struct thread *self, pthread_key_t key)
{
    iris_mutex_lock(&lock);
    void (*destructor)(void *) = is_live(key) ? keys[key].destructor : NULL;
    uint32_t generation = keys[key].generation;
    iris_mutex_unlock(&lock);
    struct thread_value *place = &self->values[key];
    void *value = (void *)place->value;
    bool valid = place->generation == generation;

    place->value = NULL;
    if (destructor == NULL || value == NULL || !valid)
        return false;
    destructor(value);
    return true;
}

void thread_end_values(struct thread *self)
{
    bool called = self->values != NULL;

    for (int round = 0; called && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
        called = false;
        for (pthread_key_t key = 0; key < PTHREAD_KEYS_MAX; key++)
            if (self->values[key].value != NULL)
                called |= end_value(self, key);
    }
    free(self->values);
    self->values = NULL;
}
