/* SPDX-License-Identifier: MIT */
/* The kernel's log: formatting against the host's printf, the ring against the text written. */
#include "../../kernel/klog.c"

#include "kernel_test.h"

#define FORMATS 40000
#define STEPS 20000
#define TEXT 65536u

void *host_current_page;
uint64_t host_cycles;
struct object dead_object;
struct cpu cpu;

static char text[TEXT]; /* what must be in the ring: all that was written and not yet read */
static uint32_t text_length;
static char console[TEXT * 2];
static uint32_t console_length;
static uint64_t now;
static bool memory_faults, kernel_handle_is_good = true;
static unsigned notified;
static uint32_t notified_bits;
static struct entry kernel_entry, portal_entry;

void arch_console_put(char c)
{
    if (console_length < sizeof(console))
        console[console_length++] = c;
}

uint64_t arch_now(void) { return now; }

static char user[TEXT];
int arch_copy_out(uint32_t address, const void *from, size_t bytes)
{
    CHECK(address + bytes <= sizeof(user));
    if (memory_faults)
        return -EFAULT;
    memcpy(user + address, from, bytes);
    return 0;
}

int arch_copy_in(void *to, uint32_t address, size_t bytes)
{
    CHECK(address + bytes <= sizeof(user));
    if (memory_faults)
        return -EFAULT;
    memcpy(to, user + address, bytes);
    return 0;
}

struct entry *handle_get(uint32_t handle, enum iris_object_type type, uint8_t rights, int *error)
{
    (void)rights;
    *error = kernel_handle_is_good ? 0 : -EBADF;
    if (!kernel_handle_is_good)
        return NULL;
    CHECK_EQUAL(type, handle == 5 ? IRIS_TYPE_KERNEL : IRIS_TYPE_PORTAL);
    return type == IRIS_TYPE_KERNEL ? &kernel_entry : &portal_entry;
}

void notify_keep(struct entry *entry, const struct entry *portal) { *entry = *portal; }

void notify_portal(const struct entry *entry, uint32_t bits)
{
    if (entry->type != IRIS_TYPE_PORTAL)
        return;
    CHECK(entry->object == portal_entry.object);
    notified++;
    notified_bits = bits;
}

/* ---- Formatting ---- */

static char formatted[512];
static size_t formatted_length;
static void formatted_put(char c)
{
    CHECK(formatted_length < sizeof(formatted) - 1);
    formatted[formatted_length++] = c;
    formatted[formatted_length] = '\0';
}

static void format(const char *format, ...)
{
    va_list arguments;

    formatted_length = 0;
    formatted[0] = '\0';
    va_start(arguments, format);
    klog_format(formatted_put, format, arguments);
    va_end(arguments);
}

#define CHECK_FORMAT(expected, ...)                                                                \
    do {                                                                                           \
        format(__VA_ARGS__);                                                                       \
        if (strcmp(formatted, expected) != 0)                                                      \
            TEST_FAIL("formatted \"%s\", expected \"%s\"", formatted, expected);                   \
    } while (0)

static uint32_t some_number(void)
{
    return test_chance(8) ? 0 : test_chance(8) ? ~0u : test_random() >> test_below(32);
}

static void random_number(void)
{
    char specification[32], expected[128];
    uint32_t value = some_number();
    int width = test_chance(3) ? (int)test_below(24) : 0;

    snprintf(specification, sizeof(specification), "<%%%s%.*d%c>",
             width && test_chance(2) ? "0" : "", width ? 1 : 0, width, "ux"[test_below(2)]);
    snprintf(expected, sizeof(expected), specification, value);
    CHECK_FORMAT(expected, specification, value);
}

static void formatting(void)
{
    for (test_step = 1; test_step <= FORMATS; test_step++)
        random_number();
    CHECK_FORMAT("plain 100% text", "plain %u%% %s", 100, "text");
    CHECK_FORMAT("[abc] [(null)]", "[%s] [%s]", "abc", (char *)NULL);
    CHECK_FORMAT("4294967295 ffffffff", "%u %x", ~0u, ~0u);
    CHECK_FORMAT("cut ", "cut %");
}

/* ---- The ring ---- */

static bool line_started;

static void text_put(char c)
{
    if (text_length == TEXT)
        TEST_FAIL("the test writes too much at once");
    text[text_length++] = c;
}

