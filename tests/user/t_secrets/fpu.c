/* SPDX-License-Identifier: MIT */
/*
 * Attack 27: x87 (and so MMX) and SSE registers across IPC and thread reuse. Everybody keeps what
 * is his own; nobody finds a word of another's. This file uses the registers by hand: C here is
 * compiled without floating point.
 */
#include <string.h>

#include <iris/datapage.h>

#include "t_secrets.h"

#define SERVER UTCB_FIRST
#define CONTROL_DEFAULT 0x037fu
#define CONTROL_OTHER 0x0f7fu /* rounds towards zero */
#define MXCSR_DEFAULT 0x1f80u
#define MXCSR_OTHER 0x7f80u
#define SECRET_MAIN 0xc0ffee00u /* the low byte counts registers */
#define SECRET_TWIN 0xdecade00u
#define SECRET_DEAD 0xdeadfa00u
enum { TWIN_PORT = 20 };
enum { LABEL_LOOK = 1, LABEL_FILL, LABEL_KEEPS, LABEL_STOP };

/* ---- The registers ---- */

struct extended {
    uint32_t low, high;
    uint16_t exponent;
} __attribute__((packed));

static bool has_fxsr(void) { return iris_features() & IRIS_FEATURE_FXSR; }
static bool has_sse(void) { return iris_features() & IRIS_FEATURE_SSE; }

static struct extended value(uint32_t secret, unsigned i)
{
    return (struct extended){secret + i, 0x80000000u | (secret + i), (uint16_t)(0x3fff + i)};
}

static void xmm_load(const uint32_t *words)
{
    __asm__ volatile("movups (%0), %%xmm0\n\tmovups 16(%0), %%xmm1\n\t"
                     "movups 32(%0), %%xmm2\n\tmovups 48(%0), %%xmm3\n\t"
                     "movups 64(%0), %%xmm4\n\tmovups 80(%0), %%xmm5\n\t"
                     "movups 96(%0), %%xmm6\n\tmovups 112(%0), %%xmm7" ::"r"(words)
                     : "memory");
}

static void xmm_store(uint32_t *words)
{
    __asm__ volatile("movups %%xmm0, (%0)\n\tmovups %%xmm1, 16(%0)\n\t"
                     "movups %%xmm2, 32(%0)\n\tmovups %%xmm3, 48(%0)\n\t"
                     "movups %%xmm4, 64(%0)\n\tmovups %%xmm5, 80(%0)\n\t"
                     "movups %%xmm6, 96(%0)\n\tmovups %%xmm7, 112(%0)" ::"r"(words)
                     : "memory");
}

/* Puts the secret into all registers. */
static void fill(uint32_t secret)
{
    uint16_t control = CONTROL_OTHER;
    uint32_t words[32], mxcsr = MXCSR_OTHER;

    __asm__ volatile("fninit\n\tfldcw %0" ::"m"(control));
    for (unsigned i = 0; i < 8; i++) {
        struct extended e = value(secret, i);
        __asm__ volatile("fldt %0" ::"m"(e));
    }
    if (!has_sse())
        return;
    for (unsigned i = 0; i < 32; i++)
        words[i] = secret + 100 + i;
    xmm_load(words);
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
}

/* How many registers are not as fill() left them. Leaves them so. */
static unsigned lost(uint32_t secret)
{
    uint16_t control = 0;
    uint32_t words[32], mxcsr = 0;
    unsigned wrong = 0;

    __asm__ volatile("fnstcw %0" : "=m"(control));
    wrong += control != CONTROL_OTHER;
    for (unsigned i = 8; i-- > 0;) {
        struct extended e, expected = value(secret, i);
        __asm__ volatile("fstpt %0" : "=m"(e));
        wrong += memcmp(&e, &expected, sizeof e) != 0;
    }
    if (has_sse()) {
        xmm_store(words);
        __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
        wrong += mxcsr != MXCSR_OTHER;
        for (unsigned i = 0; i < 32; i++)
            wrong += words[i] != secret + 100 + i;
    }
    fill(secret);
    return wrong;
}

/* All state as the processor tells it, and what is odd about it. */
static struct image {
    uint8_t bytes[512] __attribute__((aligned(16)));
} image;

static void look(void)
{
    memset(&image, 0, sizeof image);
    if (has_fxsr())
        __asm__ volatile("fxsave %0" : "=m"(image));
    else
        __asm__ volatile("fnsave %0\n\tfwait" : "=m"(image));
}

/* Words at any byte offset that are one of the secrets. */
static unsigned found(uint32_t secret)
{
    unsigned count = 0;

    for (unsigned i = 0; i + 4 <= sizeof image; i++) {
        uint32_t word;
        memcpy(&word, image.bytes + i, 4);
        count += (word & 0xffffff00) == secret || (word & 0xffffff00) == (secret | 0x80000000u);
    }
    return count;
}

