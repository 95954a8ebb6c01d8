/* SPDX-License-Identifier: MIT */
/* The memory server's interfaces, and page faults. */
#include <iris/ipc.h>

#include "mem.h"
#include "memory.h"        /* generated from memory.idl */
#include "memory_object.h" /* generated from memory_object.idl */
#include "server.h"
#include "stub.h"

IRIS_ASSERT_TOGETHER(MEMORY_INTERFACE, MEMORY_CONTROL_INTERFACE);

static uint32_t pages_of(uint32_t bytes) { return bytes / PAGE + (bytes % PAGE != 0); }

/* ---- memory: what a program asks for itself ---- */

static bool is_range(uint32_t address, uint32_t size)
{
    return address % PAGE == 0 && size != 0 && size <= IRIS_WINDOW && address <= IRIS_WINDOW - size;
}

static int allocate(void *context, struct iris_request *rq, uint32_t size, uint32_t flags,
                    uint32_t *address)
{
    uint32_t page = 0;

    (void)rq;
    if (size == 0 || (flags & ~MEMORY_WRITE) != 0)
        return -EINVAL;
    int status = client_allocate(context, pages_of(size), (flags & MEMORY_WRITE) != 0, &page);
    *address = status == 0 ? page * PAGE : 0;
    return status;
}

static int allocate_at(void *context, struct iris_request *rq, uint32_t address, uint32_t size,
                       uint32_t flags)
{
    uint32_t page = address / PAGE;

    (void)rq;
    if (address == 0 || !is_range(address, size) || (flags & ~MEMORY_WRITE) != 0)
        return -EINVAL;
    return client_allocate(context, pages_of(size), (flags & MEMORY_WRITE) != 0, &page);
}

static int release(void *context, struct iris_request *rq, uint32_t address, uint32_t size)
{
    (void)rq;
    if (!is_range(address, size))
        return -EINVAL;
    return client_release(context, address / PAGE, pages_of(size));
}

static int protect(void *context, struct iris_request *rq, uint32_t address, uint32_t size,
                   uint32_t flags)
{
    (void)rq;
    if (size == 0 || !is_range(address, size) || (flags & ~(MEMORY_WRITE | MEMORY_NONE)) != 0)
        return -EINVAL;
    return client_protect(context, address / PAGE, pages_of(size), (flags & MEMORY_WRITE) != 0,
                          (flags & MEMORY_NONE) != 0);
}

/* ---- Objects ---- */

static int give_object(struct memory_object *object, bool writable, struct iris_handle_out *handle)
{
    bool held = object->held[writable];
    uint32_t slot;
    int status = object_portal(object, writable, &slot);

    if (status == 0)
        status = iris_portal_give(slot, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, handle);
    if (status < 0)
        object->held[writable] = held;
    return status;
}

static int make_object(struct client *owner, const struct memory_object *wanted, bool writable,
                       struct iris_handle_out *handle)
{
    struct memory_object *object;
    int status = object_create(owner, wanted, &object);

    if (status < 0)
        return status;
    status = give_object(object, writable, handle);
    if (status < 0)
        object_destroy(object);
    return status;
}

static int create_object(void *context, struct iris_request *rq, uint32_t size,
                         struct iris_handle_out *object)
{
    (void)rq;
    if (size == 0 || size > IRIS_WINDOW)
        return -EINVAL;
    const struct memory_object wanted = {.kind = OBJECT_ANONYMOUS, .size = size};
    return make_object(context, &wanted, true, object);
}

static int map(void *context, struct iris_request *rq, uint32_t handle, uint32_t address,
               uint32_t offset, uint32_t size, uint32_t flags, uint32_t *where)
{
    const struct view_request wanted = {.page = address / PAGE,
                                        .pages = pages_of(size),
                                        .first = offset / PAGE,
                                        .writable = (flags & MEMORY_WRITE) != 0,
                                        .private = (flags & MEMORY_PRIVATE) != 0};
    bool may_write = false;
    uint32_t page;

    (void)rq;
    if (!is_range(address, size) || offset % PAGE != 0 ||
        (flags & ~(MEMORY_WRITE | MEMORY_PRIVATE)) != 0)
        return -EINVAL;
    struct memory_object *object = object_behind(handle, &may_write);
    if (object == NULL)
        return -EBADF;
    int status = view_map(context, object, may_write, &wanted, &page);
    if (status == 0)
        *where = page * PAGE;
    return status;
}

