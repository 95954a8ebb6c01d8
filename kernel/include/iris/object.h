/* SPDX-License-Identifier: MIT */
/* Object types, rights, and the structures that kernel calls read and write. */
#ifndef IRIS_OBJECT_H
#define IRIS_OBJECT_H

#include <stdint.h>

enum iris_object_type {
    IRIS_TYPE_NONE = 0, /* empty slot, or its object is dead */
    IRIS_TYPE_SPACE,
    IRIS_TYPE_THREAD,
    IRIS_TYPE_PORT,
    IRIS_TYPE_PORTAL,
    IRIS_TYPE_REPLY,  /* a kept caller; cannot be copied */
    IRIS_TYPE_IRQ,    /* one interrupt line */
    IRIS_TYPE_MEMORY, /* all physical memory that is not the kernel's */
    IRIS_TYPE_IO,     /* all I/O ports */
    IRIS_TYPE_KERNEL, /* log, trace, audit */
};

/* Rights on a handle. A copy has equal or fewer. */
#define IRIS_RIGHT_CALL 0x01u    /* portal: call and send */
#define IRIS_RIGHT_NOTIFY 0x02u  /* portal: notify */
#define IRIS_RIGHT_RECEIVE 0x04u /* port: bind to it; the port lives while such a handle exists */
#define IRIS_RIGHT_MAP 0x08u     /* space, memory: map into / out of it */
#define IRIS_RIGHT_CONTROL                                                                         \
    0x10u /* port: make portals; space: threads, handles, funds; thread: start,                    \
             registers, schedule; portal: the server's own handle;                                 \
             irq, io, kernel: use */
#define IRIS_RIGHT_DESTROY 0x20u /* object_destroy */
#define IRIS_RIGHT_COPY 0x40u    /* handle_copy and transfer in messages */
#define IRIS_RIGHT_INSPECT 0x80u /* space_inspect */
#define IRIS_RIGHT_ALL 0xffu
#define IRIS_MOVE 0x80000000u /* in a rights word: move instead of copy */

/* Slots that a program finds filled. 16 is the first free one; SLOT_IRQ + n only in root. */
enum iris_slot {
    IRIS_SLOT_SPACE = 1,
    IRIS_SLOT_THREAD = 2,
    IRIS_SLOT_MEMORY = 3, /* memory service and pager (root: the MEMORY object) */
    IRIS_SLOT_PROCESS = 4,
    IRIS_SLOT_NAMES = 5,
    IRIS_SLOT_LOG = 6,
    IRIS_SLOT_STDIN = 7,
    IRIS_SLOT_STDOUT = 8,
    IRIS_SLOT_STDERR = 9,
    IRIS_SLOT_FREE = 16,
    /* what the kernel puts into root's table */
    IRIS_SLOT_ROOT_IO = 4,
    IRIS_SLOT_ROOT_KERNEL = 5,
    IRIS_SLOT_ROOT_IRQ = 16, /* ..31 */
    IRIS_SLOT_ROOT_FREE = 32,
};

struct iris_handle_info {
    uint32_t slot;
    uint32_t type;   /* enum iris_object_type */
    uint32_t rights; /* IRIS_RIGHT_* */
    uint32_t object; /* id: never reused while the system runs */
    uint32_t port;   /* portal: id of its port */
    uint32_t badge;  /* portal: 0 unless the caller showed that it controls the port, or inspects
                        the space that made it */
    uint32_t mask;   /* portal, as with the badge: notification bits it may set */
};

/* memory_map flags: rights of the new mapping. Reading is implied. */
#define IRIS_MAP_WRITE 1u
#define IRIS_MAP_GRANT 2u    /* the source mapping moves; it must have no derived ones */
#define IRIS_MAP_UNCACHED 4u /* device memory; from a MEMORY handle only */

/* memory_unmap flags */
#define IRIS_UNMAP_OWN 1u     /* the mappings of the range themselves (else only derived ones) */
#define IRIS_UNMAP_PROTECT 2u /* take only the right to write */

/* space_inspect: what to enumerate. `cursor` starts at 0; the call returns how many records it
   wrote and 0 at the end; the next cursor is the last record's key + 1. */
enum iris_inspect {
    IRIS_INSPECT_SPACE,    /* one struct iris_space_info */
    IRIS_INSPECT_HANDLES,  /* struct iris_handle_info, key: slot */
    IRIS_INSPECT_THREADS,  /* struct iris_thread_info, key: utcb_slot */
    IRIS_INSPECT_MAPPINGS, /* struct iris_mapping_info, key: page number */
    IRIS_INSPECT_MEMORY,   /* struct iris_memory_range, on a MEMORY handle; key: index */
};

struct iris_space_info {
    uint32_t id, parent; /* object ids; parent 0: root */
    uint32_t threads, handles, mappings, children;
    uint32_t pages_limit; /* kernel pages this space may use, children's funds excluded */
    uint32_t pages_used;
    uint32_t ceiling; /* highest priority of its threads */
    uint32_t reserved[3];
};

