/* SPDX-License-Identifier: MIT */
/* Rows 5, 6 and 10: messages of every length there and back, nothing lost or changed. */
#include "t_ipc.h"

#define MASK 0xffffffffu
#define UTCB_SERVER (BARE_UTCB_FIRST + 1)
#define BADGE 0xb0000001u

/* One call of each length; how many words came back wrong, or calls failed. */
static unsigned call_all(uint32_t portal, uint32_t label, uint32_t seed)
{
    struct iris_message m;
    unsigned wrong = 0;

    for (unsigned words = 0; words <= IRIS_WORDS_MAX; words++) {
        message_fill(&m, label, words, seed + words);
        if (iris_ipc_call(portal, &m) < 0 || iris_tag_label(m.tag) != 0)
            wrong++;
        else
            wrong += message_wrong(&m, words, seed + words, MASK);
    }
    return wrong;
}

static unsigned send_all(uint32_t portal, uint32_t seed)
{
    struct iris_message m;
    unsigned wrong = 0;

    for (unsigned words = 0; words <= IRIS_WORDS_MAX; words++) {
        message_fill(&m, LABEL_TAKE, words, seed + words);
        wrong += iris_ipc_send(portal, &m) < 0;
    }
    return wrong;
}

/* Words beyond the count stay the receiver's own. */
static void check_no_leak(const struct service *service)
{
    struct iris_message m;
    struct iris_utcb *server = service->thread.block.utcb;

    server->words[10] = 0x11111111;
    message_fill(&m, LABEL_ECHO, IRIS_WORDS_MAX, 1);
    message_set(&m, 10, 0x22222222);
    m.tag = IRIS_TAG(LABEL_ECHO, 10);
    TEST_EQUAL(iris_ipc_call(service->rig.client, &m), 0, "a call with 10 words");
    TEST_EQUAL(server->words[10], 0x11111111, "does not copy the eleventh");
}

static void check_bad_tags(uint32_t portal)
{
    static const uint32_t bad[] = {
        IRIS_TAG_FULL(LABEL_ECHO, 65, 0, 0),      IRIS_TAG_FULL(LABEL_ECHO, 127, 0, 0),
        IRIS_TAG_FULL(LABEL_ECHO, 0, 5, 0),       IRIS_TAG_FULL(LABEL_ECHO, 0, 7, 0),
        IRIS_TAG_FULL(LABEL_ECHO, 0, 0, 5),       IRIS_TAG_FULL(LABEL_ECHO, 0, 0, 7),
        IRIS_TAG(LABEL_ECHO, 0) | IRIS_TAG_ERROR,
    };

    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct iris_message m = {.tag = bad[i]};
        TEST_EQUAL(iris_ipc_call(portal, &m), -EINVAL, "tag 0x%08x is refused", (unsigned)bad[i]);
    }
}

void test_words(unsigned rounds)
{
    static struct service service;
    unsigned wrong_calls = 0, wrong_kept = 0, wrong_sends = 0;

    if (!TEST_CHECK(service_start(&service, BADGE, UTCB_SERVER), "a server in the own space"))
        return;
    for (unsigned i = 0; i < rounds; i++) {
        wrong_calls += call_all(service.rig.client, LABEL_ECHO, i * 65);
        wrong_kept += call_all(service.rig.client, LABEL_KEEP, i * 65);
        wrong_sends += send_all(service.rig.client, i * 65);
    }
    TEST_EQUAL(wrong_calls, 0, "%u calls of each of 65 lengths", rounds);
    TEST_EQUAL(wrong_kept, 0, "the same, kept and answered by handle");
    TEST_EQUAL(wrong_sends, 0, "the same, sent without reply");
    struct iris_message m = {.tag = IRIS_TAG(LABEL_ECHO, 0)};
    iris_ipc_call(service.rig.client, &m); /* the last send has been taken for sure */
    TEST_EQUAL(service.sends, rounds * 65, "all of which arrived");
    TEST_EQUAL(service.wrong, 0, "with the right words");
    TEST_EQUAL(service.badge, BADGE, "the server saw the portal's badge");
    check_no_leak(&service);
    check_bad_tags(service.rig.client);
    service_stop(&service);
}
