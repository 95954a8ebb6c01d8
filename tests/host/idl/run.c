/* SPDX-License-Identifier: MIT */
/*
 * Generated stubs and dispatchers on the host, under sanitizers.
 *     run checks    the round trips of tests/user/idl_types, and errors a kernel would give
 *     run serve     requests from standard input to the dispatcher, answers to standard output
 *     run answers   answers from standard input to the client's stubs, results to standard output
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "echo.h"
#include "fake_kernel.h"
#include "stub.h"
#include "test.h"
#include "types.h"

static struct echo echo = {.entered = fake_entered, .port = FAKE_PORTAL};
static const struct iris_server server = {
    .port = 1, .services = echo_services, .count = 2, .context = &echo};

/* ---- checks ---- */

static void check_missing_pages(void)
{
    uint8_t data[100];
    uint32_t total = 0, count = 0;

    memset(data, 1, sizeof data);
    fake_lose_pages(1);
    TEST_CHECK(types_sum(FAKE_PORTAL, data, 100, &total) == 0 && total == 100,
               "a missing page of an in buffer is brought in");
    fake_lose_pages(1);
    TEST_CHECK(types_fill(FAKE_PORTAL, 5, data, 100, &count) == 0 && count == 100 &&
                   data[99] == 104,
               "of an out buffer too, found by the probe");
    fake_lose_pages(2);
    TEST_EQUAL(types_sum(FAKE_PORTAL, data, 100, &total), -EFAULT, "one that stays away is told");
    fake_lose_pages(0);
}

static void later_reply(void)
{
    types_later_reply(echo.reply, 0, echo.later_value + 1, "later");
    echo.reply = 0;
}

static void answer_later(void) { fake_as_server(later_reply); }

static void check_later(void)
{
    uint32_t back = 0;
    char text[TYPES_TEXT + 1];

    fake_later = answer_later;
    TEST_CHECK(types_later(FAKE_PORTAL, 41, &back, text) == 0 && back == 42 &&
                   strcmp(text, "later") == 0,
               "an answer given later");
    fake_later = NULL;
}

static void check_dying_client(void)
{
    unsigned handles = fake_handles(), slots = iris_slots_used();
    uint32_t first, second, number;

    fake_client_dies(true);
    TEST_EQUAL(types_pair(FAKE_PORTAL, "x", &first, &number, &second), -ECANCELED,
               "a client dies before its answer, with handles to be moved to it");
    fake_client_dies(false);
    TEST_EQUAL(fake_handles(), handles, "the server has closed them");
    TEST_EQUAL(iris_slots_used(), slots, "and has its slots back");
}

static int run_checks(void)
{
    unsigned handles = fake_handles();

    test_begin("idl_host");
    check_types(FAKE_PORTAL);
    check_buffers(FAKE_PORTAL);
    check_handles(FAKE_PORTAL, FAKE_PORTAL);
    check_missing_pages();
    check_later();
    check_dying_client();
    TEST_EQUAL(fake_handles(), handles, "no handle is left over");
    return test_end();
}

/* ---- serve: requests in, answers out ---- */

struct request_record {
    uint32_t tag, handles, words[64];
};

struct answer_record {
    uint32_t answered, tag, words[64];
};

/* What leaves the server: counted words only. */
static void serve_one(const struct request_record *in, uint32_t garbage, struct answer_record *out)
{
    struct iris_request rq = {.message = {.tag = in->tag, .badge = 7}};

    memset(out, 0, sizeof *out);
    out->answered = fake_serve(&rq, in->words, in->handles, garbage);
    if (!out->answered)
        return;
    out->tag = rq.message.tag;
    uint32_t count = iris_tag_words(out->tag);
    for (uint32_t i = 0; i < count && i < 64; i++)
        out->words[i] = i < 3 ? rq.message.word[i] : fake_server_words()[i];
}

static void forget(void)
{
    if (echo.kept != 0)
        iris_handle_discard(echo.kept);
    if (echo.reply != 0)
        iris_handle_discard(echo.reply);
    echo = (struct echo){.entered = fake_entered, .port = FAKE_PORTAL};
}

