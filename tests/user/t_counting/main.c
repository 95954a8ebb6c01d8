/* SPDX-License-Identifier: MIT */
/*
 * Row 27's program: it counts. Two threads exchange numbered messages through a port; both keep a
 * checksum, in memory of the heap, and a sum in the FPU. It knows nothing of checkpoints, but its
 * calls are idempotent: one that is cancelled is called again.
 */
#include <iris/summary.h>

#include <stdlib.h>

#include "kit.h"

IRIS_SUMMARY("test: counts with two threads that exchange messages: [EXCHANGES]");

enum { LABEL_COUNT = 1, LABEL_END };

struct book {
    uint32_t checksum, count, repeated;
    uint32_t ring[1024]; /* the last values */
};

static struct rig rig;
static struct book *sent, *received;
static uint32_t exchanges;
static volatile uint32_t canceled;

static void enter(struct book *book, uint32_t value)
{
    book->ring[book->count % 1024] = value;
    book->checksum = (book->checksum ^ value) * 2654435761u + book->ring[(book->count + 7) % 1024];
    book->count++;
}

static uint32_t value_of(uint32_t number) { return number * 2246822519u + 3266489917u; }

static int call(struct iris_message *m, uint32_t label, uint32_t number, uint32_t value)
{
    int error;

    do {
        *m = (struct iris_message){.tag = IRIS_TAG(label, 5), .word = {number, value, ~value}};
        iris_utcb()->words[3] = number ^ value;
        iris_utcb()->words[4] = value + 1;
        error = iris_ipc_call(rig.client, m);
        canceled += error == -ECANCELED;
    } while (error == -ECANCELED);
    return error;
}

static int client(void *unused)
{
    struct iris_message m;
    double sum = 0;

    (void)unused;
    for (uint32_t i = 0; i < exchanges; i++) {
        if (call(&m, LABEL_COUNT, i, value_of(i)) < 0 || m.word[0] != (value_of(i) ^ 0xffff))
            return 1;
        enter(sent, value_of(i));
        sum += i;
    }
    if (sum != (double)exchanges * (exchanges - 1.0) / 2)
        return 2;
    return call(&m, LABEL_END, exchanges, 0) < 0 ? 3 : 0;
}

/* A number that was there already is answered again, but counts once. */
static void serve(void)
{
    struct iris_message m = {.tag = IRIS_TAG_NO_REPLY};
    bool ended = false;

    iris_port_bind(rig.port);
    while (iris_ipc_reply_and_wait(&m) == 0 && !ended) {
        uint32_t number = m.word[0], value = m.word[1];
        const uint32_t *words = iris_utcb()->words;
        bool whole = m.word[2] == ~value && words[3] == (number ^ value) && words[4] == value + 1;
        ended = iris_tag_label(m.tag) == LABEL_END;
        if (!ended && whole && number == received->count)
            enter(received, value);
        else if (!ended)
            received->repeated += !whole || number + 1 != received->count ? 1000000 : 1;
        m = (struct iris_message){.tag = IRIS_TAG(0, 1), .word = {value ^ 0xffff}};
        if (ended) {
            iris_utcb()->deadline = IRIS_DEADLINE_POLL;
            m.tag |= IRIS_TAG_DEADLINE;
        }
    }
}

int main(int argc, char *argv[])
{
    struct iris_thread thread;
    struct book expected = {0};
    int result = -1;

    test_begin("t_counting");
    exchanges = kit_rounds(argc, argv, 100000);
    sent = calloc(1, sizeof *sent);
    received = calloc(1, sizeof *received);
    TEST_CHECK(sent && received && rig_make(&rig, 0x77, 0), "a port, and books on the heap");
    TEST_EQUAL(iris_thread_launch(&thread, client, NULL, NULL), 0, "a second thread");
    serve();
    TEST_EQUAL(iris_thread_join(&thread, &result), 0, "it has ended");
    TEST_EQUAL(result, 0, "with all answers right");
    for (uint32_t i = 0; i < exchanges; i++)
        enter(&expected, value_of(i));
    TEST_EQUAL(sent->count, exchanges, "so many exchanges");
    TEST_EQUAL(received->count, exchanges, "arrived, each once");
    TEST_EQUAL(sent->checksum, expected.checksum, "the client's checksum");
    TEST_EQUAL(received->checksum, expected.checksum, "the server's checksum");
    TEST_CHECK(received->repeated <= canceled, "no call was repeated but cancelled ones");
    test_metric("cancelled", canceled, "calls", "exchanges=%u", (unsigned)exchanges);
    return test_end();
}
