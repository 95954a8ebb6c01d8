# SPDX-License-Identifier: MIT
"""What other kernels need: measured in the same way (../shared/design/anchors.md)."""

from __future__ import annotations

# Instructions of a round trip between two address spaces, by words of the message.
ROUND_TRIPS: dict[str, dict[int, int]] = {
    "Pistachio": {0: 175, 1: 191, 4: 197, 8: 205, 16: 221, 63: 315},
    "Pistachio, C++ path": {0: 431, 4: 451, 8: 459, 16: 475, 63: 569},
    "NOVA": {0: 161, 1: 173, 4: 209, 8: 257, 16: 353, 63: 917},
    "seL4": {0: 465, 1: 471, 2: 469, 3: 2004, 4: 2014, 8: 2054, 16: 2134, 63: 2614},
}

# Of a round trip at 0 words: kernel's and user's instructions; 64-byte lines of data and code.
PARTS = {"Pistachio": (134, 35), "NOVA": (155, 6), "seL4": (456, 9)}
LINES = {"Pistachio": (13, 9), "NOVA": (19, 18), "seL4": (17, 32)}

# Per round trip at 0 words: what, ipc_events' event, Pistachio, NOVA, seL4.
EVENTS = [
    ("SYSENTER", ("sysenter",), "2", "2", "2"),
    ("SYSEXIT", ("sysexit",), "2", "2", "2"),
    ("CR3 writes", ("cr3_writes",), "2", "2", "2"),
    ("CR0 accesses", ("cr0_accesses",), "0", "0", "4"),
    ("MSR accesses", ("msr_accesses",), "", "", ""),
    ("segment loads", ("segment_loads",), "0", "0", "0"),
    ("segment reads", ("segment_reads",), "0", "0", "8"),
    ("data reads", ("reads",), "45", "68", "103"),
    ("data writes", ("writes",), "32", "45", "106"),
    ("lines of data", ("data_lines",), "13", "19", "17"),
    ("lines of code", ("code_lines",), "9", "18", "32"),
    ("pages of data", ("data_pages",), "", "", ""),
    ("pages of code", ("code_pages",), "", "", ""),
]

# Title, unit, Iris' figure and parameters, others.
OTHERS = [
    ("Page fault, pager in another space", "instructions", "page_fault", {"path": "fast"},
     {"Pistachio": 1379}),
    ("Notify, nobody waiting", "instructions", "notify", {"waiting": "nobody", "path": "fast"},
     {"seL4": 435}),
    ("Null system call", "instructions", "null_call", {"path": "fast"},
     {"Linux 6.1, interrupt": 351, "Linux 6.1, SYSENTER": 370}),
    ("Kernel text", "bytes", "kernel_text", {},
     {"Pistachio": 42858, "NOVA": 43586, "seL4": 59838}),
    ("Kernel source", "lines", "kernel_lines", {},
     {"NOVA": 8921, "seL4": 10886, "Pistachio": 17279}),
    ("Kernel entry to first user instruction", "instructions", "boot_to_user", {},
     {"Pistachio": 380_000, "seL4": 560_000}),
]

REMARK = ("Linux 6.1 needs 15,669 instructions for a byte through a pipe and back, 11,540 by "
          "eventfd, 12,745 by futex, 22,595 through a Unix socket.")