enum iris_thread_state {
    IRIS_THREAD_NEW,     /* accepts START */
    IRIS_THREAD_READY,   /* running, ready, or preempted */
    IRIS_THREAD_WAITING, /* at its port */
    IRIS_THREAD_QUEUED,  /* calling, not yet received: at `port` */
    IRIS_THREAD_CALLING, /* received by thread `partner`, awaiting its reply */
    IRIS_THREAD_KEPT,    /* received and kept for later by space `partner_space` */
    IRIS_THREAD_HALTED,
    IRIS_THREAD_DEAD,
    IRIS_THREAD_SLEEPING, /* in word_wait */
};

struct iris_thread_info {
    uint32_t utcb_slot, id;
    uint32_t state;         /* enum iris_thread_state */
    uint32_t faulting;      /* the call it is in is a fault of its own */
    uint32_t priority;      /* of its home budget */
    uint32_t bound_port;    /* id, 0: none */
    uint32_t port;          /* id of the port it waits at, is queued at or has called; 0: none */
    uint32_t partner;       /* id of the thread that serves it, 0: none */
    uint32_t partner_space; /* id */
    uint32_t caller;        /* id of the thread it serves, 0: none */
    uint32_t budget;        /* id of the thread whose budget it runs on */
    uint32_t ip, sp;
    uint32_t depletions; /* how often its home budget was depleted */
    uint64_t time;       /* ns its home budget has used */
};

struct iris_mapping_info {
    uint32_t page;    /* address >> 12 */
    uint32_t frame;   /* physical address >> 12 */
    uint32_t flags;   /* IRIS_MAP_WRITE */
    uint32_t derived; /* 1: mappings were made from this one */
};

enum iris_memory_kind {
    IRIS_MEMORY_FREE,
    IRIS_MEMORY_ARCHIVE,
    IRIS_MEMORY_KERNEL,
    IRIS_MEMORY_DEVICE
};

struct iris_memory_range {
    uint32_t index;
    uint32_t frame; /* physical address >> 12 */
    uint32_t pages;
    uint32_t kind;   /* enum iris_memory_kind */
    uint32_t length; /* bytes; archive: its exact size */
};

/* word_wait: what is waited for. */
#define IRIS_WORDS_WAIT_MAX 4
struct iris_word {
    uint32_t address; /* of an aligned word */
    uint32_t value;   /* sleep only while it has this value */
};

/* ipc_copy: the `spec` argument: buffer number 0-3 plus flags. */
#define IRIS_COPY_OUT 0x100u   /* into the caller's buffer (else out of it) */
#define IRIS_COPY_PROBE 0x200u /* copy nothing, only say whether it would work */

/* trace_control and kernel_log operations (right CONTROL on the KERNEL handle) */
enum iris_trace_op {
    IRIS_TRACE_OFF,
    IRIS_TRACE_ON,
    IRIS_TRACE_READ,  /* struct iris_trace_record into buf; returns how many; oldest first */
    IRIS_TRACE_AUDIT, /* struct iris_audit into buf; -EIO and a log line if a check fails */
    IRIS_TRACE_PANIC, /* panic on purpose */
    IRIS_TRACE_STATS, /* struct iris_stats into buf */
    /* Debug builds: the count-th kernel page that is charged from now on to the space with the id
       `buf`, or to a child of it, is refused; 0: none. Returns what the last order had left: 0 when
       it has struck. */
    IRIS_TRACE_REFUSE_PAGE,
    IRIS_TRACE_POINT, /* buf is a portal that gets bit 1 when a thread comes to a point, length
                         IRIS_POINT_ARM (iris/points.h), 0: never. Release builds: ENOSYS */
    IRIS_TRACE_CLOCK, /* sets the data page's boot_time: buf is the lower word, length the upper */
};

struct iris_trace_record {
    uint64_t time;   /* ns */
    uint32_t event;  /* enum iris_trace_event (generated) */
    uint32_t thread; /* id of the running thread */
    uint32_t arg[4]; /* meaning: kernel/abi/events.toml */
};

struct iris_audit {
    uint32_t spaces, threads, ports, portals, handles, mappings, kernel_pages, kernel_pages_free;
};

struct iris_stats {
    uint32_t dispatches; /* entries into the scheduler */
    uint32_t fast_calls; /* not counted by the fast path itself: 0 in release */
    uint32_t slow_calls, slow_replies;
    uint32_t page_faults, exceptions, interrupts;
    /* Longest stay in the kernel, in TSC cycles, and where it began: interrupt vector << 16, and
       the number of the kernel call. Debug builds. */
    uint32_t irq_off_max, irq_off_place;
};

enum iris_log_op {
    IRIS_LOG_READ,   /* drain up to length bytes of the kernel's ring; returns how many */
    IRIS_LOG_WRITE,  /* append (early, before a logger runs) */
    IRIS_LOG_SILENT, /* the kernel's own serial output ends: a driver runs now */
    IRIS_LOG_BIND,   /* buf is a portal handle, length the notify bits: told when the ring fills */
};

#endif
