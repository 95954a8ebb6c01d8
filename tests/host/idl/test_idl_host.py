# SPDX-License-Identifier: MIT
"""Generated stubs and dispatchers on the host, under AddressSanitizer and UBSan.

The C side (run.c) is compiled with what idlc makes of tests/user/idl_types/types.idl. The wire
format is written down here a second time, in Python: it decides which messages are right and what
the answer is, and Hypothesis finds the messages.
"""
from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from iris_harness.protocol import guest_test

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
TYPES = ROOT / "tests/user/idl_types"
EINVAL, EIO, ENOSYS = 22, 5, 88
Check = Callable[[Callable], None]
MASK = 0xFFFFFFFF
HANDLES_SHIFT, BUFFERS_SHIFT, LABEL_SHIFT = 7, 10, 16


# ---- Building ----

@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """run.c with everything it needs."""
    folder = tmp_path_factory.mktemp("idl")
    for command in (
            [sys.executable, ROOT / "tools/abigen.py", folder / "gen"],
            [sys.executable, ROOT / "tools/idlc/idlc.py", "--out", folder, TYPES / "types.idl"]):
        subprocess.run(command, check=True, cwd=folder)
    sources = [*sorted(HERE.glob("*.c")), TYPES / "echo.c", TYPES / "checks.c", folder / "types.c",
               *(ROOT / "servers/lib" / f"{name}.c"
                 for name in ("stub", "server", "buffer", "slots", "test"))]
    includes = [HERE, TYPES, folder, folder / "gen/include", ROOT / "servers/lib",
                ROOT / "kernel/include"]
    made = folder / "run"
    subprocess.run(["gcc", "-m32", "-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Wshadow",
                    "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                    *(f"-I{path}" for path in includes),
                    "-o", made, *sources], check=True)
    return made


class Peer:
    """The program, fed with records and answering each. When it dies, which is a failure, the next
    record starts it again, so that Hypothesis can look for the smallest one."""

    def __init__(self, program: Path, mode: str) -> None:
        self.command = [program, mode]
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, record: bytes, answer_size: int) -> bytes:
        """One record for one answer; what a sanitizer says instead is the failure."""
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.process.stdin.write(record)
        self.process.stdin.flush()
        answer = self.process.stdout.read(answer_size)
        if len(answer) != answer_size:
            raise AssertionError(self._end()[1])
        return answer

    def _end(self) -> tuple[int, str]:
        """How it ends, and what it says."""
        process, self.process = self.process, None
        _, complaints = process.communicate()
        return process.returncode, complaints.decode(errors="replace")

    def close(self) -> None:
        """Ends it; it must have been content to the last."""
        if self.process is not None:
            status, complaints = self._end()
            assert status == 0, complaints


@pytest.fixture(scope="module")
def dispatcher(program: Path) -> Iterator[Peer]:
    """Requests to the server's side."""
    peer = Peer(program, "serve")
    yield peer
    peer.close()


@pytest.fixture(scope="module")
def client(program: Path) -> Iterator[Peer]:
    """Answers to the client's side."""
    peer = Peer(program, "answers")
    yield peer
    peer.close()


@pytest.fixture
def checked(request: pytest.FixtureRequest, rounds: Callable[..., int], seed: int) -> Check:
    """Runs a function decorated with @given; `rounds` examples from the run's seed."""
    limits = settings(max_examples=rounds(40, soak=2000), deadline=None, database=None,
                      suppress_health_check=list(HealthCheck))

    def run(function: Callable) -> None:
        hypothesis.seed(f"{seed} {request.node.name}")(limits(function))()
    return run


# ---- The wire format, once more ----

class Refused(Exception):
    """These words are not what the types say."""


