/* SPDX-License-Identifier: MIT */
/*
 * Faults on purpose, a few functions deep, so that the report has a backtrace worth reading. The
 * functions are kept apart on purpose: no inlining, and work after the call so that none of them
 * becomes a jump.
 */
#include <stdint.h>

#include <iris/names.h>
#include <iris/summary.h>

#include "command.h"
#include "kernel_debug.h"

IRIS_SUMMARY("fault on purpose: [null|write|div|ud|gp|jump|stack|panic]");

#define APART __attribute__((noinline, noclone))

static volatile int depth, zero;

typedef void fault_function(void);

static APART void fault_null(void) { depth = *(volatile int *)(uintptr_t)zero; }

/* The page of main's code is read-only. */
static APART void fault_write(void)
{
    extern int main(int argc, char *argv[]);
    *(volatile char *)(uintptr_t)main = 0;
}

static APART void fault_divide(void) { depth = depth / zero; }
static APART void fault_undefined(void) { __asm__ volatile("ud2"); }
static APART void fault_privileged(void) { __asm__ volatile("cli"); }

static APART void fault_jump(void)
{
    fault_function *nowhere = (fault_function *)(uintptr_t)(0xdead0000u + (unsigned)zero);
    nowhere();
    depth++;
}

static APART unsigned fault_stack_deeper(unsigned level)
{
    volatile char room[1024];
    room[0] = (char)level;
    return zero == 0 ? fault_stack_deeper(level + 1) + (unsigned char)room[0] : level;
}

static APART void fault_stack(void) { depth = (int)fault_stack_deeper(0); }

static void fault_panic(void)
{
    uint32_t debug;
    if (command_service("crash", IRIS_NAME_DEBUG, &debug) == 0)
        command_failed("crash", "panic", kernel_debug_panic(debug)); /* does not come back */
}

static const struct {
    const char *name;
    fault_function *fault;
} kinds[] = {
    {"null", fault_null},    {"write", fault_write},   {"div", fault_divide},
    {"ud", fault_undefined}, {"gp", fault_privileged}, {"jump", fault_jump},
    {"stack", fault_stack},  {"panic", fault_panic},
};

/* Three functions between main and the fault. */
static APART void innermost(fault_function *fault)
{
    fault();
    depth++;
}

static APART void middle(fault_function *fault)
{
    innermost(fault);
    depth++;
}

static APART void outermost(fault_function *fault)
{
    middle(fault);
    depth++;
}

int main(int argc, char *argv[])
{
    const char *kind = argc > 1 ? argv[1] : "null";
    for (size_t i = 0; argc <= 2 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i].name) == 0) {
            outermost(kinds[i].fault);
            fprintf(stderr, "crash: %s did not fault\n", kind);
            return COMMAND_FAILED;
        }
    return command_usage("crash", "[null|write|div|ud|gp|jump|stack|panic]");
}
