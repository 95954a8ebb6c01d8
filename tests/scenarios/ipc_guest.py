# SPDX-License-Identifier: MIT
"""The other side of the model-based test: t_model in the guest, and finding what differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from iris_harness.errors import DutExited, DutTimeout, GuestPanic

from ipc_explain import differences
from ipc_model import Model
from ipc_objects import SUM_BASIS, sum_words
from ipc_script import Generator, Operation, script_seed

LINE_OPERATIONS = 7  # what fits into a line of the console
_STEP = re.compile(r"step (\d+) ([0-9a-f]{8})\Z")


class GuestStuck(Exception):
    """A step did not end."""


class Prediction:
    """What the model says about a script: operations, observations, the checksum after each."""

    def __init__(self) -> None:
        self.model = Model()
        self.operations: list[Operation] = []
        self.seen: list[list[int]] = []
        self.sums: list[int] = []

    def add(self, op: Operation) -> None:
        """Executes one more operation."""
        seen = self.model.step(op)
        self.operations.append(op)
        self.seen.append(seen)
        self.sums.append(sum_words(self.sums[-1] if self.sums else SUM_BASIS, seen))

    def results(self) -> Iterator[tuple[int, list[int]]]:
        """All results: worker and operation as observe.c packs them, and the four numbers."""
        for seen in self.seen:
            at = 1
            while at < len(seen) and seen[at] >> 16 == 0xC0DE:
                yield seen[at] & 0xFFFF, seen[at + 1:at + 5]
                at += 5

    @classmethod
    def of(cls, script: Sequence[Operation]) -> Prediction:
        """Of given operations."""
        prediction = cls()
        for op in script:
            prediction.add(op)
        return prediction

    @classmethod
    def generated(cls, seed: int, number: int, steps: int) -> Prediction:
        """Of a random script."""
        prediction = cls()
        generator = Generator(prediction.model, script_seed(seed, number))
        for _ in range(steps):
            prediction.add(generator.next())
        return prediction


class Guest:
    """`t_model serve`: executes scripts that are typed in."""

    def __init__(self, dut) -> None:
        self.dut = dut
        self.stuck: str | None = None  # why it takes no more scripts
        dut.shell.start()
        dut.write("t_model serve\r")
        dut.expect(r"^model ready$")

    def close(self) -> None:
        """Back to the shell."""
        self.dut.write("\x03" if self.stuck else "end\r")
        self.dut.shell.wait_prompt()

    def run(self, script: Sequence[Operation], shown: int = -1) -> tuple[list[int], list[int]]:
        """Checksums after each step, and the whole observation of one."""
        if self.stuck:
            raise GuestStuck(self.stuck)
        for first in range(0, len(script), LINE_OPERATIONS):
            part = b"".join(op.packed() for op in script[first:first + LINE_OPERATIONS])
            self.dut.write(f"+{part.hex()}\r")
            self.dut.expect(rf"^have {min(first + LINE_OPERATIONS, len(script))}$")
        begin = self.dut.console.position
        self.dut.write(f"go {shown & 0xFFFFFFFF}\r")
        try:
            self.dut.expect(rf"^script {len(script)} steps$")
        except (DutTimeout, DutExited, GuestPanic) as error:
            done, _ = parse_steps(self.dut.console.text[begin:].splitlines())
            lines = [f"{i:3} {op}" for i, op in enumerate(script[:len(done) + 1])]
            self.stuck = "the guest does not get through this:\n" + "\n".join(lines)
            raise GuestStuck(self.stuck) from error
        return parse_steps(self.dut.console.text[begin:self.dut.console.position].splitlines())

    def first_difference(self, prediction: Prediction) -> int | None:
        """The step after which kernel and model no longer agree."""
        sums, _ = self.run(prediction.operations)
        assert len(sums) == len(prediction.sums), "the guest did not do all steps"
        return next((i for i, pair in enumerate(zip(sums, prediction.sums)) if pair[0] != pair[1]),
                    None)

    def check(self, script: Sequence[Operation]) -> None:
        """Fails if the kernel does anything else than the model says."""
        prediction = Prediction.of(script)
        bad = self.first_difference(prediction)
        assert bad is None, self.report(prediction, bad)

    def report(self, prediction: Prediction, bad: int) -> str:
        """A script up to the step that differs, and how."""
        script = prediction.operations[:bad + 1]
        _, seen = self.run(script, bad)
        lines = [f"{i:3} {op}" for i, op in enumerate(script)]
        lines += [f"      {line}" for line in
                  differences(script[bad], prediction.seen[bad], seen)]
        return "kernel and model differ:\n" + "\n".join(lines)

    def shrink(self, script: list[Operation]) -> list[Operation]:
        """Leaves out what the difference does not need."""
        def differs(candidate: list[Operation]) -> bool:
            return self.first_difference(Prediction.of(candidate)) is not None
        return minimise(script, differs) if differs(script) else script


def parse_steps(lines: Sequence[str]) -> tuple[list[int], list[int]]:
    """What print_step and print_observation printed."""
    sums, words = [], []
    for line in lines:
        match = _STEP.match(line)
        if match:
            assert int(match[1]) == len(sums), f"a line is missing before {line!r}"
            sums.append(int(match[2], 16))
        elif line.startswith("word "):
            words += [int(word, 16) for word in line.split()[1:]]
    return sums, words


def minimise(script: list[Operation], fails: Callable[[list[Operation]], bool],
             tries: int = 400) -> list[Operation]:
    """Delta debugging: removes ever smaller parts as long as the rest still fails."""
    size = max(len(script) // 2, 1)
    while size and tries:
        at, removed = 0, False
        while at < len(script) and tries:
            candidate, tries = script[:at] + script[at + size:], tries - 1
            if candidate and fails(candidate):
                script, removed = candidate, True
            else:
                at += size
        if not removed:
            size //= 2
    return script
