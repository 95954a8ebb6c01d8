/* SPDX-License-Identifier: MIT */
/* An ordinary program on the C library; says what it finds. argv[1] selects a part. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <iris/spawn.h>

static __thread volatile int tls_number = 5;
static __thread volatile char tls_zero[40];
static _Thread_local volatile int tls_aligned __attribute__((aligned(64))) = 9;
static int constructed, announces_end;

static void __attribute__((constructor)) construct(void) { constructed = 1; }

static void __attribute__((destructor)) destruct(void)
{
    if (announces_end)
        puts("destructor");
}

static void at_exit(void) { puts("atexit"); }

static void show(const char *what, int result)
{
    printf("%s %d %s\n", what, result, strerror(errno));
}

static int start(int argc, char **argv)
{
    printf("argc %d last %s\n", argc, argv[argc - 1]);
    printf("end of argv %p\n", (void *)argv[argc]);
    printf("env %s pid %d\n", getenv("ENV_ONE"), (int)getpid());
    printf("tls %d %d %d aligned %d\n", tls_number, tls_zero[0] + tls_zero[39], tls_aligned,
           (int)((unsigned)&tls_aligned % 64));
    printf("constructed %d\n", constructed);
    printf("float %.6f %Lg %lld\n", sqrt(2.0), 1.0L / 3, 1LL << 40);
    atexit(at_exit);
    announces_end = 1;
    return 3;
}

static int files(void)
{
    char text[64] = "", *line = NULL;
    size_t size = 0;
    struct stat status;
    FILE *f = fopen("/alpha", "r");
    printf("getline %d ", (int)getline(&line, &size, f));
    printf("%s", line);
    printf("eof %d\n", fgetc(f) == EOF);
    fclose(f);
    int fd = open("../alpha", O_RDONLY);
    int copy = dup(fd);
    printf("seek %d\n", (int)lseek(fd, -6, SEEK_END));
    printf("read %d %s", (int)read(copy, text, sizeof text), text);
    show("write", (int)write(fd, "x", 1));
    close(fd);
    printf("copy %d\n", (int)lseek(copy, 0, SEEK_CUR));
    close(copy);
    show("closed", (int)read(copy, text, 1));
    show("missing", open("/none", O_RDONLY));
    show("create", open("/none", O_WRONLY | O_CREAT, 0644));
    int found = stat("/alpha", &status);
    printf("stat %d %o size %d\n", found, (unsigned)status.st_mode, (int)status.st_size);
    printf("access %d %d\n", access("/alpha", R_OK), access("/alpha", X_OK));
    printf("tty %d %d\n", isatty(1), isatty(99));
    show("pipe-like seek", (int)lseek(1, 0, SEEK_CUR));
    printf("cwd %s\n", getcwd(text, sizeof text));
    printf("chdir %d", chdir("/alpha"));
    printf(" %d", chdir("/./sub/..//"));
    printf(" %s\n", getcwd(text, sizeof text));
    return 0;
}

static int directory(void)
{
    struct dirent *entry;
    DIR *d = opendir("/");
    while ((entry = readdir(d)) != NULL)
        printf("%s %d\n", entry->d_name, entry->d_type == DT_DIR);
    closedir(d);
    show("not", opendir("/alpha") != NULL);
    return 0;
}

static int many(void)
{
    int fds[100], last = 0;
    for (int i = 0; i < 25; i++)
        fds[i] = open("/alpha", O_RDONLY);
    for (int i = 0; i < 25; i++)
        last = fds[i];
    dup2(1, 60);
    dprintf(60, "last %d\n", last);
    char *block = NULL;
    unsigned sum = 0;
    for (unsigned i = 1; i <= 200; i++) {
        /* cppcheck-suppress memleakOnRealloc ; a failure ends the test */
        block = realloc(block, i * 100000);
        block[i * 100000 - 1] = 1;
        sum += (unsigned)block[i * 100000 - 1];
    }
    char *zero = calloc(3000, 1000);
    for (unsigned i = 0; i < 3000000; i++)
        sum += (unsigned)zero[i];
    free(block);
    free(zero);
    printf("heap %u\n", sum);
    return 0;
}

static int processes(void)
{
    char *arguments[] = {"name", "", "b c", NULL};
    int status = 0;
    uint32_t child = 0;
    printf("spawn %d", (int)iris_spawn("tool", arguments, NULL, &child));
    printf(" %d\n", child >= 16);
    fflush(stdout);
    for (pid_t pid = 1; pid <= 3; pid++) {
        waitpid(pid, &status, 0);
        printf("wait %d: %d %d %d %d\n", (int)pid, WIFEXITED(status), WEXITSTATUS(status),
               WIFSIGNALED(status), WTERMSIG(status));
    }
    show("none", (int)waitpid(9, &status, 0));
    printf("kill %d\n", kill(7, 9));
    show("kill", kill(8, 9));
    struct timespec now, pause = {.tv_nsec = 1000};
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("clock %d.%09ld\n", (int)now.tv_sec, now.tv_nsec);
    printf("time %ld\n", (long)time(NULL));
    printf("sleep %d\n", nanosleep(&pause, NULL));
    printf("%s\n", strerror(EDEAD));
    abort();
}

int main(int argc, char **argv)
{
    const char *part = argc > 1 ? argv[1] : "start";
    if (strcmp(part, "files") == 0)
        return files();
    if (strcmp(part, "directory") == 0)
        return directory();
    if (strcmp(part, "many") == 0)
        return many();
    if (strcmp(part, "processes") == 0)
        return processes();
    return start(argc, argv);
}
