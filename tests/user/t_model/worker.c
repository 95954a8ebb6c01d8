/* SPDX-License-Identifier: MIT */
/* What a worker does, in whichever space. Nothing of the library's here: that is one space's. */
#include "model.h"

#define PAST 1ull /* a nanosecond after boot */
#define FAR_AWAY (~0ull >> 8)

/* ---- Arguments ---- */

static uint32_t slot_of(uint8_t argument)
{
    if (argument == ARG_ZERO)
        return 0;
    return argument >= SLOTS ? SLOT_OUT_OF_RANGE : (uint32_t)SLOT_BASE + argument;
}

static uint32_t rights_of(uint8_t byte) { return (byte & 0x7fu) | (byte & 0x80u ? IRIS_MOVE : 0); }

/* ---- Messages ---- */

static uint32_t pattern(uint32_t seed, uint32_t index)
{
    return (seed * 64 + index + 1) * 2654435761u; /* Knuth 6.4 */
}

uint32_t sum_words(uint32_t sum, const uint32_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        sum = (sum ^ words[i]) * 16777619u; /* FNV-1a, by words */
    return sum;
}

static uint32_t deadline_fill(struct iris_utcb *utcb, unsigned kind)
{
    static const uint64_t deadlines[] = {IRIS_DEADLINE_NONE, IRIS_DEADLINE_POLL, PAST, FAR_AWAY};

    utcb->deadline = deadlines[kind];
    return kind == DEADLINE_NONE ? 0 : IRIS_TAG_DEADLINE;
}

static void buffers_fill(struct worker *worker, struct iris_utcb *utcb)
{
    static const uint8_t access[IRIS_BUFFERS_MAX] = {IRIS_BUFFER_READ | IRIS_BUFFER_WRITE,
                                                     IRIS_BUFFER_READ, IRIS_BUFFER_WRITE, 0};

    for (unsigned i = 0; i < IRIS_BUFFERS_MAX; i++)
        utcb->buffers[i] = (struct iris_buffer){(uint32_t)&worker->pool[i * 16], 16, access[i]};
}

static void receive_fill(struct iris_utcb *utcb, uint8_t receive)
{
    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++)
        utcb->receive_slots[i] =
            receive >> (4 + i) & 1 ? (uint32_t)SLOT_BASE + ((receive & 15u) + i) % SLOTS : 0;
}

/* The whole message of an operation; a mere wait has only deadline and receive slots. */
static void message_fill_op(struct worker *worker, struct iris_utcb *utcb, struct iris_message *m)
{
    const struct operation *op = &worker->op;
    unsigned handles = op->shape & 7, buffers = op->shape >> 5;

    m->tag = IRIS_TAG_FULL(op->seed | 0x100u, op->words & 0x7fu, handles, buffers);
    for (unsigned i = 0; i < 3; i++)
        m->word[i] = pattern(op->seed, i);
    for (unsigned i = 3; i < op->words && i < IRIS_WORDS_MAX; i++)
        utcb->words[i] = pattern(op->seed, i);
    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++)
        utcb->handles[i] =
            (struct iris_send_handle){slot_of(op->value[i]), rights_of(op->rights[i])};
    buffers_fill(worker, utcb);
}

static void message(struct worker *worker, struct iris_utcb *utcb, uint32_t operation,
                    uint32_t flags)
{
    struct iris_message m = {0};
    struct outcome *out = &worker->out;

    if (!(flags & IRIS_TAG_NO_REPLY) || operation != IRIS_IPC_WAIT)
        message_fill_op(worker, utcb, &m);
    receive_fill(utcb, worker->op.receive);
    m.tag |= flags | deadline_fill(utcb, worker->op.shape >> 3 & 3);
    utcb->received = 0;
    iris_ipc_raw(operation, &m);
    unsigned words = m.tag & IRIS_TAG_ERROR ? 0 : iris_tag_words(m.tag);
    out->result = m.tag;
    out->badge = operation == IRIS_IPC_WAIT && !(m.tag & IRIS_TAG_ERROR) ? m.badge : 0;
    out->sum = sum_words(SUM_BASIS, m.word, words < 3 ? words : 3);
    if (words > 3)
        out->sum = sum_words(out->sum, &utcb->words[3], words - 3);
    out->received = iris_tag_handles(m.tag) && !(m.tag & IRIS_TAG_ERROR) ? utcb->received : 0;
}

/* ---- Kernel calls ---- */

