/* SPDX-License-Identifier: MIT */
/* The memory server's interfaces, and page faults. */
#include <iris/ipc.h>

#include "mem.h"
#include "memory.h" /* generated from memory.idl */
#include "server.h"
#include "stub.h"

IRIS_ASSERT_TOGETHER(MEMORY_INTERFACE, MEMORY_CONTROL_INTERFACE);

static uint32_t pages_of(uint32_t bytes) { return bytes / PAGE + (bytes % PAGE != 0); }

/* ---- memory: what a program asks for itself ---- */

static int allocate(void *context, struct iris_request *rq, uint32_t size, uint32_t flags,
                    uint32_t *address)
{
    uint32_t page;

    (void)rq;
    if (size == 0 || (flags & ~MEMORY_WRITE) != 0)
        return -EINVAL;
    int status = client_allocate(context, pages_of(size), (flags & MEMORY_WRITE) != 0, &page);
    *address = status == 0 ? page * PAGE : 0;
    return status;
}

static int release(void *context, struct iris_request *rq, uint32_t address, uint32_t size)
{
    (void)rq;
    if (address % PAGE != 0 || size == 0 || size > IRIS_WINDOW || address > IRIS_WINDOW - size)
        return -EINVAL;
    return client_release(context, address / PAGE, pages_of(size));
}

static void fill_usage(const struct client *client, struct memory_usage *usage)
{
    *usage = (struct memory_usage){.resident_pages = client->resident,
                                   .quota_pages = client->quota,
                                   .region_pages = client->promised,
                                   .faults = client->faults,
                                   .record_pages = client->records.pages};
}

static int usage(void *context, struct iris_request *rq, struct memory_usage *usage)
{
    (void)rq;
    fill_usage(context, usage);
    return 0;
}

static int summary(void *context, struct iris_request *rq, struct memory_summary *summary)
{
    struct frame_counts counts = frames_count();

    (void)context;
    (void)rq;
    *summary = (struct memory_summary){.total_pages = counts.total,
                                       .free_pages = counts.free,
                                       .zeroed_pages = counts.zeroed,
                                       .clients = clients_count};
    return 0;
}

/* ---- memory_control: what builders of address spaces ask for ---- */

static int control_create(void *context, struct iris_request *rq, uint32_t quota, uint32_t *number,
                          struct iris_handle_out *pager)
{
    struct client *client;

    (void)context;
    (void)rq;
    int status = client_create(quota, &client);
    if (status < 0)
        return status;
    status = iris_portal_give(client->portal, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, pager);
    if (status < 0)
        client_destroy(client);
    else
        *number = client->number;
    return status;
}

static int control_attach(void *context, struct iris_request *rq, uint32_t number, uint32_t space)
{
    struct client *client = client_find(number);

    (void)context;
    int status = client != NULL ? client_attach(client, space) : -ENOENT;
    if (status == 0)
        iris_request_claim(rq, space);
    return status;
}

static bool region_makes_sense(uint32_t address, uint32_t size, uint32_t flags, uint32_t offset,
                               uint32_t file_size)
{
    return address % PAGE == 0 && address != 0 && size != 0 && size <= IRIS_WINDOW &&
           address <= IRIS_WINDOW - size &&
           (flags & ~(MEMORY_WRITE | MEMORY_CONTROL_POPULATE)) == 0 && offset % PAGE == 0 &&
           file_size <= size && offset <= archive.size && file_size <= archive.size - offset;
}

/* Gives all pages of a region at once. */
static int populate(struct client *client, const struct region *region)
{
    int status = 0;

    for (uint32_t i = 0; i < region->pages && status == 0; i++)
        status = client_give(client, region->page + i, region->writable);
    return status;
}

static int control_add_region(void *context, struct iris_request *rq, uint32_t number,
                              uint32_t address, uint32_t size, uint32_t flags, uint32_t offset,
                              uint32_t file_size)
{
    struct client *client = client_find(number);

    (void)context;
    (void)rq;
    if (client == NULL)
        return -ENOENT;
    if (!region_makes_sense(address, size, flags, offset, file_size))
        return -EINVAL;
    const struct region region = {.page = address / PAGE,
                                  .pages = pages_of(size),
                                  .writable = (flags & MEMORY_WRITE) != 0,
                                  .archive_offset = offset,
                                  .file_size = file_size};
    int status = client_add_region(client, &region);
    if (status == 0 && (flags & MEMORY_CONTROL_POPULATE))
        status = populate(client, &region);
    return status;
}

static uint32_t rest_of_page(uint32_t address, uint32_t length)
{
    uint32_t rest = PAGE - address % PAGE;
    return rest < length ? rest : length;
}

