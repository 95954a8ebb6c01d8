/* SPDX-License-Identifier: MIT */
/*
 * t_model run SEED SCRIPTS STEPS        many generated scripts: a checksum each
 * t_model show SEED SCRIPT STEPS [STEP] one of them: a checksum after each step, all of one step
 * t_model serve                         scripts from standard input (test_model.py writes them)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/summary.h>

#include "model.h"

IRIS_SUMMARY("test: random operations against a model: run SEED SCRIPTS STEPS | serve");

#define NO_STEP (~0u)

static struct observation observation;
static struct operation script[STEPS_MAX];

static uint32_t step(const struct operation *op, uint32_t sum)
{
    bool done = control_step(op);

    observe_step(op, done, &observation);
    return observe_sum(sum, &observation);
}

static uint32_t script_seed(uint32_t seed, uint32_t number)
{
    return (seed + number * 0x9e3779b9u) | 1;
}

/* ---- Generated scripts ---- */

static uint32_t run_generated(uint32_t seed, uint32_t number, unsigned steps)
{
    struct operation op;
    uint32_t sum = SUM_BASIS;

    world_reset();
    generate_start(script_seed(seed, number));
    for (unsigned i = 0; i < steps; i++) {
        generate(&op);
        sum = step(&op, sum);
    }
    return sum;
}

static int run(uint32_t seed, unsigned scripts, unsigned steps)
{
    test_begin("t_model");
    if (!TEST_CHECK(world_make(), "workers in three spaces"))
        return test_end();
    struct iris_space_info before = kit_space(0);
    for (unsigned number = 0; number < scripts; number++) {
        uint32_t sum = run_generated(seed, number, steps);
        TEST_CHECK(true, "script %u sum %08x", number, (unsigned)sum);
    }
    world_reset();
    struct iris_space_info after = kit_space(0);
    TEST_EQUAL(after.handles, before.handles, "handles are as before");
    TEST_EQUAL(after.pages_used, before.pages_used, "kernel pages too");
    world_free();
    return test_end();
}

/* ---- Telling a step ---- */

static void print_observation(void)
{
    for (unsigned i = 0; i < observation.count; i++)
        printf("%s%08x", i % 16 ? " " : i ? "\nword " : "word ", (unsigned)observation.word[i]);
    printf("\n");
}

static void print_step(unsigned number, uint32_t sum, bool all)
{
    printf("step %u %08x\n", number, (unsigned)sum);
    if (all)
        print_observation();
}

static int show(uint32_t seed, uint32_t number, unsigned steps, unsigned shown)
{
    struct operation op;
    uint32_t sum = SUM_BASIS;

    if (!world_make())
        return 1;
    world_reset();
    generate_start(script_seed(seed, number));
    for (unsigned i = 0; i < steps; i++) {
        generate(&op);
        sum = step(&op, sum);
        print_step(i, sum, i == shown);
    }
    world_reset();
    world_free();
    return 0;
}

/* ---- Scripts from outside ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Operations as hexadecimal bytes; how many there are now. */
static unsigned parse(const char *text, unsigned count)
{
    uint8_t *to = (uint8_t *)&script[count];
    unsigned bytes = 0;

    while (count + bytes / OPERATION_BYTES < STEPS_MAX && hex_digit(text[0]) >= 0 &&
           hex_digit(text[1]) >= 0) {
        to[bytes++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
        text += 2;
    }
    return count + bytes / OPERATION_BYTES;
}

static void run_script(unsigned count, unsigned shown)
{
    uint32_t sum = SUM_BASIS;

    world_reset();
    for (unsigned i = 0; i < count; i++) {
        sum = step(&script[i], sum);
        print_step(i, sum, i == shown);
    }
    printf("script %u steps\n", count);
    fflush(stdout);
}

/* Lines: `+HEX` more operations, answered with their number; `go STEP` runs them (`STEP` is shown
   whole); `end`. */
static int serve(void)
{
    static char line[320];
    unsigned count = 0;

    if (!world_make())
        return 1;
    printf("model ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && strncmp(line, "end", 3) != 0) {
        if (line[0] == '+') {
            count = parse(line + 1, count);
            printf("have %u\n", count);
            fflush(stdout);
        } else if (strncmp(line, "go ", 3) == 0) {
            run_script(count, (unsigned)strtoul(line + 3, NULL, 0));
            count = 0;
        }
    }
    world_reset();
    world_free();
    return 0;
}

static uint32_t number(char *argv[], int argc, int index, uint32_t usual)
{
    return index < argc ? (uint32_t)strtoul(argv[index], NULL, 0) : usual;
}

int main(int argc, char *argv[])
{
    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return serve();
    if (argc > 1 && strcmp(argv[1], "show") == 0)
        return show(number(argv, argc, 2, 1), number(argv, argc, 3, 0), number(argv, argc, 4, 100),
                    number(argv, argc, 5, NO_STEP));
    return run(number(argv, argc, 2, 1), number(argv, argc, 3, 10), number(argv, argc, 4, 300));
}
