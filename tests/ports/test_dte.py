# SPDX-License-Identifier: MIT
"""dte, an editor: its keys and commands on the terminal, and what is then in the file."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.port("dte")
FILE = "/tmp/x.txt"


class Editor:
    """An editor in the foreground. Every key is waited for: a burst of them would be a paste."""

    def __init__(self, shell, words: str = FILE) -> None:
        self.shell, self.dut = shell, shell.dut
        shell.start()
        self.dut.write(f"HOME=/tmp dte {words}\r")
        self.dut.expect(r"UTF-8 LF")

    def enter(self, text: str) -> None:
        """Types a line into the text, which is then seen, and begins the next one."""
        self.dut.write(text)
        self.dut.expect_exact(text)
        self.dut.write("\r")
        self.dut.expect(r"\d+,1 ")

    def command(self, text: str, answer: str) -> None:
        """Runs one of its commands; `answer` appears then."""
        self.dut.write("\x1bx")
        self.dut.expect(r":")
        self.dut.write(text)
        self.dut.expect_exact(":" + text)
        self.dut.write("\r")
        self.dut.expect(answer)

    def quit(self) -> None:
        """Ends it by its key; the prompt is back, and the terminal is as it was."""
        self.dut.write("\x11")
        self.shell.wait_prompt()


def leave_nothing(shell) -> None:
    """Removes the file and the editor's own folder."""
    shell.exec(f"rm -r {FILE} /tmp/.dte", check=True)
    assert shell.exec("ls /tmp").lines == []


def test_write_and_edit(shell) -> None:
    """A new file is written, saved, and changed by another run: keys, undo, search and replace."""
    editor = Editor(shell)
    for line in ("one", "two", "three"):
        editor.enter(line)
    editor.dut.write("\x13")
    editor.dut.expect(r"x\.txt  ")  # the star of an unsaved file is gone
    editor.quit()
    assert shell.exec(f"cat {FILE}").lines == ["one", "two", "three", ""]
    editor = Editor(shell)
    editor.command("replace -g o 0", r"2 substitutions on 2 lines")
    editor.command("line 3", r" 3,\d ")
    editor.command("delete-line", r" 3,\d ")
    editor.command("undo", r"three")
    editor.command("save", r"x\.txt  ")
    editor.quit()
    assert shell.exec(f"cat {FILE}").lines == ["0ne", "tw0", "three", ""]
    leave_nothing(shell)


def test_other_programs(shell) -> None:
    """The text through a program, the output of one into the text, and one on the terminal."""
    shell.exec(f"seq 3 >{FILE}", check=True)
    editor = Editor(shell)
    editor.command("filter sort -r", r"3(.|\n)*2(.|\n)*1")
    editor.command("pipe-from echo here", r"here")
    editor.command("save", r"x\.txt  ")
    editor.command("run nowhere", r"nowhere.*(No such file|not found)")
    editor.quit()
    assert sorted(shell.exec(f"cat {FILE}").lines) == ["1", "2", "3", "here"]
    leave_nothing(shell)


def test_unsaved_changes(shell) -> None:
    """It does not let one go without a question; the file stays as it was."""
    shell.exec(f"echo kept >{FILE}", check=True)
    editor = Editor(shell)
    editor.enter("lost")
    editor.dut.write("\x11")
    editor.dut.expect(r"[Qq]uit|[Ss]ave")
    editor.dut.write("y")
    shell.wait_prompt()
    assert shell.exec(f"cat {FILE}").lines == ["kept"]
    leave_nothing(shell)
