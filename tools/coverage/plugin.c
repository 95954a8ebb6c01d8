/* SPDX-License-Identifier: MIT */
/*
 * A QEMU TCG plugin (API version 1) that notes which instructions of an address range ran, and
 * which way each block ended. One byte per address, in a file mapped shared: so nothing is lost
 * when QEMU is killed, and several QEMUs fill one file.
 *
 *   -plugin plugin.so,base=0xc0100000,marks=PATH     (PATH has the size of the range)
 *
 * Debian packages no header of the plugin interface; its few declarations are repeated here.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECT_MAP 0xc0000000u

enum mark { RAN = 1, JUMPED = 2, FELL_THROUGH = 4 };

/* ---- QEMU's declarations (include/qemu/qemu-plugin.h of QEMU 7.2) ---- */

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS };
typedef void (*tb_trans_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*exec_callback)(unsigned int vcpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_callback callback);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, exec_callback callback,
                                          enum qemu_plugin_cb_flags flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count, char **arguments);

/* ---- The plugin ---- */

struct block {
    uint64_t start;
    uint64_t last; /* address of the last instruction */
    uint64_t next; /* address behind it */
    bool marked;
    size_t count;
    uint64_t instructions[];
};

static uint64_t base;
static uint64_t size;
static volatile uint8_t *marks;
static const struct block *previous; /* the block that ran before, if it is in the range */

static void mark(uint64_t address, enum mark what) { marks[address - base] |= (uint8_t)what; }

static void block_runs(unsigned int vcpu, void *data)
{
    struct block *block = data;

    (void)vcpu;
    if (previous != NULL)
        mark(previous->last, block->start == previous->next ? FELL_THROUGH : JUMPED);
    if (!block->marked) {
        block->marked = true;
        for (size_t i = 0; i < block->count; i++)
            mark(block->instructions[i], RAN);
    }
    previous = block;
}

/* Code outside the range: what comes after it is no branch of the kernel's. */
static void outside_runs(unsigned int vcpu, void *data)
{
    (void)vcpu;
    (void)data;
    previous = NULL;
}

/* Before paging is on, the kernel runs at its physical addresses. */
static uint64_t linked_address(uint64_t address)
{
    uint64_t high = address + DIRECT_MAP;

    return high >= base && high < base + size ? high : address;
}

static uint64_t address_of(const struct qemu_plugin_tb *tb, size_t index)
{
    return linked_address(qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, index)));
}

static void block_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);
    uint64_t start = address_of(tb, 0);
    uint64_t last = address_of(tb, count - 1);
    struct block *block;

    (void)id;
    if (start < base || last >= base + size) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, outside_runs, QEMU_PLUGIN_CB_NO_REGS, NULL);
        return;
    }
    /* Never freed: QEMU does not say when a translation is dropped. */
    block = calloc(1, sizeof *block + count * sizeof block->instructions[0]);
    if (block == NULL)
        abort();
    block->start = start;
    block->last = last;
    block->next = last + qemu_plugin_insn_size(qemu_plugin_tb_get_insn(tb, count - 1));
    block->count = count;
    for (size_t i = 0; i < count; i++)
        block->instructions[i] = address_of(tb, i);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, block_runs, QEMU_PLUGIN_CB_NO_REGS, block);
}

static bool map_file(const char *path)
{
    struct stat status;
    void *address;
    int file = open(path, O_RDWR);

    if (file < 0 || fstat(file, &status) != 0) {
        perror(path);
        return false;
    }
    size = (uint64_t)status.st_size;
    address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    marks = address;
    return address != MAP_FAILED;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count, char **arguments)
{
    (void)info;
    for (int i = 0; i < count; i++) {
        if (strncmp(arguments[i], "base=", 5) == 0)
            base = strtoull(arguments[i] + 5, NULL, 0);
        else if (strncmp(arguments[i], "marks=", 6) == 0 && !map_file(arguments[i] + 6))
            return 1;
    }
    if (marks == NULL || base == 0)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
    return 0;
}
