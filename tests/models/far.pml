/* SPDX-License-Identifier: MIT */
/*
 * Far: helping along chains that are longer than a walk may be (here 2 hops, there 32). Who is out
 * of sight is not helped, but nobody's own chain may be left without its budget. NEEDS FIX 2
 */
#define HOPS_MAX 2
#define DEPTH_MAX 1
#define FAR
#include "helping.pml"
