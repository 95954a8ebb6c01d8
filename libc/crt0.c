/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of every program: find the start block (iris/startup.h), bind the program
 * to the vDSO, lay out the main thread's thread-local storage, run main.
 *
 * Programs and servers link the same object. It calls nothing that needs a process, a file or
 * memory of anybody: root and mem run on it before those exist. Until bind_program has returned
 * nothing here may call the vDSO.
 */
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/lock.h>
#include <unistd.h>

#include <iris/layout.h>
#include <iris/object.h>
#include <iris/startup.h>

#include "bind.h"
#include "libc.h"

struct start_info start_info;

extern char **environ;
extern int main(int argc, char **argv, char **environment);

/* From the linker. */
extern const struct elf32_dynamic _DYNAMIC[] __attribute__((visibility("hidden")));
extern const struct elf32_header __ehdr_start __attribute__((visibility("hidden")));

typedef void initialiser(void);
extern initialiser *const __preinit_array_start[] __attribute__((weak, visibility("hidden")));
extern initialiser *const __preinit_array_end[] __attribute__((weak, visibility("hidden")));
extern initialiser *const __init_array_start[] __attribute__((weak, visibility("hidden")));
extern initialiser *const __init_array_end[] __attribute__((weak, visibility("hidden")));
extern initialiser *const __fini_array_start[] __attribute__((weak, visibility("hidden")));
extern initialiser *const __fini_array_end[] __attribute__((weak, visibility("hidden")));

void start_main(const uint32_t *block) __attribute__((noreturn));
void start_symbol_missing(void) __attribute__((noreturn));

/*
 * On entry: 4(%esp) is the argument of START. Backtraces end here (EBP 0). The psABI wants ESP + 4
 * to be a multiple of 16 at a function's first instruction.
 */
__asm__(".pushsection .text._start, \"ax\", @progbits\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n\t"
        "movl 4(%esp), %eax\n\t"
        "xorl %ebp, %ebp\n\t"
        "andl $-16, %esp\n\t"
        "subl $12, %esp\n\t"
        "pushl %eax\n\t"
        "call start_main\n"
        ".size _start, . - _start\n"
        ".popsection\n");

/* newlib has its own versions of what these files hold. Named here, before the linker has come to
   newlib, ours are found first. */
static void (*const locks_first)(_LOCK_T) __attribute__((used)) = __retarget_lock_acquire_recursive;
static int (*const raise_first)(int) __attribute__((used)) = raise;

/* The address that unbound symbols get: stops the program, visibly in its fault report. */
void start_symbol_missing(void)
{
    for (;;)
        __asm__ volatile("ud2");
}

static void __attribute__((noreturn)) fail(const char *const parts[])
{
    char message[160], *end = message, *limit = message + sizeof message - 1;
    for (; *parts != NULL; parts++)
        for (const char *text = *parts; *text != '\0' && end < limit; text++)
            *end++ = *text;
    *end = '\0';
    start_print(message);
    _exit(IRIS_STATUS_UNBOUND);
}

static void __attribute__((noreturn)) fail_unbound(const struct bind_failure *failure)
{
    const char *at = *failure->version != '\0' ? "@" : "";
    if (failure->relocation == ELF_R_386_COPY)
        fail((const char *const[]){start_info.program,
                                   ": copies data from the vDSO: ", failure->symbol, NULL});
    if (failure->relocation != 0)
        fail((const char *const[]){start_info.program, ": relocation of an unknown kind for ",
                                   failure->symbol, NULL});
    fail((const char *const[]){start_info.program, ": needs ", failure->symbol, at,
                               failure->version, ", which this kernel's vDSO does not have", NULL});
}

/* What holds when there is no start block: a program can find all it needs by itself. */
static void set_defaults(struct start_info *info)
{
    static char *no_strings[1];
    info->argv = no_strings;
    info->environment = no_strings;
    info->program = "program";
    info->cwd = "";
    info->vdso = (const void *)IRIS_VDSO_BASE;
    info->headers = (const uint8_t *)&__ehdr_start + __ehdr_start.phoff;
    info->headers_count = __ehdr_start.phnum;
    info->umask = 022;
}

