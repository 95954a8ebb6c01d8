/* SPDX-License-Identifier: MIT */
#ifndef T_SIGNAL_H
#define T_SIGNAL_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/* A handler that counts, and remembers the last siginfo_t. */
extern volatile int count;
extern volatile siginfo_t last;
void counts(int signal, siginfo_t *info, void *context);

/* Installs a function for a signal, with these SA_* besides SA_SIGINFO. */
void catch (int signal, void (*function)(int, siginfo_t *, void *), int flags);
void uncatch(int signal);
sigset_t set_of(int signal);

pid_t role_start(const char *role);
int role_end(pid_t pid); /* exit status, or 1000 + signal */
int role_play(const char *role);

void test_actions(void);
void test_masks(void);
void test_faults(void);
void test_calls(void);
void test_children(void);
void test_storm(unsigned rounds);

#endif
