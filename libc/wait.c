/* SPDX-License-Identifier: MIT */
/* Waiting for children: POSIX.1-2017, wait, waitid. Statuses are the process service's own. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

#include <iris/object.h>

#include "libc.h"
#include "newlib_hooks.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "threads.h"

/* Whom: the arguments of process.wait. */
struct whom {
    enum process_which which;
    uint32_t id, flags;
};

/* A pid, 0 if there is nothing to tell, or a negative error number. */
static int wait_for(const struct whom *whom, uint32_t *status)
{
    uint32_t pid = 0;
    int error;
    THREAD_CALL(error,
                process_wait(IRIS_SLOT_PROCESS, whom->which, whom->id, whom->flags, &pid, status));
    if (error == -EAGAIN && whom->flags & PROCESS_WAIT_POLL)
        return 0;
    if (error == -ENOENT)
        return -ECHILD;
    return error != 0 ? error : (int)pid;
}

static uint32_t wait_flags(int options)
{
    return (options & WNOHANG ? PROCESS_WAIT_POLL : 0) |
           (options & WUNTRACED ? PROCESS_WAIT_STOPPED : 0) |
           (options & WCONTINUED ? PROCESS_WAIT_CONTINUED : 0) |
           (options & WNOWAIT ? PROCESS_WAIT_KEEP : 0);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    struct whom whom = {PROCESS_WHICH_ONE, (uint32_t)pid, wait_flags(options)};
    uint32_t how = 0;
    if (options & ~(WNOHANG | WUNTRACED | WCONTINUED))
        return libc_result(-EINVAL);
    if (pid == -1)
        whom.which = PROCESS_WHICH_ALL;
    else if (pid <= 0) {
        whom.which = PROCESS_WHICH_GROUP;
        whom.id = (uint32_t)-pid;
    }
    int found = wait_for(&whom, &how);
    if (found > 0 && status != NULL)
        *status = (int)how;
    return libc_result(found);
}

pid_t _wait(int *status) { return waitpid(-1, status, 0); }

static void describe(siginfo_t *info, int pid, int status)
{
    *info = (siginfo_t){.si_signo = SIGCHLD, .si_pid = pid};
    if (WIFEXITED(status)) {
        info->si_code = CLD_EXITED;
        info->si_status = WEXITSTATUS(status);
    } else if (WIFCONTINUED(status)) {
        info->si_code = CLD_CONTINUED;
        info->si_status = SIGCONT;
    } else {
        info->si_code = WIFSTOPPED(status) ? CLD_STOPPED : CLD_KILLED;
        info->si_status = WIFSTOPPED(status) ? WSTOPSIG(status) : WTERMSIG(status);
    }
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    struct whom whom = {PROCESS_WHICH_ALL, (uint32_t)id, wait_flags(options)};
    uint32_t status = 0;
    if ((options & (WEXITED | WSTOPPED | WCONTINUED)) == 0 ||
        options & ~(WNOHANG | WEXITED | WSTOPPED | WCONTINUED | WNOWAIT))
        return libc_result(-EINVAL);
    if (type == P_PID)
        whom.which = PROCESS_WHICH_ONE;
    else if (type == P_PGID)
        whom.which = PROCESS_WHICH_GROUP;
    else if (type != P_ALL)
        return libc_result(-EINVAL);
    if (!(options & WEXITED))
        whom.flags |= PROCESS_WAIT_NOT_ENDED;
    int found = wait_for(&whom, &status);
    if (found < 0)
        return libc_result(found);
    if (found > 0)
        describe(info, found, (int)status);
    else
        *info = (siginfo_t){.si_signo = 0};
    return 0;
}
