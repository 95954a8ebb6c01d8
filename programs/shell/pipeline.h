/* SPDX-License-Identifier: MIT */
/* Commands that run beside the shell: pipelines, subshells, in the background, for their output. */
#ifndef SHELL_PIPELINE_H
#define SHELL_PIPELINE_H

#include <stdbool.h>

#include "arena.h"
#include "syntax.h"

/* Runs a pipeline (or a subshell, a pipeline of one) and waits; the status of its last member. */
int pipeline_run(const struct node *pipeline);

/* Starts a chain in the background; 0, or the status of what went wrong. */
int pipeline_run_background(const struct node *chain);

/* Runs commands in processes of their own and appends what they print; false if that failed. */
bool pipeline_capture(const char *commands, struct text *output);

#endif
