/* SPDX-License-Identifier: MIT */
/*
 * The interpreter of the model-based test. Six workers in three spaces each do one operation when
 * told to; then the controller, the main thread, waits until nobody can go on and writes down what
 * everybody can see: results, states, handle tables. tests/scenarios/ipc_model.py predicts all of
 * it. Operations come as text (serve) or from a generator that both sides have (run): only
 * checksums are compared then.
 */
#ifndef T_MODEL_H
#define T_MODEL_H

#include "kit.h"

enum {
    WORKERS = 6,
    SPACES = 3, /* worker w lives in space w / 2; space 0 is the program's own */
    SLOTS = 12, /* of each table, played with */
    POOL = 64,  /* bytes of each worker that its messages declare as buffers, 16 each */
    STEPS_MAX = 512,
    OPERATION_BYTES = 16,
};

/* Priorities: the quiet thread runs only when no worker can. */
enum { PRIORITY_QUIET = 4, PRIORITY_FIRST = 8, PRIORITY_CEILING = 13 };

/* The tables. Guards let space_inspect stop early: it always finds as many records as asked for. */
enum {
    SLOT_SPACE = 80,   /* + n: handles for handle_copy into space n */
    SLOT_CONTROL = 88, /* + w: worker w's portal to the controller */
    SLOT_BASE = 96,    /* + 0..11 */
    SLOT_GUARD = SLOT_BASE + SLOTS,
};

/* An argument that names a slot. */
enum { ARG_ZERO = 12, ARG_RANGE = 13 };
#define SLOT_OUT_OF_RANGE 0x12345u

enum code {
    OP_NONE, /* a new worker says that it is there */
    OP_PORT,
    OP_PORTAL,
    OP_CLOSE,
    OP_COPY,
    OP_IDENTIFY,
    OP_DESTROY,
    OP_BIND,
    OP_CALL,
    OP_SEND,
    OP_WAIT,
    OP_REPLY_WAIT,
    OP_KEEP,
    OP_REPLY,
    OP_NOTIFY,
    OP_DATA, /* ipc_copy */
    OP_SCHEDULE,
    OP_EXIT,
    OP_SWEEP, /* between scripts: closes all slots */
    /* done by the controller */
    OP_KILL,
    OP_SPAWN,
    OP_GIVE, /* a handle of the worker to a space */
    OP_CODES,
};

enum deadline { DEADLINE_NONE, DEADLINE_POLL, DEADLINE_PAST, DEADLINE_FAR };

/* As ipc_script.py packs it. */
struct operation {
    uint8_t code, worker, a, b;
    uint8_t words;
    uint8_t shape;     /* handles, deadline << 3, buffers << 5 */
    uint8_t receive;   /* low: first receive slot; high: which of the four are set */
    uint8_t seed;      /* of words and label */
    uint8_t value[4];  /* message: the handles; else arguments */
    uint8_t rights[4]; /* of the handles; bit 7: move */
};
_Static_assert(sizeof(struct operation) == OPERATION_BYTES, "as it travels");

/* What an operation gave; kernel calls use `result`, messages `tag`. */
struct outcome {
    uint32_t result, badge, sum, received;
};

struct worker {
    struct bare thread;
    struct operation op;
    struct outcome out;
    uint8_t pool[POOL] __attribute__((aligned(POOL)));
    uint8_t scratch[32];
    uint32_t reply; /* slot where the controller keeps it while it is idle */
    bool alive, idle;
    struct iris_thread_info info;
};

extern struct worker workers[WORKERS];
extern uint32_t spaces[SPACES]; /* slots; 0: the own */

/* ---- worker.c: runs in all spaces, without library ---- */

void worker_main(void *worker);
uint32_t sum_words(uint32_t sum, const uint32_t *words, unsigned count);
#define SUM_BASIS 2166136261u

/* ---- world.c ---- */

bool world_make(void);
void world_free(void);
void world_reset(void); /* six new workers, empty slots */
int world_kill(unsigned worker);
int world_spawn(unsigned worker, unsigned priority);
int world_give(unsigned worker, unsigned space, uint32_t slot, uint32_t rights);

/* ---- control.c: one operation, until all is quiet ---- */

/* False: nothing was done, its worker is not idle (or, for spawn and the like, not right). */
bool control_step(const struct operation *op);
uint32_t control_completed(void); /* workers that became idle in this step, a bit each */
/* Lets the sentinel say that nobody else can run; collects who has become idle. */
void control_settle(uint32_t awaited);

/* ---- observe.c: what can be seen, in numbers that do not differ from run to run ---- */

#define OBSERVATION_MAX 128

struct observation {
    uint32_t count;
    uint32_t word[OBSERVATION_MAX];
};

void observe_reset(void);
void observe_object(uint32_t id); /* a new port or portal: gets the next number */
void observe_step(const struct operation *op, bool done, struct observation *observation);
uint32_t observe_sum(uint32_t sum, const struct observation *observation);

/* The tables as last seen. */
struct view {
    bool used;
    uint8_t type, rights;
};
extern struct view views[SPACES][SLOTS];

/* ---- generate.c: the same as ipc_script.py's Generator ---- */

void generate_start(uint32_t seed);
void generate(struct operation *op);

#endif
