/* SPDX-License-Identifier: MIT */
/* select_attach: files that become ready, in the loop that takes messages. */
#include <stdint.h>
#include <unistd.h>

#include "t_qnx_dispatch.h"

static dispatch_t *dpp;
static char got[16];
static unsigned calls, seen_flags;
static bool detaches;

static int ready(select_context_t *ctp, int fd, unsigned flags, void *handle)
{
    ssize_t count = read(fd, got, sizeof got - 1);

    (void)ctp;
    got[count > 0 ? count : 0] = '\0';
    seen_flags = flags;
    calls += *(unsigned *)handle;
    if (detaches)
        select_detach(dpp, fd);
    return 0;
}

static int writable(select_context_t *ctp, int fd, unsigned flags, void *handle)
{
    (void)ctp, (void)fd, (void)handle;
    seen_flags = flags;
    calls++;
    return 0;
}

/* What comes within a little while: how many were handled. */
static int dispatch(dispatch_context_t *ctp, int wanted)
{
    struct timespec patience = {.tv_sec = wanted > 0 ? KIT_PATIENCE / 1000 : 0,
                                .tv_nsec = wanted > 0 ? 0 : 5000000};
    int count = 0;

    dispatch_timeout(dpp, &patience);
    while (count < (wanted > 0 ? wanted : 1) && dispatch_block(ctp) != NULL) {
        dispatch_handler(ctp);
        count++;
    }
    return count;
}

static void check_reading(dispatch_context_t *ctp, int out, int in)
{
    unsigned weight = 1, heavier = 10;

    TEST_EQUAL(select_attach(dpp, NULL, in, SELECT_FLAG_READ | SELECT_FLAG_REARM, ready, &weight),
               0, "a file that is read");
    TEST_EQUAL(dispatch(ctp, 0), 0, "nothing is there");
    int coid = message_connect(dpp, 0);
    MsgSendPulse(coid, 10, INT8_MIN, 0); /* the code that the library has chosen */
    TEST_EQUAL(dispatch(ctp, 1), 1, "a pulse as if something were there");
    TEST_EQUAL(calls, 0, "deceives nobody");
    ConnectDetach(coid);
    TEST_EQUAL(write(out, "one", 3), 3, "something comes");
    TEST_EQUAL(dispatch(ctp, 1), 1, "and is dispatched");
    TEST_CHECK(calls == 1 && strcmp(got, "one") == 0, "to its function");
    TEST_EQUAL(seen_flags, SELECT_FLAG_READ, "which is told what for");
    write(out, "two", 3);
    dispatch(ctp, 1);
    TEST_CHECK(calls == 2 && strcmp(got, "two") == 0, "again, as it is rearmed");
    TEST_EQUAL(select_attach(dpp, NULL, in, SELECT_FLAG_READ, ready, &heavier), 0, "attached anew");
    write(out, "three", 5);
    dispatch(ctp, 1);
    TEST_EQUAL(calls, 12, "another handle, once");
    write(out, "four", 4);
    TEST_EQUAL(dispatch(ctp, 0), 0, "and not again");
    TEST_EQUAL(select_detach(dpp, in), 0, "detached");
    TEST_FAILS(select_detach(dpp, in), EINVAL, "once");
    read(in, got, sizeof got);
    detaches = true;
    select_attach(dpp, NULL, in, SELECT_FLAG_READ | SELECT_FLAG_REARM, ready, &weight);
    write(out, "five", 4);
    TEST_EQUAL(dispatch(ctp, 1), 1, "a function that detaches its own file");
    write(out, "six", 3);
    TEST_EQUAL(dispatch(ctp, 0), 0, "gets no more");
    detaches = false;
}

void check_select(void)
{
    int ends[2];

    dpp = dispatch_create();
    dispatch_context_t *ctp = dispatch_context_alloc(dpp);
    TEST_EQUAL(pipe(ends), 0, "a pipe");
    TEST_FAILS(select_attach(dpp, NULL, 99, SELECT_FLAG_READ, ready, NULL), EBADF, "no such file");
    TEST_FAILS(select_attach(dpp, NULL, ends[0], 0, ready, NULL), EINVAL, "ready for nothing");
    TEST_FAILS(select_attach(dpp, NULL, ends[0], 0x80, ready, NULL), EINVAL, "a flag that is none");
    TEST_FAILS(select_attach(dpp, NULL, ends[0], SELECT_FLAG_READ, NULL, NULL), EINVAL,
               "no function");
    check_reading(ctp, ends[1], ends[0]);
    calls = 0;
    select_attach(dpp, NULL, ends[1], SELECT_FLAG_WRITE, writable, NULL);
    TEST_CHECK(dispatch(ctp, 1) == 1 && calls == 1 && seen_flags == SELECT_FLAG_WRITE,
               "a file that can be written");
    select_attach(dpp, NULL, ends[0], SELECT_FLAG_READ | SELECT_FLAG_REARM, ready, &calls);
    dispatch_context_free(ctp);
    TEST_EQUAL(dispatch_destroy(dpp), 0, "a dispatch ends with files attached");
    close(ends[0]);
    close(ends[1]);
}