static int object_info(void *context, struct iris_request *rq, struct memory_object_info *info)
{
    const struct memory_object *object = context;
    uint32_t views = 0;

    for (const struct view *view = object->views; view != NULL; view = view->next)
        views++;
    *info =
        (struct memory_object_info){.kind = (enum memory_object_kind)object->kind,
                                    .size = object->size,
                                    .resident_pages = object->resident,
                                    .views = views,
                                    .writable = (iris_request_badge(rq) & MEM_BADGE_WRITE) != 0};
    return 0;
}

static int object_read_only(void *context, struct iris_request *rq,
                            struct iris_handle_out *readable)
{
    (void)rq;
    return give_object(context, false, readable);
}

/* ---- memory_physical, memory_archive, memory_idle ---- */

/* Who shows its own portal agrees to pay. */
static struct client *client_behind(uint32_t handle)
{
    struct iris_handle_info info;

    if (iris_handle_identify(handle, MEM_SLOT_PORT, &info) < 0 || info.type != IRIS_TYPE_PORTAL ||
        info.badge & MEM_BADGE_OBJECT)
        return NULL;
    return client_find(info.badge);
}

static int make_object_for(uint32_t payer, const struct memory_object *wanted, bool writable,
                           struct iris_handle_out *handle)
{
    struct client *owner = client_behind(payer);
    return owner != NULL ? make_object(owner, wanted, writable, handle) : -EBADF;
}

static int create_physical(void *context, struct iris_request *rq, uint32_t address, uint32_t size,
                           uint32_t flags, uint32_t payer, struct iris_handle_out *object)
{
    const struct memory_object wanted = {.kind = OBJECT_PHYSICAL,
                                         .size = size,
                                         .first = address / PAGE,
                                         .cached = (flags & MEMORY_PHYSICAL_CACHED) != 0};

    (void)context;
    (void)rq;
    if (address % PAGE != 0 || size == 0 || size > IRIS_WINDOW || address + (size - 1) < address ||
        (flags & ~MEMORY_PHYSICAL_CACHED) != 0)
        return -EINVAL;
    if (frames_are_memory(wanted.first, pages_of(size)))
        return -EPERM;
    return make_object_for(payer, &wanted, true, object);
}

static int create_archive(void *context, struct iris_request *rq, uint32_t offset, uint32_t size,
                          uint32_t payer, struct iris_handle_out *object)
{
    const struct memory_object wanted = {.kind = OBJECT_ARCHIVE, .size = size, .first = offset};

    (void)context;
    (void)rq;
    if (size == 0 || offset > archive.size || size > archive.size - offset)
        return -EINVAL;
    return make_object_for(payer, &wanted, false, object);
}

static int next(void *context, struct iris_request *rq, uint32_t *pages)
{
    (void)context;
    (void)rq;
    *pages = idle_next();
    return 0;
}

static void fill_usage(const struct client *client, struct memory_usage *usage)
{
    *usage = (struct memory_usage){.resident_pages = client->resident,
                                   .quota_pages = client->quota,
                                   .region_pages = client->promised,
                                   .faults = client->faults,
                                   .record_pages = client->records.pages,
                                   .reserved_pages = client->reserved};
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

/* Pages that are the client's alone, though it may not write to them: a program that did not come
   from the boot archive. */
static bool is_own(const struct client *client, uint32_t page)
{
    const struct region *region = client_region(client, page);
    return region != NULL && region->view == NULL && region->file_size == 0;
}

/* Copies a part of a buffer into one page of a client. */
static int write_page(struct client *client, uint32_t address, struct iris_buffer_ref data,
                      uint32_t offset, uint32_t length)
{
    int status = client_give(client, address / PAGE, !is_own(client, address / PAGE));
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
static int fault(const struct iris_message *m)
{
    struct client *client = client_find(m->badge);

    if (client == NULL)
        return -ENOENT;
    client->faults++;
    return client_fault(client, m->word[0] / PAGE, (m->word[2] & IRIS_FAULT_WRITE) != 0,
                        (m->word[2] & IRIS_FAULT_PRESENT) != 0);
}

/* The last handle of a portal is closed. Who was to end a client may have died before. */
static void disconnected(uint32_t badge)
{
    if (badge & MEM_BADGE_OBJECT) {
        object_disconnected(badge);
        return;
    }
    struct client *client = client_find(badge);
    if (client != NULL)
        client_destroy(client);
}

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_FAULT_PAGE)
        return fault(&rq->message);
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_DISCONNECT)
        disconnected(rq->message.badge);
    return -EINVAL;
}