class Wire:
    """Words to values and back, from what NAME.json says."""

    def __init__(self, description: dict) -> None:
        self.enums: dict[str, dict[str, int]] = description["enums"]
        self.structs: dict[str, list[dict]] = description["structs"]
        self.methods = {m["name"]: m for m in description["interfaces"][0]["methods"]}

    def take(self, kind: str, words: list[int]) -> list[int]:
        """Removes the words of one value; returns them as they would be sent again."""
        if match := re.fullmatch(r"(.*)\[(\d+)\]", kind):
            return [w for _ in range(int(match[2])) for w in self.take(match[1], words)]
        if match := re.fullmatch(r"(string|bytes)<(\d+)>", kind):
            return self._take_bytes(int(match[2]), match[1] == "string", words)
        if kind in self.structs:
            return [w for f in self.structs[kind] for w in self.take(f["type"], words)]
        if kind in ("u64", "i64"):
            return [self._word(words), self._word(words)]
        word = self._word(words)
        if not self._is_valid(kind, word):
            raise Refused
        return [word]

    def _is_valid(self, kind: str, word: int) -> bool:
        if kind in self.enums:
            return word in self.enums[kind].values()
        if kind == "bool":
            return word in (0, 1)
        bits = int(kind[1:])
        if kind[0] == "u":
            return word < 1 << bits
        return word < 1 << bits - 1 or word >= (1 << 32) - (1 << bits - 1)

    @staticmethod
    def _word(words: list[int]) -> int:
        if not words:
            raise Refused
        return words.pop(0)

    def _take_bytes(self, capacity: int, is_string: bool, words: list[int]) -> list[int]:
        length = self._word(words)
        count = (length + 3) // 4
        if length > capacity or count > len(words):
            raise Refused
        data = b"".join(struct.pack("<I", w) for w in words[:count])[:length]
        del words[:count]
        if is_string and b"\0" in data:
            raise Refused
        padded = data + bytes(-length % 4)
        return [length, *struct.unpack(f"<{count}I", padded)]

    def parse(self, parameters: list[dict], words: list[int]) -> list[int]:
        """All values of a message, which must be used up; returns them as they are sent."""
        left = list(words)
        found = [w for p in parameters if p["type"] not in ("handle", "buffer")
                 for w in self.take(p["type"], left)]
        if left:
            raise Refused
        return found

    def values(self, kind: str) -> st.SearchStrategy[list[int]]:
        """The words of right values."""
        if match := re.fullmatch(r"(.*)\[(\d+)\]", kind):
            return _joined([self.values(match[1])] * int(match[2]))
        if match := re.fullmatch(r"(string|bytes)<(\d+)>", kind):
            low = 1 if match[1] == "string" else 0
            return st.lists(st.integers(low, 255), max_size=int(match[2])).map(_packed)
        if kind in self.structs:
            return _joined([self.values(f["type"]) for f in self.structs[kind]])
        if kind in self.enums:
            return st.sampled_from(sorted(self.enums[kind].values())).map(lambda v: [v])
        if kind == "bool":
            return st.integers(0, 1).map(lambda v: [v])
        bits = int(kind[1:])
        low = 0 if kind[0] == "u" else -1 << bits - 1
        high = low + (1 << bits) - 1
        edges = st.sampled_from([low, high, 0, 1])
        return (edges | st.integers(low, high)).map(
            lambda v: [v & MASK, v >> 32 & MASK] if bits == 64 else [v & MASK])

    def messages(self, parameters: list[dict]) -> st.SearchStrategy[list[int]]:
        """The words of right messages."""
        return _joined([self.values(p["type"]) for p in parameters
                        if p["type"] not in ("handle", "buffer")])


def _joined(parts: list[st.SearchStrategy[list[int]]]) -> st.SearchStrategy[list[int]]:
    return st.tuples(*parts).map(lambda lists: [w for words in lists for w in words])


def _packed(data: list[int]) -> list[int]:
    padded = bytes(data) + bytes(-len(data) % 4)
    return [len(data), *struct.unpack(f"<{len(padded) // 4}I", padded)]


@pytest.fixture(scope="module")
def wire(program: Path) -> Wire:
    """The description of types.idl that idlc wrote."""
    return Wire(json.loads((program.parent / "types.json").read_text(encoding="utf-8")))


ECHOES = ["echo_u8", "echo_u16", "echo_u32", "echo_u64", "echo_i8", "echo_i16", "echo_i32",
          "echo_i64", "echo_bool", "echo_colour", "echo_sparse", "echo_mixed", "echo_struct",
          "echo_points", "echo_longs", "echo_colours", "echo_words", "echo_string", "echo_bytes",
          "echo_both", "last"]
WORDS = st.lists(st.integers(0, MASK) | st.integers(0, 300), max_size=64)