static int run_serve(void)
{
    struct request_record in;
    unsigned handles = fake_handles(), slots = iris_slots_used();

    while (fread(&in, sizeof in, 1, stdin) == 1) {
        struct answer_record out, other;
        serve_one(&in, 0, &out);
        forget();
        serve_one(&in, 0xa5a5a5a5, &other);
        forget();
        if (memcmp(&out, &other, sizeof out) != 0)
            out.answered = 2; /* it read what was not sent */
        if (fake_handles() != handles || iris_slots_used() != slots)
            out.answered = 3; /* it lost handles or slots */
        fwrite(&out, sizeof out, 1, stdout);
        fflush(stdout);
    }
    return 0;
}

/* ---- answers: answers in, the stub's results out ---- */

struct forced_record {
    uint32_t method, handles, tag, words[64];
};

static int call_stub(uint32_t method)
{
    uint8_t byte, data[TYPES_BIG];
    int16_t small;
    uint64_t wide;
    bool flag;
    enum colour tint;
    enum sparse far;
    char text[TYPES_TEXT + 1];
    struct everything all = {0};
    uint32_t words[64] = {0}, number, size, handle = 99, other = 99;
    int status;

    switch (method) {
    case TYPES_LABEL_ECHO_U8:
        return types_echo_u8(FAKE_PORTAL, 1, &byte);
    case TYPES_LABEL_ECHO_I16:
        return types_echo_i16(FAKE_PORTAL, 1, &small);
    case TYPES_LABEL_ECHO_U64:
        return types_echo_u64(FAKE_PORTAL, 1, &wide);
    case TYPES_LABEL_ECHO_BOOL:
        return types_echo_bool(FAKE_PORTAL, 1, &flag);
    case TYPES_LABEL_ECHO_COLOUR:
        return types_echo_colour(FAKE_PORTAL, COLOUR_RED, &tint);
    case TYPES_LABEL_ECHO_SPARSE:
        return types_echo_sparse(FAKE_PORTAL, SPARSE_FAR, &far);
    case TYPES_LABEL_ECHO_STRUCT:
        return types_echo_struct(FAKE_PORTAL, &all, &all);
    case TYPES_LABEL_ECHO_WORDS:
        return types_echo_words(FAKE_PORTAL, words, words);
    case TYPES_LABEL_ECHO_STRING:
        return types_echo_string(FAKE_PORTAL, "", text);
    case TYPES_LABEL_ECHO_BYTES:
        return types_echo_bytes(FAKE_PORTAL, "", 0, data, &size);
    case TYPES_LABEL_KEEP_IT:
        return types_keep_it(FAKE_PORTAL, FAKE_PORTAL);
    case TYPES_LABEL_PAIR:
        status = types_pair(FAKE_PORTAL, "", &handle, &number, &other);
        break;
    case TYPES_LABEL_GIVE_BACK:
        status = types_give_back(FAKE_PORTAL, &handle);
        break;
    default:
        return -ENOSYS;
    }
    if (status < 0 && handle != 0)
        return -999; /* a handle that is none */
    iris_handle_discard(handle);
    iris_handle_discard(method == TYPES_LABEL_PAIR ? other : 0);
    return status;
}

static int run_answers(void)
{
    struct forced_record in;

    for (unsigned i = 0; i < IRIS_HANDLES_MAX; i++) /* as a thread has that is a server too */
        iris_utcb()->receive_slots[i] = (uint32_t)iris_slot_alloc();
    unsigned handles = fake_handles(), slots = iris_slots_used();

    while (fread(&in, sizeof in, 1, stdin) == 1) {
        fake_answer(&in.tag, in.handles);
        int32_t status = call_stub(in.method);
        if (fake_handles() != handles || iris_slots_used() != slots)
            status = -1000; /* handles or slots were lost */
        fwrite(&status, sizeof status, 1, stdout);
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    fake_start(&server);
    if (strcmp(what, "checks") == 0)
        return run_checks();
    if (strcmp(what, "serve") == 0)
        return run_serve();
    if (strcmp(what, "answers") == 0)
        return run_answers();
    fprintf(stderr, "usage: run checks|serve|answers\n");
    return 2;
}
