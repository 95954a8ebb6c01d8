/* SPDX-License-Identifier: MIT */
/* Telling of a signal on standard error: XSH psiginfo. newlib has psignal. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Faults have an address, all else has a sender. */
static void print_source(const siginfo_t *info)
{
    switch (info->si_signo) {
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGFPE:
        fprintf(stderr, " (code %d, at %p)\n", info->si_code, info->si_addr);
        break;
    default:
        fprintf(stderr, " (code %d, from process %d)\n", info->si_code, (int)info->si_pid);
    }
}

void psiginfo(const siginfo_t *info, const char *message)
{
    flockfile(stderr);
    if (message != NULL && *message != '\0')
        fprintf(stderr, "%s: ", message);
    fputs(strsignal(info->si_signo), stderr);
    print_source(info);
    funlockfile(stderr);
}
