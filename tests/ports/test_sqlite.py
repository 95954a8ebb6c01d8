# SPDX-License-Identifier: MIT
"""SQLite's shell on a database in /tmp: transactions, roll-back, locks, many rows, damage."""

from __future__ import annotations

import shlex

import pytest

pytestmark = pytest.mark.port("sqlite")
FILE = "/tmp/data.db"
# What is typed at sqlite's prompt, and what has to come of it.
SESSION = [
    ("create table town(name text primary key, people int);", r"\n"),
    ("insert into town values('Ulm',126000),('Bonn',330000);", r"\n"),
    (".mode column", r"\n"),
    ("select * from town order by people;", r"Ulm +126000\nBonn +330000\n"),
    ("select from;", r'near "from": syntax error'),
    ("insert into town values('Ulm', 0);", r"UNIQUE constraint failed: town\.name"),
    (".schema", r"CREATE TABLE town\(name text primary key, people int\);\n"),
    (".timer on", r"\n"),
    ("select count(*) as count,", r"\n"),
    ("  sum(people) from town;", r"2 +456000 *\n(.*\n)?Run Time: real \S+ user \S+ sys \S+\n"),
    (".databases", r"main: /tmp/data\.db r/w\n"),
]


def sql(shell, text: str, timeout: float = 60) -> list[str]:
    """Runs statements in a process of their own; what they print."""
    return shell.exec(f"sqlite3 {FILE} {shlex.quote(text)}", timeout, check=True).lines


def leave_nothing(shell) -> None:
    """Removes the database; there must be nothing else, no journal and no lock."""
    shell.exec(f"rm {FILE}", check=True)
    assert shell.exec("ls /tmp").lines == []


def test_interactive(shell) -> None:
    """Its prompt, commands with a dot, errors, a statement of several lines, the end."""
    shell.start()
    dut = shell.dut
    dut.write(f"sqlite3 {FILE}\r")
    for typed, answer in SESSION:
        dut.expect(r"^(sqlite>|   \.\.\.>) ")
        dut.write(typed + "\r")
        dut.expect(answer)
    dut.expect(r"^sqlite> ")
    dut.write(".quit\r")
    shell.wait_prompt()
    assert sql(shell, "select name from town order by 1") == ["Bonn", "Ulm"]
    leave_nothing(shell)


def test_kept_in_the_file(shell) -> None:
    """What one process commits the next one reads; what it rolls back was never there."""
    sql(shell, "create table t(n integer primary key, s text); begin; "
               "insert into t(s) values('kept'); commit; begin; insert into t(s) values('lost'); "
               "update t set s = 'changed'; rollback;")
    assert sql(shell, "select n, s from t") == ["1|kept"]
    assert sql(shell, "pragma integrity_check; pragma journal_mode;") == ["ok", "delete"]
    assert shell.exec("ls /tmp").lines == ["data.db"]
    leave_nothing(shell)


def test_many_rows(shell) -> None:
    """5,000 rows, an index, a join, sorting beyond the cache, and shrinking the file again."""
    assert sql(shell, "pragma cache_size = 20; create table t(a int, b text); "
                      "with recursive c(x) as (select 1 union all select x + 1 from c where "
                      "x < 5000) insert into t select x, printf('%05d', (x * 7919) % 5000) from c; "
                      "create index i on t(b); select count(*), sum(a), min(b), max(b) from t; "
                      "select a from t where b = '04999'; select count(*) from t x join t y "
                      "on x.b = y.b; pragma integrity_check;", 120) == [
        "5000|12502500|00000|04999",
        str(next(x for x in range(1, 5001) if x * 7919 % 5000 == 4999)), "5000", "ok"]
    pages = int(sql(shell, "pragma page_count")[0])
    sql(shell, "delete from t where a > 100; vacuum;", 120)
    assert int(sql(shell, "pragma page_count")[0]) < pages / 5
    assert sql(shell, "pragma integrity_check; select count(*) from t") == ["ok", "100"]
    leave_nothing(shell)