static bool is_clean(void)
{
    uint16_t control, mxcsr;

    memcpy(&control, image.bytes, 2);
    memcpy(&mxcsr, image.bytes + 24, 2);
    return control == CONTROL_DEFAULT && (!has_sse() || mxcsr == MXCSR_DEFAULT);
}

/* ---- A server in another space, which has secrets of its own ---- */

static struct twin twin;
static struct rig rig;
static volatile uint32_t server_lost;

static void serve(void *unused)
{
    struct iris_message m;
    bool last = false;

    (void)unused;
    int error = iris_port_bind(TWIN_PORT);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0 && !last) {
        uint32_t label = iris_tag_label(m.tag);
        last = label == LABEL_STOP;
        if (label == LABEL_LOOK)
            look();
        if (label == LABEL_FILL)
            fill(SECRET_TWIN);
        if (label == LABEL_KEEPS)
            server_lost += lost(SECRET_TWIN);
        m.tag = IRIS_TAG(0, iris_tag_words(m.tag));
        if (last) {
            iris_utcb()->deadline = IRIS_DEADLINE_POLL;
            m.tag |= IRIS_TAG_DEADLINE;
        }
        error = iris_ipc_reply_and_wait(&m);
    }
}

static int call(uint32_t label, unsigned words)
{
    struct iris_message m = {.tag = IRIS_TAG(label, words)};
    return iris_ipc_call(rig.client, &m);
}

static void check_server(unsigned rounds)
{
    unsigned main_lost, errors;

    /* Nothing between fill() and lost() but calls: the C library may use the registers itself. */
    fill(SECRET_MAIN);
    errors = call(LABEL_LOOK, 3) != 0;
    main_lost = lost(SECRET_MAIN);
    TEST_EQUAL(errors, 0, "with secrets in all registers, a call");
    TEST_EQUAL(found(SECRET_MAIN), 0, "the server finds none of them");
    TEST_CHECK(is_clean(), "its control words are the default");
    TEST_EQUAL(main_lost, 0, "the caller still has all");
    TEST_EQUAL(call(LABEL_FILL, 0), 0, "the server has secrets of its own now");
    look();
    TEST_EQUAL(found(SECRET_TWIN), 0, "the caller finds none of them");
    fill(SECRET_MAIN);
    for (unsigned i = 0; i < rounds; i++) {
        errors += call(LABEL_KEEPS, i % 65) != 0;
        main_lost += lost(SECRET_MAIN);
        if (i % 3 == 0)
            iris_thread_switch(0);
    }
    TEST_EQUAL(errors, 0, "%u calls, both use their registers each time", rounds);
    TEST_EQUAL(main_lost, 0, "the caller loses none");
    TEST_EQUAL(server_lost, 0, "the server neither");
    TEST_EQUAL(call(LABEL_LOOK, 64), 0, "it looks at all its state");
    TEST_CHECK(found(SECRET_MAIN) == 0 && found(SECRET_TWIN) > 8, "which is its own (%u)",
               found(SECRET_TWIN));
    call(LABEL_STOP, 0);
}

/* ---- Thread reuse ---- */

static void die_with_secrets(void *unused)
{
    (void)unused;
    fill(SECRET_DEAD);
}

static void look_around(void *unused)
{
    (void)unused;
    look();
}

static void check_reuse(void)
{
    unsigned leaks = 0, unclean = 0, ends = 0;

    fill(SECRET_MAIN); /* this thread's are there to be found, too */
    for (unsigned i = 0; i < 8; i++) {
        struct twin_end end = twin_run(&twin, die_with_secrets, NULL);
        ends += !end.hung && end.reason == IRIS_EXIT_RETURN;
        end = twin_run(&twin, look_around, NULL);
        ends += !end.hung && end.reason == IRIS_EXIT_RETURN;
        leaks += found(SECRET_DEAD) + found(SECRET_TWIN) + found(SECRET_MAIN);
        unclean += !is_clean();
    }
    TEST_EQUAL(ends, 16, "threads that end with secrets, and as many after them");
    TEST_EQUAL(leaks, 0, "which find none");
    TEST_EQUAL(unclean, 0, "and the default control words");
}

void test_fpu(unsigned rounds)
{
    server_lost = 0;
    bool ready = twin_make(&twin, true) && rig_make(&rig, 1, 0) &&
                 twin_give(&twin, rig.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
                 twin_start(&twin, 0, serve, NULL) == 0 &&
                 kit_wait_state(twin.space, 0, IRIS_THREAD_WAITING);
    if (!TEST_CHECK(ready, "a server in another space; FXSAVE %u, SSE %u", has_fxsr(), has_sse()))
        return;
    check_server(rounds);
    struct twin_end end = twin_wait(&twin);
    TEST_CHECK(!end.hung, "the server ends");
    bare_end(&twin.threads[0]);
    check_reuse();
    __asm__ volatile("fninit");
    twin_free(&twin);
    rig_free(&rig);
}
