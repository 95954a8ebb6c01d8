# SPDX-License-Identifier: MIT
"""Runs inside gdb (tests/tools/test_vdso.py): steps through every function of the vDSO.

At each instruction gdb must find the caller with its own stack pointer and registers. Instructions
that would enter a kernel are skipped, with the registers that it would see noted. Reads the JSON
file $VDSO_STEP.in and writes what it found to $VDSO_STEP.
"""

import json
import os
from typing import Iterator

import gdb  # type: ignore[import-not-found]

SAVED = ("ebx", "esi", "edi", "ebp")
ALL = ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp")
DOORS = {b"\x0f\x34": "sysenter", b"\xcd\x40": "int 0x40", b"\xcd\x41": "int 0x41"}
UD2 = b"\x0f\x0b"


def frame_register(frame: gdb.Frame, name: str) -> int:
    return int(frame.read_register(name)) & 0xFFFFFFFF


def register(name: str) -> int:
    return frame_register(gdb.newest_frame(), name)


def code() -> bytes:
    return bytes(gdb.selected_inferior().read_memory(register("eip"), 2))


def step() -> None:
    gdb.execute("stepi", to_string=True)


def real_frames() -> list[gdb.Frame]:
    """Newest first, without those of inlined functions."""
    frames, frame = [], gdb.newest_frame()
    while frame is not None:
        if frame.type() != gdb.INLINE_FRAME:
            frames.append(frame)
        frame = frame.older()
    return frames


def in_vdso() -> bool:
    return (gdb.solib_name(register("eip")) or "").endswith("iris-vdso.so.1")


class Walk:
    """One walk through a function, from its first instruction on, and what was found."""

    def __init__(self, callers: list[str], wanted: dict[str, int]) -> None:
        self.name = gdb.newest_frame().name()
        self.callers = callers  # names of all frames above
        self.wanted = wanted  # the direct caller's registers
        self.start = register("eip")
        self.doors: list[tuple[str, dict[str, int]]] = []
        self.bad: list[str] = []
        self.steps = 0

    def check(self) -> None:
        """The frames and the caller's registers, as seen from this instruction."""
        self.steps += 1
        frames = real_frames()
        where = f"{self.name}+{register('eip') - self.start}"
        names = [frame.name() for frame in frames]
        if names != [self.name, *self.callers]:
            self.bad.append(f"{where}: frames {names}")
            return
        for name, value in self.wanted.items():
            found = frame_register(frames[1], name)
            if found != value:
                self.bad.append(f"{where}: caller's {name} is {found:#x}, not {value:#x}")

    def instructions(self) -> Iterator[None]:
        """Checks and executes each instruction, or skips it if it is a door; to the vDSO's end."""
        while in_vdso():
            self.check()
            yield
            if code() in DOORS:
                self.doors.append((DOORS[code()], {name: register(name) for name in ALL}))
                gdb.execute("set $eip = $eip + 2")
            elif code() == UD2:
                return
            else:
                step()

    def report(self) -> dict:
        return {"name": self.name, "start": self.start, "steps": self.steps,
                "doors": self.doors, "bad": self.bad}


def walk_function() -> dict:
    """From `caller` into a function and back."""
    wanted: dict[str, int] = {}
    while not in_vdso():
        if gdb.newest_frame().name() == "caller":  # else: in the table of linkage
            wanted = {name: register(name) for name in (*SAVED, "esp")}
        step()
    walk = Walk(["caller", "run_step", "main"], wanted)
    for _ in walk.instructions():
        pass
    report = walk.report()
    report["returns"] = not in_vdso()
    if report["returns"]:
        report["back_in"] = gdb.newest_frame().name()
        report["kept"] = {name: register(name) for name in wanted} == wanted
    else:  # after ud2: do what no kernel would, go back to the caller
        back = f"*(unsigned *){wanted['esp'] - 4}"
        gdb.execute(f"set $eip = {back}")
        for name, value in wanted.items():
            gdb.execute(f"set ${name} = {value}")
    return report


def walk_ipc(caller: str) -> dict:
    """Through iris_ipc as <iris/ipc.h> calls it; the frame before its push is to be found."""
    gdb.execute(f"tbreak {caller}", to_string=True)
    gdb.execute("continue", to_string=True)
    while code()[0] != 0x87:  # xchg %ebp, %edx: up to here the compiler's own information holds
        step()
    wanted = {"esp": register("esp"), "ebp": register("ebp")}
    while not in_vdso():
        step()
    walk = Walk([caller, "run_step", "main"], wanted)
    for _ in walk.instructions():
        pass
    return walk.report() | {"caller": caller, "back_in": gdb.newest_frame().name()}


def walk_thread(start: int) -> dict:
    """Begins a thread as the kernel does. Above the trampoline nothing may be found."""
    values = {
        "esp": register("esp") - 0x1003,  # badly aligned on purpose
        "eax": int(gdb.parse_and_eval("(unsigned)&thread_function")),
        "ebx": 0x4D2,
        "ebp": 0xDEADBEEF,
        "eip": start,
    }
    for name, value in values.items():
        gdb.execute(f"set ${name} = {value}")
    walk = Walk([], {})
    inner = 0
    for _ in walk.instructions():
        if code() == b"\xff\xd0":  # call *%eax
            step()
            while not in_vdso():
                names = [frame.name() for frame in real_frames()]
                if names != ["thread_function", "iris_thread_start"]:
                    walk.bad.append(f"in thread_function: frames {names}")
                inner += 1
                step()
            walk.check()
    return walk.report() | {"inner": inner}


def main() -> None:
    path = os.environ["VDSO_STEP"]
    with open(path + ".in", encoding="ascii") as file:
        inputs = json.load(file)
    for command in ("set pagination off", "set confirm off", "break caller", "run step"):
        gdb.execute(command, to_string=True)
    functions = []
    for i in range(inputs["functions"]):
        if i:
            gdb.execute("continue", to_string=True)
        functions.append(walk_function())
    ipc = [walk_ipc("caller_ipc"), walk_ipc("caller_ipc_lean")]
    base = functions[0]["start"] - inputs["first"]
    thread = walk_thread(base + inputs["thread_start"])
    with open(path, "w", encoding="ascii") as file:
        json.dump({"functions": functions, "ipc": ipc, "thread": thread}, file)
    gdb.execute("kill")


main()