def test_two_processes(shell) -> None:
    """Several read at once. While one writes, another cannot, and says so; afterwards it can."""
    sql(shell, "create table t(n int); insert into t values(0)")

    def other(statement: str, answer: str) -> None:
        """What another process gets, while the first one is at its prompt."""
        shell.dut.write(f".shell sqlite3 {FILE} {shlex.quote(statement)}\r")
        shell.dut.expect(answer)
        shell.dut.expect(r"^sqlite> ")

    shell.dut.write(f"sqlite3 {FILE}\r")
    shell.dut.expect(r"^sqlite> ")
    shell.dut.write("begin; select 'n', n from t;\r")
    shell.dut.expect(r"^n\|0\n")
    shell.dut.expect(r"^sqlite> ")
    other("select n + 10 from t", r"^10\n")
    other("insert into t values(2)", r"database is locked")
    shell.dut.write("commit; begin exclusive; insert into t values(1);\r")
    shell.dut.expect(r"^sqlite> ")
    other("select n from t", r"database is locked")
    shell.dut.write("commit;\r")
    shell.dut.expect(r"^sqlite> ")
    other("insert into t values(2); select 42", r"^42\n")
    shell.dut.write(".quit\r")
    shell.wait_prompt()
    assert sql(shell, "select n from t order by n") == ["0", "1", "2"]
    leave_nothing(shell)


def test_a_killed_writer_leaves_no_lock(shell) -> None:
    """Its lock ends with it, and what it had not committed is rolled back by the next one."""
    sql(shell, "create table t(n int); insert into t values(0)")
    shell.dut.write(f"sqlite3 {FILE}\r")
    shell.dut.expect(r"^sqlite> ")
    shell.dut.write("pragma cache_size = 1; begin exclusive; update t set n = 1;\r")
    shell.dut.expect(r"^sqlite> ")
    shell.dut.write("\x1c")
    shell.wait_prompt()
    assert sql(shell, "select n from t; insert into t values(2); pragma integrity_check;") == [
        "0", "ok"]
    leave_nothing(shell)


def test_write_ahead_log(shell) -> None:
    """The index of the log is memory that all share: readers are not disturbed by the writer."""
    assert sql(shell, "pragma journal_mode = wal; create table t(n int); "
                      "insert into t values(1)") == ["wal"]
    shell.dut.write(f"sqlite3 {FILE}\r")
    shell.dut.expect(r"^sqlite> ")
    shell.dut.write("begin; select 'n', count(*) from t;\r")
    shell.dut.expect(r"^n\|1\n")
    shell.dut.expect(r"^sqlite> ")
    rows = "with recursive c(x) as (select 1 union all select x + 1 from c where x < 6000)"
    shell.dut.write(f".shell sqlite3 {FILE} '{rows} insert into t select x from c; select 42'\r")
    shell.dut.expect(r"^42\n")
    shell.dut.expect(r"^sqlite> ")
    shell.dut.write("select 'n', count(*) from t; commit; select 'n', count(*) from t;\r")
    shell.dut.expect(r"^n\|1\nn\|6001\n")
    shell.dut.expect(r"^sqlite> ")
    shell.dut.write(".quit\r")
    shell.wait_prompt()
    assert sql(shell, "pragma integrity_check; select count(*) from t", 120) == ["ok", "6001"]
    leave_nothing(shell)


def test_dump_and_functions(shell) -> None:
    """A dump read back through a pipe, dates, JSON, mathematics, full text."""
    sql(shell, "create table t(n int, x real, s text, b blob); "
               "insert into t values(-1, 2.5, 'it''s', x'00ff')")
    assert shell.exec(f"sqlite3 {FILE} .dump | sqlite3 /tmp/copy.db; "
                      "sqlite3 /tmp/copy.db 'select n, x, s, hex(b) from t'; rm /tmp/copy.db",
                      timeout=60).lines == ["-1|2.5|it's|00FF"]
    assert sql(shell, "select date(86400 * 365, 'unixepoch'), json_extract('{\"a\":[1,2]}', "
                      "'$.a[1]'), round(sqrt(2), 6), upper('abc'), typeof(1 / 2.0)") == [
        "1971-01-01|2|1.414214|ABC|real"]
    assert sql(shell, "create virtual table f using fts5(body); insert into f values"
                      "('the quick fox'), ('a lazy dog'); "
                      "select body from f where f match 'lazy'") == ["a lazy dog"]
    leave_nothing(shell)


def test_not_a_database(shell) -> None:
    """Another file is refused, and left alone."""
    shell.exec(f"seq 1000 >{FILE}", check=True)
    result = shell.exec(f"sqlite3 {FILE} 'create table t(n)'")
    assert result.status != 0 and "file is not a database" in result.text
    assert shell.exec(f"wc {FILE}").lines[0].split()[0] == "1000"
    leave_nothing(shell)