static void expect_line(const char *string, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char stamp_text[32] = "";
        if (!line_started)
            snprintf(stamp_text, sizeof(stamp_text), "[%5llu.%06llu] ", now / 1000000000,
                     now / 1000 % 1000000);
        for (const char *s = stamp_text; *s; s++)
            text_put(*s);
        text_put(string[i]);
        line_started = string[i] != '\n';
    }
}

static void forget(uint32_t bytes)
{
    memmove(text, text + bytes, text_length - bytes);
    text_length -= bytes;
}

/* Lines from the kernel and from a user program, also unfinished ones. */
static void write_something(void)
{
    char line[300];
    unsigned length = test_below(250);

    for (unsigned i = 0; i < length; i++)
        line[i] = test_chance(40) ? '\n' : (char)('a' + test_below(26));
    line[length] = '\0';
    if (test_chance(2)) {
        klog("%s", line);
    } else {
        for (unsigned done = 0, step; done < length; done += step) {
            memcpy(user, line + done, length - done);
            step = (unsigned)sys_kernel_log(5, IRIS_LOG_WRITE, 0, length - done);
            CHECK_EQUAL(step, length - done < 32 ? length - done : 32);
        }
    }
    expect_line(line, length);
    if (text_length > RING)
        forget(text_length - RING); /* the oldest is lost */
}

static void read_something(void)
{
    uint32_t length = test_below(4) ? test_below(2000) : test_below(40000);
    uint32_t expected = min(min(length, 2048u), text_length);

    memory_faults = test_chance(10);
    int result = sys_kernel_log(5, IRIS_LOG_READ, 0, length);
    if (memory_faults && expected > 0) {
        CHECK_EQUAL(result, -EFAULT);
    } else {
        CHECK_EQUAL(result, expected);
        CHECK(memcmp(user, text, expected) == 0);
        forget(expected);
    }
    memory_faults = false;
}

static void ring(void)
{
    for (test_step = 1; test_step <= STEPS; test_step++) {
        now += test_chance(20) ? (uint64_t)test_random() << 8 : test_below(10000);
        if (test_chance(test_step / 2000 % 2 ? 4 : 500)) /* at times it overflows */
            read_something();
        else
            write_something();
    }
}

static void console_falls_silent(void)
{
    console_length = 0;
    now = 12345678901ull;
    klog("\nheard %u\n", 7u);
    CHECK(memcmp(console + console_length - 24, "[   12.345678] heard 7\n", 23) == 0 ||
          strstr(console, "[   12.345678] heard 7\n"));
    uint32_t before = console_length;
    CHECK_EQUAL(sys_kernel_log(5, IRIS_LOG_SILENT, 0, 0), 0);
    klog("not heard\n");
    CHECK_EQUAL(console_length, before);
    klog_direct("panic %x\n", 0x2au);
    CHECK_EQUAL(console_length, before + 9);
    CHECK(memcmp(console + before, "panic 2a\n", 9) == 0);
}

/* As sched_attend() does. */
static void leave(void)
{
    if (cpu.attention & CPU_LOG)
        klog_deliver();
}

static void logger_is_told_once(void)
{
    klog("nobody is told\n");
    leave();
    CHECK_EQUAL(notified, 0);
    portal_entry.type = IRIS_TYPE_PORTAL;
    portal_entry.object = &dead_object;
    CHECK_EQUAL(sys_kernel_log(5, IRIS_LOG_BIND, 6, 0x10), 0);
    leave(); /* there is text already */
    CHECK(notified == 1 && notified_bits == 0x10);
    leave();
    CHECK_EQUAL(notified, 1);
    klog("a\nb\n");
    leave();
    leave();
    CHECK_EQUAL(notified, 2);
}

static void bad_calls(void)
{
    CHECK_EQUAL(sys_kernel_log(5, 99, 0, 0), -EINVAL);
    memory_faults = true;
    CHECK_EQUAL(sys_kernel_log(5, IRIS_LOG_WRITE, 0, 4), -EFAULT);
    memory_faults = false;
    kernel_handle_is_good = false;
    CHECK_EQUAL(sys_kernel_log(5, IRIS_LOG_SILENT, 0, 0), -EBADF);
    kernel_handle_is_good = true;
}

int main(void)
{
    test_begin();
    formatting();
    ring();
    console_falls_silent();
    logger_is_told_once();
    bad_calls();
    return test_end();
}