@st.composite
def damaged(draw: st.DrawFn, words: st.SearchStrategy[list[int]]) -> list[int]:
    """Right words, cut, lengthened, or changed in one place."""
    found = list(draw(words))
    match draw(st.integers(0, 3)):
        case 0:
            found = found[:draw(st.integers(0, len(found)))]
        case 1:
            found += draw(st.lists(st.integers(0, MASK), min_size=1, max_size=4))
        case 2 if found:
            at = draw(st.integers(0, len(found) - 1))
            found[at] = draw(st.sampled_from([0, 1, 2, 0xFF, 0x100, 0x7FFFFFFF, 0x80000000, MASK])
                             | st.integers(0, MASK))
        case 3 if found:
            at = draw(st.integers(0, len(found) - 1))
            found[at] = found[at] + draw(st.integers(-4, 4)) & MASK
    return found[:64]


def _tag(label: int, words: int, handles: int = 0, buffers: int = 0) -> int:
    return label << LABEL_SHIFT | buffers << BUFFERS_SHIFT | handles << HANDLES_SHIFT | words


def _serve(peer: Peer, tag: int, words: list[int], arrived: int = 0) -> tuple[int, int, list[int]]:
    record = struct.pack("<66I", tag & MASK, arrived, *(words + [0] * 64)[:64])
    state, answer_tag, *answer = struct.unpack("<66I", peer.ask(record, 264))
    assert state != 2, "the server's answer depends on words that were not sent"
    assert state != 3, "the server lost handles or slots"
    return state, answer_tag, answer[:answer_tag & 0x7F]


# ---- Tests ----

