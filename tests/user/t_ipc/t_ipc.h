/* SPDX-License-Identifier: MIT */
#ifndef T_IPC_H
#define T_IPC_H

#include "kit.h"

/* What the server of this test does, by label. */
enum {
    LABEL_ECHO = 1, /* complements all words */
    LABEL_KEEP,     /* the same, but keeps its caller and answers through the REPLY handle */
    LABEL_TAKE,     /* a send: only notes it down */
    LABEL_GIVE,     /* answers with the handles in service->give */
    LABEL_STOP,     /* the last message */
};

struct service {
    struct rig rig;
    struct bare thread;
    uint32_t keep_slot;
    /* Notes of the server about the last message. */
    volatile uint32_t served, sends, wrong;
    uint32_t tag, received, badge;
    uint32_t give_count;
    struct iris_send_handle give[IRIS_HANDLES_MAX];
};

/* Starts a server thread in the own space, with the badge in its client's portal. */
bool service_start(struct service *service, uint32_t badge, uint32_t utcb_slot);
void service_stop(struct service *service);
/* The server's loop: for a thread in another space, `port` there. */
void service_loop(struct service *service, uint32_t port, uint32_t keep_slot);

void test_words(unsigned rounds);  /* rows 5, 6, 10 */
void test_spaces(unsigned rounds); /* the same, into and out of another space */
void test_handles(void);           /* handles in messages */
void test_copy(void);              /* row 7: buffers */
void test_kept(void);              /* callers answered out of order */
void test_deadlines(void);         /* attack 16 */
void test_notifications(void);     /* row 36 */
void test_activations(void);       /* row 38 */
void test_deadlock(void);          /* attack 17 */
void test_depth(void);             /* 31 calls deep */

#endif
