/* SPDX-License-Identifier: MIT */
/*
 * Kept as a binary (`first`): what the first SDK made of this must run on every later system. It
 * uses what stays: symbols of the vDSO, and the servers' interfaces that are compiled into it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/spawn.h>
#include <iris/sync.h>
#include <iris/vdso.h>

#include "names.h"
#include "slots.h"
#include "thread.h"

static unsigned good, all;

static void check(int condition, const char *what)
{
    all++;
    good += condition != 0;
    if (!condition)
        printf("wrong: %s\n", what);
}

static uint32_t port, portal;

static int server(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(port);
    int error = iris_ipc_wait(&m);
    while (error == 0 && m.word[0] != 0) {
        m.tag = IRIS_TAG(0, 1);
        m.word[0] *= 2;
        error = iris_ipc_reply_and_wait(&m);
    }
    m.tag = IRIS_TAG_NO_REPLY;
    iris_object_destroy(port);
    return 0;
}

static void check_messages(void)
{
    struct iris_thread thread;
    struct iris_message m = {.tag = IRIS_TAG(1, 1), .word = {21}};

    port = (uint32_t)iris_slot_alloc();
    portal = (uint32_t)iris_slot_alloc();
    check(iris_port_create(port) == 0, "port_create");
    check(iris_portal_create(port, portal, 5, IRIS_RIGHT_CALL, 0) == 0, "portal_create");
    check(iris_thread_launch(&thread, server, NULL, NULL) == 0, "a thread");
    check(iris_ipc_call(portal, &m) == 0 && m.word[0] == 42, "a call");
    m = (struct iris_message){.tag = IRIS_TAG(1, 1)};
    check(iris_ipc_call(portal, &m) != 0, "the server's end");
    check(iris_thread_join(&thread, NULL) == 0, "join");
    check(iris_ipc_call(portal, &m) < 0, "a dead port");
}

static void check_vdso(void)
{
    struct iris_handle_info info;
    uint32_t word = 1;

    check(iris_clock_monotonic() > 0 && iris_thread_id() != 0, "clock, thread id");
    check(iris_page_size() == 4096 && iris_version_string()[0] != '\0', "page size, version");
    check(iris_handle_identify(IRIS_SLOT_SPACE, 0, &info) == 0 && info.type == IRIS_TYPE_SPACE,
          "handle_identify");
    check(iris_handle_close(9999) == -EBADF, "handle_close");
    check(iris_word_sleep(&word, 0, IRIS_DEADLINE_NONE) == 0, "word_wait");
    check(iris_thread_switch(0) == 0, "thread_switch");
}

static void check_files(void)
{
    char text[16] = "";
    struct stat status;
    int fd = open("/tmp/abi", O_RDWR | O_CREAT | O_TRUNC, 0600);

    check(fd >= 0 && write(fd, "kept", 4) == 4, "a file");
    check(lseek(fd, 1, SEEK_SET) == 1 && read(fd, text, sizeof text) == 3, "its position");
    check(strcmp(text, "ept") == 0, "its contents");
    check(fstat(fd, &status) == 0 && status.st_size == 4, "its status");
    check(close(fd) == 0 && unlink("/tmp/abi") == 0, "its end");
    check(access("/boot.conf", R_OK) == 0, "the archive");
}

static void *increment(void *number)
{
    ++*(int *)number;
    return number;
}

static void check_processes(void)
{
    char *arguments[] = {"false", NULL};
    int status = 0, number = 41;
    uint32_t found;
    pthread_t thread;
    void *memory = malloc(100000);
    pid_t pid = iris_spawn("false", arguments, NULL, NULL);

    check(pid > 0 && waitpid(pid, &status, 0) == pid, "a process");
    check(WIFEXITED(status) && WEXITSTATUS(status) == 1, "its status");
    check(getpid() > 0 && memory != NULL, "itself");
    free(memory);
    check(names_lookup(IRIS_SLOT_NAMES, "files", &found) == 0, "a name");
    check(pthread_create(&thread, NULL, increment, &number) == 0, "pthread_create");
    check(pthread_join(thread, NULL) == 0 && number == 42, "pthread_join");
}

int main(void)
{
    check_vdso();
    check_messages();
    check_files();
    check_processes();
    printf("%u of %u as they were\n", good, all);
    return good == all ? 0 : 1;
}
