/* SPDX-License-Identifier: MIT */
/* libc/startup_block.c against limits: nothing is written outside the buffer (AddressSanitizer
   watches), what does not fit or makes no sense is refused. Prints "ok N checks". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../libc/startup_block.c"

#define TOP 0x50000000u

static int checks;

static void check(int condition, int line)
{
    checks++;
    if (!condition) {
        printf("line %d failed\n", line);
        exit(1);
    }
}
#define CHECK(condition) check(condition, __LINE__)

static const struct startup_request plain = {.strings = "a\0bc\0X=1",
                                             .strings_size = 9,
                                             .argc = 2,
                                             .envc = 1,
                                             .path = "/bin/a",
                                             .utcb = 0xbfc00000u};

/* Builds into an exactly allocated buffer, so that the sanitizer sees any stray write. */
static int build(uint32_t size, const struct startup_request *request,
                 struct startup_result *result, uint32_t *words, uint32_t count)
{
    char *buffer = malloc(size);
    int error = startup_build(buffer, size, TOP, request, result);
    if (error == 0 && words != NULL)
        memcpy(words, buffer + size - (TOP - result->stack_pointer), count * sizeof *words);
    free(buffer);
    return error;
}

static void test_contents(void)
{
    struct startup_result result;
    uint32_t word[32];
    CHECK(build(4096, &plain, &result, word, 32) == 0);
    CHECK(result.stack_pointer % 16 == 0 && result.used == TOP - result.stack_pointer);
    CHECK(result.thread_pointer % 16 == 0 && result.thread_pointer <= TOP - 32);
    CHECK(word[0] == 2 && word[3] == 0 && word[5] == 0);
    CHECK(word[2] == word[1] + 2 && word[4] == word[1] + 5);
    CHECK(word[6] == IRIS_AT_IGNORE); /* no headers given: AT_PHDR left out */
}

static void test_sizes(void)
{
    struct startup_result result;
    CHECK(build(4096, &plain, &result, NULL, 0) == 0);
    uint32_t needed = result.used;
    for (uint32_t size = 16; size < 600; size += 4)
        CHECK(build(size, &plain, &result, NULL, 0) == (size >= needed ? 0 : -E2BIG));
}

static void test_tls(void)
{
    struct startup_request request = plain;
    struct startup_result result;
    request.tls_size = 100;
    request.tls_align = 64;
    CHECK(build(4096, &request, &result, NULL, 0) == 0);
    CHECK(result.thread_pointer % 64 == 0);
    CHECK(result.stack_pointer < result.thread_pointer - 128);
    request.tls_size = 5000;
    CHECK(build(4096, &request, &result, NULL, 0) == -E2BIG);
    request.tls_size = 0xffffffff;
    CHECK(build(4096, &request, &result, NULL, 0) == -E2BIG);
    request.tls_align = 48;
    CHECK(build(4096, &request, &result, NULL, 0) == -EINVAL);
}

static void test_strings(void)
{
    struct startup_request request = plain;
    struct startup_result result;
    request.strings_size = 8; /* the last zero byte is missing */
    CHECK(build(4096, &request, &result, NULL, 0) == -EINVAL);
    request = plain;
    request.envc = 2;
    CHECK(build(4096, &request, &result, NULL, 0) == -EINVAL);
    request.argc = 0xffffffff; /* the sum is 1 */
    CHECK(build(4096, &request, &result, NULL, 0) == -EINVAL);
}

int main(void)
{
    test_contents();
    test_sizes();
    test_tls();
    test_strings();
    printf("ok %d checks\n", checks);
    return 0;
}