/* ---- The server ---- */

/* So long a request is served in one go. */
#define PRESENT_PAGES_MAX 32u

static int present(void *context, struct iris_request *rq, uint32_t address, uint32_t size,
                   uint32_t flags, uint32_t *done)
{
    struct client *client = context;
    uint32_t end = address + size;

    (void)rq;
    *done = 0;
    if (flags & ~MEMORY_WRITE || end < address)
        return flags & ~MEMORY_WRITE ? -EINVAL : -EFAULT;
    for (uint32_t i = 0; i < PRESENT_PAGES_MAX && *done < size; i++) {
        int status = client_give(client, (address + *done) / PAGE, flags & MEMORY_WRITE);
        if (status < 0)
            return *done == 0 ? status : 0;
        *done = ((address + *done) | (PAGE - 1)) + 1 - address;
        if (*done > size)
            *done = size;
    }
    return 0;
}

static const struct memory_server memory_operations = {.allocate = allocate,
                                                       .release = release,
                                                       .protect = protect,
                                                       .usage = usage,
                                                       .summary = summary,
                                                       .allocate_at = allocate_at,
                                                       .object_create = create_object,
                                                       .map = map,
                                                       .present = present};
static const struct memory_object_server object_operations = {.info = object_info,
                                                              .read_only = object_read_only};
static const struct memory_physical_server physical_operations = {.object_create = create_physical};
static const struct memory_archive_server archive_operations = {.object_create = create_archive};
static const struct memory_idle_server idle_operations = {.next = next};
static const struct memory_control_server control_operations = {.client_create = control_create,
                                                                .client_attach = control_attach,
                                                                .region_add = control_add_region,
                                                                .client_write = control_write,
                                                                .client_read = control_read,
                                                                .client_usage = control_usage,
                                                                .client_destroy = control_destroy};

static const struct iris_service client_services[] = {MEMORY_SERVICE(&memory_operations)};

static const struct iris_service object_services[] = {MEMORY_OBJECT_SERVICE(&object_operations)};

/* What is not one client's or one object's. */
static const struct {
    uint32_t badge;
    struct iris_service service;
} own_services[] = {{MEM_BADGE_CONTROL, MEMORY_CONTROL_SERVICE(&control_operations)},
                    {MEM_BADGE_ARCHIVE, MEMORY_ARCHIVE_SERVICE(&archive_operations)},
                    {MEM_BADGE_PHYSICAL, MEMORY_PHYSICAL_SERVICE(&physical_operations)},
                    {MEM_BADGE_IDLE, MEMORY_IDLE_SERVICE(&idle_operations)}};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    if (badge & MEM_BADGE_OBJECT) {
        *target = (struct iris_target){
            .services = object_services, .count = 1, .context = object_of(badge)};
        return 0;
    }
    for (uint32_t i = 0; i < sizeof own_services / sizeof own_services[0]; i++)
        if (badge == own_services[i].badge) {
            *target = (struct iris_target){.services = &own_services[i].service, .count = 1};
            return 0;
        }
    *target = (struct iris_target){
        .services = client_services, .count = 1, .context = client_find(badge)};
    return target->context != NULL ? 0 : -ENOENT;
}

static const struct iris_server server = {.port = MEM_SLOT_PORT, .locate = locate, .event = event};

int main(void)
{
    int status = frames_start();

    if (status >= 0)
        status = idle_start();
    return status < 0 ? -status : -iris_server_run(&server);
}
