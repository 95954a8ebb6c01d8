# SPDX-License-Identifier: MIT
"""Sources of Debian packages, fetched with apt, kept in ${XDG_CACHE_HOME:-~/.cache}/iris/ports.

The system's lists stay as they are: apt gets a private folder for its state, and a source list made
from the configured one, with `deb-src` for `deb`. So it works for ordinary users too, and no host
is named here.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

CACHE_HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CACHE = CACHE_HOME / "iris" / "ports"
CONFIGURED = Path("/etc/apt")
PATIENCE = ["-o", "Acquire::Retries=3"]


class FetchError(Exception):
    """A source package that cannot be had."""


def source_entries(text: str, deb822: bool) -> str:
    """The entries of one configured list for sources instead of packages; may be empty."""
    if deb822:
        stanzas = re.split(r"\n\s*\n", text)
        return "\n\n".join(re.sub(r"(?mi)^Types:.*$", "Types: deb-src", stanza)
                           for stanza in stanzas if re.search(r"(?mi)^Types:.*\bdeb\b", stanza)
                           and not re.search(r"(?mi)^Enabled:\s*no", stanza)) + "\n"
    lines = [re.sub(r"^\s*deb(?=[\s\[])", "deb-src", line) for line in text.splitlines()
             if re.match(r"^\s*deb[\s\[]", line)]
    return "".join(f"{line}\n" for line in lines)


def configured_lists() -> Iterator[Path]:
    """The files apt reads on this system."""
    if (CONFIGURED / "sources.list").is_file():
        yield CONFIGURED / "sources.list"
    for suffix in ("list", "sources"):
        yield from sorted((CONFIGURED / "sources.list.d").glob(f"*.{suffix}"))


def last_line(text: str) -> str:
    """What a tool said last."""
    return (text.strip().splitlines() or [""])[-1]


class Sources:
    """apt with a state of its own."""

    def __init__(self, cache: Path = CACHE) -> None:
        self.cache = cache
        self.apt = cache / "apt"

    def _options(self) -> list[str]:
        values = {
            "Dir::State::lists": self.apt / "lists",
            "Dir::Cache": self.apt / "cache",
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": self.apt / "parts",
            "APT::Sandbox::User": pwd.getpwuid(os.getuid()).pw_name,
        }
        return PATIENCE + [word for key, value in values.items()
                           for word in ("-o", f"{key}={value}")]

    def _run(self, *words: str, cwd: Path | None = None) -> str:
        done = subprocess.run(["apt-get", "-q", *self._options(), *words], cwd=cwd, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise FetchError(f"apt-get {' '.join(words)}:\n{done.stdout}")
        return done.stdout

    def _listed(self) -> bool:
        """Whether there are indexes of sources."""
        return any((self.apt / "lists").glob("*Sources*"))

    def update(self) -> None:
        """Write the private list, and get the indexes it names."""
        parts = self.apt / "parts"
        shutil.rmtree(parts, ignore_errors=True)
        for folder in (parts, self.apt / "lists" / "partial", self.apt / "cache"):
            folder.mkdir(parents=True, exist_ok=True)
        for path in configured_lists():
            entries = source_entries(path.read_text(), path.suffix == ".sources")
            if entries.strip():
                (parts / path.name).write_text(entries)
        if not any(parts.iterdir()):
            raise FetchError(f"{CONFIGURED} names no archive of packages")
        try:
            said = self._run("update")
        except FetchError as error:
            said = str(error)
        if not self._listed():
            raise FetchError("no archive of sources is in reach; is there a network?\n" + said)

    def _download(self, package: str, to: Path) -> None:
        """Gets its files; apt compares them with what the archive has signed."""
        words = ("source", "--download-only", "--only-source", package)
        if self._listed():
            try:
                self._run(*words, cwd=to)
                return
            except FetchError:
                pass  # the archive may have another version since the lists were fetched
        self.update()
        self._run(*words, cwd=to)

    def fetch(self, package: str, again: bool = False) -> Path:
        """The folder with a source package as Debian ships it (unpacked elsewhere: `unpack`); what
        is there is taken, unless it is to be fetched `again`."""
        folder = self.cache / "sources" / package
        if again or not list(folder.glob("*.dsc")):
            partial = self.cache / "sources" / f"{package}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            print(f"ports: fetching the source of {package}", flush=True)
            self._download(package, partial)
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        return folder

    def unpack(self, package: str, to: Path, upstream: bool = False) -> str:
        """Unpacks it, with Debian's patches unless `upstream`; returns its version. A kept copy
        that is damaged is fetched again."""
        for again in (False, True):
            description = sorted(self.fetch(package, again).glob("*.dsc"))[-1]
            shutil.rmtree(to, ignore_errors=True)
            to.parent.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(
                ["dpkg-source", *(["--skip-patches"] if upstream else []), "--extract",
                 str(description), str(to)], text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if done.returncode == 0:
                break
            print(f"ports: {description.parent} is damaged: {last_line(done.stdout)}", flush=True)
        else:
            raise FetchError(f"dpkg-source {package}:\n{done.stdout}")
        match = re.search(r"(?m)^Version: (\S+)", description.read_text(errors="replace"))
        return match[1] if match else "unknown"