/* `badge`, `sum`, `received` carry what is known of a handle; ids are translated later. */
static uint32_t identify(struct worker *worker, uint32_t slot, uint32_t port)
{
    struct iris_handle_info info = {0};
    int result = iris_handle_identify(slot, port, &info);

    worker->out.badge = info.type | info.rights << 8 | info.badge << 16;
    worker->out.sum = info.object;
    worker->out.received = info.port;
    return (uint32_t)result;
}

static uint32_t make(struct worker *worker, uint32_t slot, int result)
{
    if (result == 0)
        identify(worker, slot, 0);
    return (uint32_t)result;
}

/* Copies between its scratch memory and the caller's pool. */
static uint32_t data(struct worker *worker, const struct operation *op)
{
    uint32_t spec = (op->b & 3u) | (op->b & 4 ? IRIS_COPY_OUT : 0) |
                    (op->b & 8 ? IRIS_COPY_PROBE : 0) | (op->b & 16 ? 0x1000u : 0);

    for (unsigned i = 0; i < sizeof worker->scratch; i++)
        worker->scratch[i] = (uint8_t)(op->seed + i * 7);
    int result = iris_ipc_copy(slot_of(op->a), spec, op->value[0], worker->scratch, op->value[1]);
    worker->out.sum =
        sum_words(SUM_BASIS, (const uint32_t *)worker->scratch, sizeof worker->scratch / 4);
    return (uint32_t)result;
}

static uint32_t sweep(void)
{
    for (uint32_t slot = SLOT_BASE; slot < SLOT_BASE + SLOTS; slot++)
        iris_handle_close(slot);
    return 0;
}

static uint32_t copy(const struct operation *op)
{
    uint32_t space = op->value[0] < SPACES ? (uint32_t)SLOT_SPACE + op->value[0] : 0;

    return (uint32_t)iris_handle_copy(slot_of(op->a), space, slot_of(op->b),
                                      op->value[1] | (op->value[2] ? IRIS_MOVE : 0));
}

static uint32_t kernel_call(struct worker *worker, const struct operation *op)
{
    uint32_t a = slot_of(op->a), b = slot_of(op->b);

    switch (op->code) {
    case OP_PORT:
        return make(worker, a, iris_port_create(a));
    case OP_PORTAL:
        return make(worker, b, iris_portal_create(a, b, op->value[0], op->value[1], op->value[2]));
    case OP_CLOSE:
        return (uint32_t)iris_handle_close(a);
    case OP_COPY:
        return copy(op);
    case OP_IDENTIFY:
        return identify(worker, a, b);
    case OP_DESTROY:
        return (uint32_t)iris_object_destroy(a);
    case OP_BIND:
        return (uint32_t)iris_port_bind(a);
    case OP_KEEP:
        return (uint32_t)iris_ipc_keep(a);
    case OP_NOTIFY:
        return (uint32_t)iris_notify(a, op->value[0]);
    case OP_DATA:
        return data(worker, op);
    case OP_SCHEDULE:
        return (uint32_t)iris_thread_schedule(a, op->value[0], 0, 0, 0, 0);
    case OP_SWEEP:
        return sweep();
    default:
        return 0;
    }
}

static void perform(struct worker *worker)
{
    const struct operation *op = &worker->op;
    struct iris_utcb *utcb = iris_utcb();

    worker->out = (struct outcome){0};
    switch (op->code) {
    case OP_CALL:
    case OP_REPLY:
        message(worker, utcb, slot_of(op->a), 0);
        break;
    case OP_SEND:
        message(worker, utcb, slot_of(op->a), IRIS_TAG_NO_REPLY);
        break;
    case OP_WAIT:
        message(worker, utcb, IRIS_IPC_WAIT, IRIS_TAG_NO_REPLY);
        break;
    case OP_REPLY_WAIT:
        message(worker, utcb, IRIS_IPC_WAIT, 0);
        break;
    default:
        worker->out.result = kernel_call(worker, op);
    }
}

/* Idle, a worker is a caller that the controller keeps: so it can be idle with a caller of its own,
   and wherever it is bound. */
void worker_main(void *argument)
{
    struct worker *worker = argument;
    uint32_t control = SLOT_CONTROL + (uint32_t)(worker - workers);

    for (;;) {
        struct iris_message m = {.tag = 0};
        if (iris_ipc_call(control, &m) < 0)
            return;
        if (worker->op.code == OP_EXIT)
            return;
        perform(worker);
    }
}
