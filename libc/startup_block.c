/* SPDX-License-Identifier: MIT */
/*
 * The top of a new program's stack, from the top down: thread block, thread-local storage, strings,
 * start block. All is laid out by address in the new space; `put` translates into the buffer.
 */
#include <errno.h>
#include <string.h>

#include <iris/startup_block.h>

struct layout {
    uint8_t *buffer;
    uint32_t low, top; /* addresses of the buffer's first byte and of its end */
    uint32_t at;       /* lowest address used so far */
};

/* Reserves `size` bytes below what is used, aligned; 0 if they do not fit. */
static uint32_t reserve(struct layout *layout, uint32_t size, uint32_t align)
{
    if (size > layout->at - layout->low)
        return 0;
    uint32_t address = (layout->at - size) & -align;
    if (address < layout->low)
        return 0;
    layout->at = address;
    return address;
}

static void *put(const struct layout *layout, uint32_t address)
{
    return layout->buffer + (address - layout->low);
}

/* Copies a string below what is used; *address is 0 if there is none. Returns 0 if it does not fit.
 */
static int put_string(struct layout *layout, const char *text, uint32_t *address)
{
    *address = 0;
    if (text == NULL)
        return 1;
    uint32_t size = (uint32_t)strlen(text) + 1;
    *address = reserve(layout, size, 1);
    if (*address == 0)
        return 0;
    memcpy(put(layout, *address), text, size);
    return 1;
}

static int strings_complete(const struct startup_request *request)
{
    if (request->argc > request->strings_size || request->envc > request->strings_size)
        return 0; /* so that the sum cannot overflow */
    uint32_t wanted = request->argc + request->envc, found = 0;
    for (uint32_t i = 0; i < request->strings_size && found < wanted; i++)
        if (request->strings[i] == '\0')
            found++;
    return found == wanted;
}

/* Writes `count` addresses of consecutive strings and a zero word. Returns the string after. */
static const char *put_vector(uint32_t **word, uint32_t count, const char *text, uint32_t delta)
{
    for (uint32_t i = 0; i < count; i++) {
        *(*word)++ = (uint32_t)(uintptr_t)text + delta;
        text += strlen(text) + 1;
    }
    *(*word)++ = 0;
    return text;
}

static uint32_t put_thread_block(struct layout *layout, const struct startup_request *request,
                                 uint32_t *room)
{
    uint32_t align = IRIS_THREAD_BLOCK_ALIGN;
    if (request->tls_align > align)
        align = request->tls_align;
    *room = IRIS_TLS_ROOM(request->tls_size, request->tls_align);
    uint32_t block = reserve(layout, sizeof(struct iris_thread_block), align);
    if (block == 0 || *room < request->tls_size || (*room > 0 && reserve(layout, *room, 1) == 0))
        return 0;
    memcpy(put(layout, block), &request->utcb, sizeof request->utcb);
    return block;
}

/* The list of descriptors; *address is 0 if there is none to tell. Returns 0 if it does not fit. */
static int put_files(struct layout *layout, const struct startup_request *request,
                     uint32_t *address)
{
    uint32_t size = request->files_count * (uint32_t)sizeof *request->files;
    *address = 0;
    if (!request->tells_files)
        return 1;
    if (size > layout->at - layout->low)
        return 0;
    *address = reserve(layout, (uint32_t)sizeof(struct iris_files) + size, 4);
    if (*address == 0)
        return 0;
    struct iris_files *files = put(layout, *address);
    files->count = request->files_count;
    if (size > 0)
        memcpy(files->file, request->files, size);
    return 1;
}

int startup_build(void *buffer, uint32_t size, uint32_t top, const struct startup_request *request,
                  struct startup_result *result)
{
    struct layout layout = {.buffer = buffer, .low = top - size, .top = top, .at = top};
    uint32_t room, path, cwd, files;
    if (!strings_complete(request) || (request->tls_align & (request->tls_align - 1)) != 0)
        return -EINVAL;
    memset(buffer, 0, size);
    result->thread_pointer = put_thread_block(&layout, request, &room);
    if (result->thread_pointer == 0 || !put_string(&layout, request->path, &path) ||
        !put_string(&layout, request->cwd, &cwd) || !put_files(&layout, request, &files))
        return -E2BIG;
    uint32_t strings = reserve(&layout, request->strings_size, 1);
    if (strings == 0)
        return -E2BIG;
    memcpy(put(&layout, strings), request->strings, request->strings_size);

    const struct iris_auxv_entry auxiliary[] = {
        {IRIS_AT_PHDR, request->headers},
        {IRIS_AT_PHENT, 32},
        {request->headers != 0 ? IRIS_AT_PHNUM : IRIS_AT_IGNORE, request->headers_count},
        {IRIS_AT_PAGESZ, 4096},
        {IRIS_AT_ENTRY, request->entry},
        {IRIS_AT_SYSINFO_EHDR, request->vdso},
        {IRIS_AT_UTCB, request->utcb},
        {IRIS_AT_PID, request->pid},
        {IRIS_AT_STACK, request->stack_low},
        {IRIS_AT_TLS, room},
        {path != 0 ? IRIS_AT_EXECFN : IRIS_AT_IGNORE, path},
        {cwd != 0 ? IRIS_AT_CWD : IRIS_AT_IGNORE, cwd},
        {files != 0 ? IRIS_AT_FILES : IRIS_AT_IGNORE, files},
        {IRIS_AT_BLOCKED, (uint32_t)request->blocked},
        {IRIS_AT_BLOCKED_HIGH, (uint32_t)(request->blocked >> 32)},
        {IRIS_AT_IGNORED, (uint32_t)request->ignored},
        {IRIS_AT_IGNORED_HIGH, (uint32_t)(request->ignored >> 32)},
        {request->tells_umask ? IRIS_AT_UMASK : IRIS_AT_IGNORE, request->umask},
        {IRIS_AT_NULL, 0},
    };
    uint32_t words = 1 + request->argc + 1 + request->envc + 1;
    uint32_t start = 0;
    if (words < size / 4)
        start = reserve(&layout, words * 4 + sizeof auxiliary, 16);
    if (start == 0)
        return -E2BIG;
    uint32_t *word = put(&layout, start);
    const char *text = put(&layout, strings);
    uint32_t delta = strings - (uint32_t)(uintptr_t)text;
    *word++ = request->argc;
    text = put_vector(&word, request->argc, text, delta);
    put_vector(&word, request->envc, text, delta);
    memcpy(word, auxiliary, sizeof auxiliary);
    if (request->headers == 0)
        word[0] = IRIS_AT_IGNORE;
    result->stack_pointer = start;
    result->used = top - start;
    return 0;
}