static void read_auxiliary(struct start_info *info, const struct iris_auxv_entry *entry)
{
    for (; entry->type != IRIS_AT_NULL; entry++) {
        switch (entry->type) {
        case IRIS_AT_PHDR:
            info->headers = (const void *)entry->value;
            break;
        case IRIS_AT_PHNUM:
            info->headers_count = entry->value;
            break;
        case IRIS_AT_SYSINFO_EHDR:
            info->vdso = (const void *)entry->value;
            break;
        case IRIS_AT_EXECFN:
            info->program = (const char *)entry->value;
            break;
        case IRIS_AT_CWD:
            info->cwd = (const char *)entry->value;
            break;
        case IRIS_AT_PID:
            info->pid = entry->value;
            break;
        case IRIS_AT_TLS:
            info->tls_room = entry->value;
            break;
        case IRIS_AT_FILES:
            info->files = (const void *)entry->value;
            break;
        case IRIS_AT_BLOCKED:
            info->blocked |= entry->value;
            break;
        case IRIS_AT_BLOCKED_HIGH:
            info->blocked |= (uint64_t)entry->value << 32;
            break;
        case IRIS_AT_IGNORED:
            info->ignored |= entry->value;
            break;
        case IRIS_AT_IGNORED_HIGH:
            info->ignored |= (uint64_t)entry->value << 32;
            break;
        case IRIS_AT_UMASK:
            info->umask = entry->value & 0777;
            break;
        default:
            break;
        }
    }
}

static void read_block(struct start_info *info, const uint32_t *block)
{
    info->argc = (int)*block++;
    info->argv = (char **)block;
    block += info->argc + 1;
    info->environment = (char **)block;
    while (*block++ != 0)
        continue;
    read_auxiliary(info, (const struct iris_auxv_entry *)block);
    if (info->argc > 0)
        info->program = info->argv[0];
}

/* Thread-local storage of the main thread: its creator has left room below the thread block. */
static void set_up_tls(void)
{
    const struct elf32_program_header *header = start_info.headers;
    const struct elf32_program_header *end = header + start_info.headers_count;
    while (header < end && header->type != ELF_PT_TLS)
        header++;
    if (header == end || header->memsz == 0)
        return;
    uint32_t room = IRIS_TLS_ROOM(header->memsz, header->align);
    uint8_t *block = (uint8_t *)thread_block();
    if (room > start_info.tls_room)
        fail((const char *const[]){
            start_info.program, ": was started without room for its thread-local storage", NULL});
    memcpy(block - room, (const void *)header->vaddr, header->filesz);
}

/* Only in programs that have them otherwise. */
extern void iris_slot_take(uint32_t slot) __attribute__((weak));
extern void files_inherit(const struct iris_files *files) __attribute__((weak));

static void take_files(const struct iris_files *files)
{
    for (uint32_t i = 0; iris_slot_take != NULL && i < files->count; i++)
        if (files->file[i].slot >= IRIS_SLOT_FREE)
            iris_slot_take(files->file[i].slot);
    if (files_inherit != NULL)
        files_inherit(files);
}

static void run_fini_array(void)
{
    for (initialiser *const *last = __fini_array_end; last > __fini_array_start; last--)
        last[-1]();
}

static void run_init_arrays(void)
{
    for (initialiser *const *next = __preinit_array_start; next < __preinit_array_end; next++)
        (*next)();
    for (initialiser *const *next = __init_array_start; next < __init_array_end; next++)
        (*next)();
    if (&__fini_array_end[0] > &__fini_array_start[0])
        atexit(run_fini_array);
}

void start_main(const uint32_t *block)
{
    struct bind_failure failure;
    set_defaults(&start_info);
    if (block != NULL)
        read_block(&start_info, block);
    if (bind_program(_DYNAMIC, start_info.vdso, (uint32_t)start_symbol_missing, &failure) != 0)
        fail_unbound(&failure);
    set_up_tls();
    environ = start_info.environment;
    if (start_info.files != NULL)
        take_files(start_info.files);
    run_init_arrays();
    exit(main(start_info.argc, start_info.argv, environ));
}
