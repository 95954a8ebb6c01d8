/* SPDX-License-Identifier: MIT */
/*
 * random: gathers what nobody can know, and makes random numbers of it. After the start it measures
 * when its own short sleeps end: the timer's interrupt and the counter it is read by are driven by
 * clocks of their own. Once that is enough it sleeps like any server.
 */
#include <errno.h>
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/datapage.h>
#include <iris/vdso.h>

#include "numbers.h"
#include "pool.h"
#include "random.h" /* generated from random.idl */
#include "resident.h"
#include "server.h"
#include "service.h"

#define SLEEP_NS 250000u   /* between two samples */
#define SAMPLES_MOST 4096u /* of clocks without any jitter no number is enough */
#define PROCESSOR_WORDS 16
#define PROCESSOR_BITS 128u /* half a seed: the processor alone is not believed */

static struct pool pool;
static struct random_state state;

/* A caller that waits for enough to be gathered. */
struct waiter {
    struct waiter *next;
    struct iris_buffer_ref data;
    device_answer *answer;
};
static struct waiter *waiters;

/* ---- Sources ---- */

static uint64_t counter(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* CPUID leaf 1, ECX bit 30 (SDM 2A, CPUID). */
static bool processor_has_generator(void)
{
    uint32_t eax = 1, ebx, ecx = 0, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return ecx & 1u << 30;
}

/* RDRAND may fail for a while (SDM 1 7.3.17.1): ten tries are what Intel recommends. */
static bool processor_word(uint32_t *word)
{
    uint8_t valid = 0;

    for (int tries = 0; tries < 10 && !valid; tries++)
        __asm__ volatile(".byte 0x0f, 0xc7, 0xf0\n\tsetc %1" : "=a"(*word), "=qm"(valid) : : "cc");
    return valid;
}

static void ask_processor(void)
{
    uint32_t words[PROCESSOR_WORDS];

    state.processor = processor_has_generator();
    for (int i = 0; state.processor && i < PROCESSOR_WORDS; i++)
        state.processor = processor_word(&words[i]);
    if (!state.processor)
        return;
    state.bits += PROCESSOR_BITS;
    pool_add(&pool, words, sizeof words, PROCESSOR_BITS);
}

/* What differs from one start to the next; worth nothing to who was there. */
static void add_circumstances(void)
{
    uint64_t now[] = {iris_clock_realtime(), counter()};

    pool_add(&pool, now, sizeof now, 0);
}

static void take_sample(void)
{
    state.samples++;
    state.bits += pool_add_time(&pool, counter());
}

static bool gathers(void) { return !pool.seeded && state.samples < SAMPLES_MOST; }

/* ---- Giving ---- */

static int fill(struct iris_buffer_ref data, uint32_t *count)
{
    uint8_t bytes[RANDOM_READ_MAX];
    uint32_t size = data.length < sizeof bytes ? data.length : sizeof bytes;

    pool_take(&pool, bytes, size);
    int status = iris_buffer_write(data, 0, bytes, size);
    *count = status < 0 ? 0 : (uint32_t)status;
    return status < 0 ? status : 0;
}

static int wait_for_seed(struct iris_request *rq, struct iris_buffer_ref data,
                         device_answer *answer)
{
    struct waiter *waiter = malloc(sizeof *waiter);

    if (waiter == NULL)
        return -ENOMEM;
    int reply = iris_request_keep(rq);
    if (reply < 0) {
        free(waiter);
        return reply;
    }
    *waiter = (struct waiter){
        .next = waiters, .data = iris_buffer_kept(data, (uint32_t)reply), .answer = answer};
    waiters = waiter;
    return IRIS_DEFER;
}

/* It is decided: there is a seed, or there never will be. */
static void answer_waiters(void)
{
    while (waiters != NULL) {
        struct waiter *waiter = waiters;
        uint32_t count = 0;
        int status = pool.seeded ? fill(waiter->data, &count) : -EIO;
        waiters = waiter->next;
        waiter->answer(waiter->data.reply, status, count);
        free(waiter);
    }
}

int random_give(struct iris_request *rq, uint32_t flags, struct iris_buffer_ref data,
                uint32_t *count, device_answer *answer)
{
    uint64_t now = counter(); /* when somebody asks is not ours to know; it counts for nothing */

    pool_add(&pool, &now, sizeof now, 0);
    if (pool.seeded || (flags & RANDOM_EVEN_UNSEEDED))
        return fill(data, count);
    if (!gathers())
        return -EIO;
    return flags & RANDOM_NO_WAIT ? -EAGAIN : wait_for_seed(rq, data, answer);
}

void random_mix(const void *data, uint32_t size) { pool_add(&pool, data, size, 0); }

static int read_bytes(void *context, struct iris_request *rq, uint32_t flags,
                      struct iris_buffer_ref data, uint32_t *count)
{
    (void)context;
    if (flags & ~(RANDOM_NO_WAIT | RANDOM_EVEN_UNSEEDED))
        return -EINVAL;
    return random_give(rq, flags, data, count, random_read_reply);
}

static int stir(void *context, struct iris_request *rq, const void *data, uint32_t data_size)
{
    (void)context;
    (void)rq;
    pool_add(&pool, data, data_size, 0);
    return 0;
}

static int tell_state(void *context, struct iris_request *rq, struct random_state *told)
{
    (void)context;
    (void)rq;
    state.seeded = pool.seeded;
    state.reseedings = pool.reseedings;
    *told = state;
    return 0;
}

static const struct random_server operations = {
    .read = read_bytes, .stir = stir, .state = tell_state};
static const struct iris_service services[] = {RANDOM_SERVICE(&operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    return badge == SERVER_BADGE_PUBLIC || device_locate(badge, target) ? 0 : -ENOENT;
}

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_DISCONNECT)
        device_closed(rq->message.badge);
    return 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .locate = locate, .event = event};

/* ---- The loop ---- */

/* Answers, if there is something to answer, and waits for what comes next. */
static int next(struct iris_message *m, bool answer)
{
    iris_utcb()->deadline = gathers() ? iris_clock_monotonic() + SLEEP_NS : IRIS_DEADLINE_NONE;
    if (!answer)
        *m = (struct iris_message){.tag = IRIS_TAG_NO_REPLY};
    m->tag |= IRIS_TAG_DEADLINE;
    return iris_ipc_reply_and_wait(m);
}

static int run(void)
{
    struct iris_request rq;
    bool answer = false;
    int status = iris_server_begin(&server);

    while (status == 0) {
        status = next(&rq.message, answer);
        answer = status == 0 && iris_server_serve(&server, &rq);
        if (status == -ETIMEDOUT) {
            take_sample();
            status = 0;
        }
        if (!gathers())
            answer_waiters();
    }
    return status;
}

#define HEAP_BYTES 8192u /* for open files and waiting callers */

int main(void)
{
    iris_resident(HEAP_BYTES);
    int status = device_begin();
    if (status < 0)
        return -status;
    pool_begin(&pool);
    add_circumstances();
    ask_processor();
    return -run();
}