/* Copies a part of a buffer into one page of a client. */
static int write_page(struct client *client, uint32_t address, struct iris_buffer_ref data,
                      uint32_t offset, uint32_t length)
{
    int status = client_give(client, address / PAGE, true);
    if (status < 0)
        return status;
    uint8_t *window = window_open(client_frame(client, address / PAGE), true);
    if (window == NULL)
        return -ENOMEM;
    status = iris_buffer_read(data, offset, window + address % PAGE, length);
    window_close();
    return status;
}

static int control_write(void *context, struct iris_request *rq, uint32_t number, uint32_t address,
                         struct iris_buffer_ref data)
{
    struct client *client = client_find(number);
    uint32_t done = 0;

    (void)context;
    (void)rq;
    if (client == NULL)
        return -ENOENT;
    while (done < data.length) {
        uint32_t part = rest_of_page(address + done, data.length - done);
        int status = write_page(client, address + done, data, done, part);
        if (status < 0)
            return status;
        done += part;
    }
    return 0;
}

/* Copies a part of one page of a client into a buffer; 0: the client does not have that page. */
static int read_page(struct client *client, uint32_t address, struct iris_buffer_ref data,
                     uint32_t offset, uint32_t length)
{
    uint32_t frame = client_frame(client, address / PAGE);
    const uint8_t *window = frame != 0 ? window_open(frame, false) : NULL;

    if (window == NULL)
        return 0;
    int status = iris_buffer_write(data, offset, window + address % PAGE, length);
    window_close();
    return status;
}

static int control_read(void *context, struct iris_request *rq, uint32_t number, uint32_t address,
                        struct iris_buffer_ref data, uint32_t *count)
{
    struct client *client = client_find(number);

    (void)context;
    (void)rq;
    if (client == NULL)
        return -ENOENT;
    for (*count = 0; *count < data.length;) {
        uint32_t part = rest_of_page(address + *count, data.length - *count);
        int status = read_page(client, address + *count, data, *count, part);
        if (status < 0)
            return status;
        if (status == 0)
            break;
        *count += part;
    }
    return 0;
}

static int control_usage(void *context, struct iris_request *rq, uint32_t number,
                         struct memory_usage *usage)
{
    const struct client *client = client_find(number);

    (void)context;
    (void)rq;
    if (client == NULL)
        return -ENOENT;
    fill_usage(client, usage);
    return 0;
}

static int control_destroy(void *context, struct iris_request *rq, uint32_t number)
{
    struct client *client = client_find(number);

    (void)context;
    (void)rq;
    if (client == NULL)
        return -ENOENT;
    client_destroy(client);
    return 0;
}

/* ---- Page faults ---- */

/* The badge is the client; words: address, instruction, IRIS_FAULT_* flags. */
static int fault(void *context, struct iris_request *rq)
{
    const struct iris_message *m = &rq->message;

    (void)context;
    if (iris_tag_label(m->tag) != IRIS_FAULT_PAGE)
        return -EINVAL;
    struct client *client = client_find(m->badge);
    if (client == NULL)
        return -ENOENT;
    client->faults++;
    if (m->word[2] & IRIS_FAULT_PRESENT)
        return -EFAULT; /* mapped as the client wanted it: read-only, or protected by itself */
    return client_give(client, m->word[0] / PAGE, (m->word[2] & IRIS_FAULT_WRITE) != 0);
}

/* ---- The server ---- */

static const struct memory_server memory_operations = {
    .allocate = allocate, .release = release, .usage = usage, .summary = summary};
static const struct memory_control_server control_operations = {.client_create = control_create,
                                                                .client_attach = control_attach,
                                                                .region_add = control_add_region,
                                                                .client_write = control_write,
                                                                .client_read = control_read,
                                                                .client_usage = control_usage,
                                                                .client_destroy = control_destroy};

static const struct iris_service client_services[] = {MEMORY_SERVICE(&memory_operations)};
static const struct iris_service control_services[] = {MEMORY_CONTROL_SERVICE(&control_operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    if (badge == MEM_BADGE_CONTROL) {
        *target = (struct iris_target){.services = control_services, .count = 1};
        return 0;
    }
    *target = (struct iris_target){
        .services = client_services, .count = 1, .context = client_find(badge)};
    return target->context != NULL ? 0 : -ENOENT;
}

static const struct iris_server server = {.port = MEM_SLOT_PORT, .locate = locate, .event = fault};

int main(void)
{
    int status = frames_start();
    return status < 0 ? -status : -iris_server_run(&server);
}
