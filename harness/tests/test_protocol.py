# SPDX-License-Identifier: MIT
"""Reports and audits, whole and damaged."""

import pytest

from iris_harness import AuditFailure, GuestTestFailure, guest_test
from iris_harness.protocol import compare_counts, longest_stay, parse_audit

WHOLE = """\
unrelated output
#test 1 begin ipc
#test 2 ok call returns the reply
[    1.000000] log: a message between
#test 3 metric roundtrip 107.5 instructions words=0 door=sysenter
#test 4 ok 64 words arrive
#test 5 end ipc total=5 failed=0
more output
"""


def damaged(old: str, new: str) -> str:
    """The whole report with one thing changed."""
    assert old in WHOLE
    return WHOLE.replace(old, new)


def test_whole_report() -> None:
    test = guest_test(WHOLE)
    assert test.name == "ipc"
    assert test.passed == ["call returns the reply", "64 words arrive"]
    metric = test.metrics[0]
    assert (metric.name, metric.value, metric.unit) == ("roundtrip", 107.5, "instructions")
    assert metric.parameters == {"words": "0", "door": "sysenter"}


def test_metrics_are_handed_on() -> None:
    seen = []
    guest_test(WHOLE).log_metrics(lambda *args, **kwargs: seen.append((args, kwargs)), round=3)
    assert seen == [(("roundtrip", 107.5, "instructions"),
                     {"words": "0", "door": "sysenter", "round": 3})]


@pytest.mark.parametrize(("text", "message"), [
    ("", "reported nothing"),
    (damaged("#test 4 ok 64 words arrive\n", ""), "expected line 4"),
    (damaged("#test 1 begin ipc\n", ""), "expected line 1"),
    (damaged("#test 5 end ipc total=5 failed=0\n", ""), "truncated"),
    (WHOLE[:WHOLE.index("total=5")], "garbled end"),
    (damaged("total=5", "total=6"), "lines were lost"),
    (damaged("total=5", "total=4"), "lines were lost"),
    (damaged("failed=0", "failed=1"), "failed=1, but 0"),
    (damaged("#test 2 ok", "#test 2 okay"), "garbled line"),
    (damaged("#test 2 ok", "#te#test 2 ok"), "garbled line"),
    (damaged("#test 2 ok", "#test two ok"), "garbled line"),
    (damaged("#test 2 ok", "#test 3 ok"), "expected line 2"),
    (damaged("#test 4 ok", "#test 3 ok"), "expected line 4"),
    (damaged("#test 4 ok", "#test 4 begin"), "must not be 'begin'"),
    (damaged("end ipc", "end irq"), "garbled end"),
    (damaged("107.5 instructions", "instructions"), "garbled line 3"),
    (damaged("more output", "#test 6 ok too late"), "goes on after its end"),
    (damaged("#test 4 ok 64 words arrive", "#test 4 FAIL what"), "garbled line 4"),
    ("#test 1 begin x\n#test 2 end x total=2 failed=0\n", "checked nothing"),
])
def test_damaged_report(text: str, message: str) -> None:
    with pytest.raises(GuestTestFailure, match=message):
        guest_test(text)


def test_failed_check_is_shown() -> None:
    text = damaged("#test 4 ok 64 words arrive", "#test 4 FAIL ipc.c:12: 63 != 64")
    with pytest.raises(GuestTestFailure, match=r"1 of 2 checks failed:\n  ipc.c:12: 63 != 64"):
        guest_test(text.replace("failed=0", "failed=1"))
    with pytest.raises(GuestTestFailure, match="failed=0, but 1"):
        guest_test(text)


def test_longest_stay() -> None:
    assert longest_stay("audit ok: a=1\n") is None
    assert longest_stay("longest stay in the kernel: 7 cycles, x\nlongest stay in the kernel: "
                        "9 cycles, vector 0x40, call 3\n") == (9, "vector 0x40, call 3")


def test_audit_counts() -> None:
    assert parse_audit(["audit ok: spaces=3 user_pages=100"]) == {"spaces": 3, "user_pages": 100}


@pytest.mark.parametrize(("lines", "message"), [
    (["audit FAILED: queue 3: wrong state"], "audit FAILED: queue 3"),
    (["audit ok: spaces=3", "audit FAILED: late"], "late"),
    (["audit: unknown command"], "no verdict"),
    ([], "no verdict"),
    (["audit ok:"], "no verdict"),
    (["audit ok: spaces=x"], "no verdict"),
    (["audit ok: spaces=3", "audit ok: spaces=3"], "no verdict"),
])
def test_bad_audit(lines: list[str], message: str) -> None:
    with pytest.raises(AuditFailure, match=message):
        parse_audit(lines)


def test_counts_are_compared_both_ways() -> None:
    base = {"threads": 9, "user_pages": 100}
    assert compare_counts(base, dict(base), {}) == []
    assert compare_counts(base, {"threads": 10, "user_pages": 100}, {}) == [
        "threads: 9 -> 10 (+1)"]
    assert compare_counts(base, {"threads": 9, "user_pages": 98}, {}) == [
        "user_pages: 100 -> 98 (-2)"]
    assert compare_counts(base, {"threads": 9, "user_pages": 98}, {"user_pages": 2}) == []
    assert compare_counts(base, {"threads": 9}, {}) == ["user_pages: only in one of the two audits"]
