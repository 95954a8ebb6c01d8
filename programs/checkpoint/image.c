/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint.h"

#define MAGIC 0x6b636863u /* "chck" */
#define HEAD 12u          /* magic, size, checksum */

/* FNV-1a, 32 bits. */
static uint32_t checksum(const uint8_t *data, uint32_t size)
{
    uint32_t hash = 2166136261u;

    for (uint32_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 16777619u;
    return hash;
}

static bool grow(struct image *image, uint32_t size)
{
    uint32_t room = image->room ? image->room : 65536;

    while (room - image->size < size && room < 1u << 30)
        room *= 2;
    uint8_t *data = room == image->room ? image->data : realloc(image->data, room);
    if (data == NULL || room - image->size < size) {
        image->bad = true;
        return false;
    }
    image->data = data;
    image->room = room;
    return true;
}

void image_put(struct image *image, const void *data, uint32_t size)
{
    static const uint8_t head[HEAD];

    if (image->size == 0 && grow(image, HEAD)) {
        memcpy(image->data, head, HEAD);
        image->size = HEAD;
    }
    if (image->bad || !grow(image, size))
        return;
    memcpy(image->data + image->size, data, size);
    image->size += size;
}

void image_put_word(struct image *image, uint32_t word) { image_put(image, &word, sizeof word); }

void image_take(struct image *image, void *data, uint32_t size)
{
    memset(data, 0, size);
    if (image->bad || size > image->size - image->at) {
        image->bad = true;
        return;
    }
    memcpy(data, image->data + image->at, size);
    image->at += size;
}

uint32_t image_take_word(struct image *image)
{
    uint32_t word;
    image_take(image, &word, sizeof word);
    return word;
}

void image_seal(struct image *image)
{
    uint32_t head[3] = {MAGIC, image->size, checksum(image->data + HEAD, image->size - HEAD)};
    memcpy(image->data, head, HEAD);
}

bool image_unseal(struct image *image)
{
    uint32_t head[3];

    image->at = 0;
    image->bad = false;
    image_take(image, head, HEAD);
    return !image->bad && head[0] == MAGIC && head[1] == image->size &&
           head[2] == checksum(image->data + HEAD, image->size - HEAD);
}

void image_free(struct image *image)
{
    free(image->data);
    *image = (struct image){0};
}

const char *image_write(const struct image *image, const char *path)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL)
        return strerror(errno);
    bool whole = fwrite(image->data, 1, image->size, file) == image->size;
    if (fclose(file) == 0 && whole)
        return NULL;
    const char *problem = strerror(errno);
    unlink(path);
    return problem;
}

/* What is in it is checked when it is unsealed. */
const char *image_read(struct image *image, const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return strerror(errno);
    while (grow(image, 1)) {
        size_t count = fread(image->data + image->size, 1, image->room - image->size, file);
        image->size += count;
        if (count == 0)
            break;
    }
    const char *problem = ferror(file) ? strerror(errno) : image->bad ? "too large" : NULL;
    fclose(file);
    return problem;
}