def test_round_trips(program: Path) -> None:
    """Stub to dispatcher and back: every type, boundary values, lost pages, dying clients."""
    run = subprocess.run([program, "checks"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    report = guest_test(run.stdout)
    assert len(report.passed) > 80


@pytest.mark.parametrize("method", ECHOES)
def test_right_messages(dispatcher: Peer, wire: Wire, method: str,
                      checked: Check) -> None:
    """What is sent by the rules comes back, word for word."""
    entry = wire.methods[method]

    @given(wire.messages(entry["in"]))
    def check(words: list[int]) -> None:
        state, tag, answer = _serve(dispatcher, _tag(entry["label"], len(words)), words)
        assert (state, tag, answer) == (1, _tag(0, len(words)), words)
    checked(check)


@pytest.mark.parametrize("method", [*ECHOES, "change"])
def test_malformed_messages(dispatcher: Peer, wire: Wire, method: str,
                      checked: Check) -> None:
    """What breaks the rules is refused with EINVAL; what does not is answered."""
    entry = wire.methods[method]

    @given(damaged(wire.messages(entry["in"])) | WORDS)
    def check(words: list[int]) -> None:
        state, tag, answer = _serve(dispatcher, _tag(entry["label"], len(words)), words)
        try:
            expected = wire.parse(entry["in"], words)
        except Refused:
            assert (state, tag) == (1, _tag(EINVAL, 0))
        else:
            assert state == 1 and tag >> LABEL_SHIFT == 0
            if method != "change":
                assert answer == expected
    checked(check)


def _is_refused(entry: dict, handles: int, buffers: int, arrived: int) -> bool:
    """Whether a message has the wrong handles or buffers for its method."""
    declared = [p for p in entry["in"] if p["type"] == "handle"]
    least = sum(1 for p in declared if not p.get("optional"))
    named = {p["name"] for p in [*entry["in"], *entry["out"]] if p["type"] == "buffer"}
    return (not least <= handles <= len(declared) or buffers != len(named)
            or arrived != (1 << handles) - 1)


def test_any_message(dispatcher: Peer, wire: Wire, checked: Check) -> None:
    """Whatever arrives, by whatever label, with whatever counts: an answer or none, nothing lost.
    A message with the wrong handles or buffers is refused."""
    known = st.sampled_from(list(wire.methods.values()))

    @given(entry=st.none() | known, label=st.integers(0, 0xFFFF), words=WORDS,
           handles=st.integers(0, 4), buffers=st.integers(0, 4), arrived=st.integers(0, 15),
           dropped=st.sampled_from([0, 0x2000]))
    def check(entry: dict | None, label: int, words: list[int], handles: int, buffers: int,
              arrived: int, dropped: int) -> None:
        label = entry["label"] if entry else label
        arrived &= (1 << handles) - 1
        tag = _tag(label, len(words), handles, buffers) | dropped
        state, answer, _ = _serve(dispatcher, tag, words, arrived)
        if entry and not entry["oneway"] and _is_refused(entry, handles, buffers, arrived):
            expected = ENOSYS if entry["name"] == "missing" else EINVAL
            assert (state, answer) == (1, _tag(expected, 0))
    checked(check)


@pytest.mark.parametrize("least, sent, arrived, error", [
    ("show", 0, 0, EINVAL), ("show", 1, 0, EINVAL), ("show", 1, 1, 0), ("show", 2, 3, EINVAL),
    ("several", 0, 0, EINVAL), ("several", 1, 1, 0), ("several", 3, 7, 0),
    ("several", 3, 5, EINVAL), ("several", 4, 15, EINVAL), ("keep_it", 1, 1, 0)])
def test_handles(dispatcher: Peer, wire: Wire, least: str, sent: int, arrived: int,
                 error: int) -> None:
    """Handles that are missing, too many, or were dropped on the way."""
    label = wire.methods[least]["label"]
    state, tag, _ = _serve(dispatcher, _tag(label, 0, sent), [], arrived)
    assert (state, tag >> LABEL_SHIFT) == (1, error)


def test_words_beyond_a_message(dispatcher: Peer, wire: Wire) -> None:
    """A tag can say 127 words; there are 64."""
    for method in ("echo_words", "echo_string", "echo_u32"):
        for count in (65, 100, 127):
            state, tag, _ = _serve(dispatcher, _tag(wire.methods[method]["label"], count), [1] * 64)
            assert (state, tag) == (1, _tag(EINVAL, 0))


@pytest.mark.parametrize("method, length, word, clean", [
    ("echo_string", 1, 0xFFFFFF41, 0x41), ("echo_string", 3, 0xFF434241, 0x434241),
    ("echo_bytes", 2, 0xDEADBEEF, 0xBEEF), ("echo_bytes", 4, 0xDEADBEEF, 0xDEADBEEF)])
def test_padding_is_clean(dispatcher: Peer, wire: Wire, method: str, length: int, word: int,
                          clean: int) -> None:
    """Behind the last byte of a string or bytes nothing of the sender's memory leaves."""
    label = wire.methods[method]["label"]
    state, tag, answer = _serve(dispatcher, _tag(label, 2), [length, word])
    assert (state, tag, answer) == (1, _tag(0, 2), [length, clean])


ANSWERED = {"echo_u8": 0, "echo_i16": 0, "echo_u64": 0, "echo_bool": 0, "echo_colour": 0,
            "echo_sparse": 0, "echo_struct": 0, "echo_words": 0, "echo_string": 0,
            "echo_bytes": 0, "keep_it": 0, "pair": 2, "give_back": 1}


@pytest.mark.parametrize("method", ANSWERED)
def test_malformed_answers(client: Peer, wire: Wire, method: str,
                      checked: Check) -> None:
    """A client takes a right answer, an error as it is, and anything else as EIO; it never reads
    outside, keeps no handle of a wrong answer and no slot."""
    entry = wire.methods[method]
    right = wire.messages(entry["out"])

    @given(words=right | damaged(right) | WORDS, label=st.just(0) | st.integers(0, 0xFFFF),
           handles=st.just(ANSWERED[method]) | st.integers(0, 4),
           flags=st.just(0) | st.sampled_from([0x2000, 0x4000, 0x400]))
    def check(words: list[int], label: int, handles: int, flags: int) -> None:
        tag = _tag(label, len(words), handles) | flags
        record = struct.pack("<67I", entry["label"], handles, tag, *(words + [0] * 64)[:64])
        status, = struct.unpack("<i", client.ask(record, 4))
        if label:
            assert status == (-label if label < 4096 else -EIO)
            return
        try:
            wire.parse(entry["out"], words)
            assert status == (0 if handles == ANSWERED[method] and not flags else -EIO)
        except Refused:
            assert status == -EIO
    checked(check)
