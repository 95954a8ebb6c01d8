/* SPDX-License-Identifier: MIT */
/* Streams locked by their users: the lock that every function of stdio takes. */
#include <stdio.h>
#include <sys/lock.h>

void flockfile(FILE *stream) { __lock_acquire_recursive(stream->_lock); }

int ftrylockfile(FILE *stream) { return __lock_try_acquire_recursive(stream->_lock) != 0; }

void funlockfile(FILE *stream) { __lock_release_recursive(stream->_lock); }
