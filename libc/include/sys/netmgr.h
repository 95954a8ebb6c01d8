/* SPDX-License-Identifier: MIT */
/* Nodes of a network: there is this one. */
#ifndef _SYS_NETMGR_H
#define _SYS_NETMGR_H

#define ND_LOCAL_NODE 0

#define ND_NODE_CMP(a, b) ((int)((a) - (b)))

#endif
