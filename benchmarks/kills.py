"""The gateway killed again and again while it crawls and writes: `python -m benchmarks.kills --times 100`.

Each process finds the folder as the one before left it, crawls a catalogue that has changed meanwhile, and is killed
(`SIGKILL`) at some moment. After each kill the file is read: it is whole, a snapshot of the upstream as it was or as it
became under the crawl, and never an older one than before. In the end it is served with the upstream away.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.catalogue import PACKAGES, PackageRow, make_catalogue
from benchmarks.servers import Client, StubControl, running_gateway, running_stub
from benchmarks.tables import machine
from benchmarks.truth import Span, Truth
from catalogue.sqlite_store import SQLiteStore
from catalogue.store import Stored
from upstream import Grid, Package

OPTIONS: Final = ("--sync-interval", "1", "--sync-page-size", "1000", "--news-interval", "0", "--mirror-wait", "60")
WHOLE: Final = "{ packages(first: 1) { totalCount } }"
MAX_SECONDS: Final = 5.0
"""What a process may live at most: it takes about as long to load the snapshot, crawl and write."""


class DamageError(Exception):
    """The file is not as it should be."""


class Folder:
    """The folder of all these processes, and what must be in it."""

    def __init__(self, place: Path, url: str, truth: Truth) -> None:
        self.place = place
        self.snapshots: set[int] = set()
        """The numbers of those that were found."""
        self.cut_writes = 0
        self.is_current = False
        """Whether what is stored is of the upstream's state alone: a crawl that was cut off has no older page then."""
        self._store = SQLiteStore(place, url)
        self._truth = truth
        self._last = 0
        self._oldest = 0

    def check(self) -> None:
        """Hold the file against the truth.

        :raises DamageError: when it is damaged, older than it was, or says what never was.
        """
        self.cut_writes += bool(list(self.place.glob("*-journal")))
        stored = self._store.load()
        for file in self.place.glob("*.sqlite3"):
            with closing(sqlite3.connect(file)) as database:
                if (found := database.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
                    raise DamageError(f"the file is damaged: {found}")
        if list(self.place.glob("*.set-aside-*")):
            raise DamageError("a file was set aside")
        number = stored.version.number
        if number < self._last or (self._last and not stored.is_whole):
            raise DamageError(f"the file has snapshot {number}, whole: {stored.is_whole}, after {self._last}")
        self._last = number
        if number:
            self.snapshots.add(number)
            self._oldest = self._state(stored)
            newest = len(self._truth.states) - 1
            self.is_current = any(_fits(stored, span) for _, span in self._truth.spans(newest, newest))

    def _state(self, stored: Stored) -> int:
        """Return the oldest state that the snapshot may be made from, which is none from before the last one."""
        for state, span in self._truth.spans(self._oldest, len(self._truth.states) - 1):
            if _fits(stored, span):
                return state
        raise DamageError(f"snapshot {stored.version.number} is of no two neighbouring states")


def _fits(stored: Stored, span: Span) -> bool:
    packages = {each.id: each for each in stored.records if isinstance(each, Package)}
    grids = {each.id: each for each in stored.records if isinstance(each, Grid)}
    if not (packages.keys() >= span.both and grids.keys() == span.after.grids.keys()):
        return False
    is_each_one = all(any(_is(package, row) for row in span.rows(id_)) for id_, package in packages.items())
    return is_each_one and all(
        any(list(grid.packages) == state.grids[id_]["packages"] for state in (span.before, span.after))
        for id_, grid in grids.items()
    )


def _is(package: Package, row: PackageRow) -> bool:
    found = (package.slug, package.repo_watchers, package.repo_description, list(package.participants))
    return found == (row["slug"], row["repo_watchers"], row["repo_description"], row["participants"])


def kill(times: int, folder: Folder, stub: StubControl, truth: Truth, rng: random.Random) -> None:
    """Start and kill the gateway so many times, and check the folder each time.

    The catalogue changes only after a snapshot of its state alone, so that no crawl meets more than two states of it,
    though it may go on with pages that a killed one has read.

    :raises DamageError: what it left is not as it should be.
    """
    for _ in range(times):
        with running_gateway(stub.url, *OPTIONS, "--data-dir", str(folder.place)) as gateway:
            if not folder.snapshots:
                Client(gateway.url).ask(WHOLE).data  # noqa: B018 (which waits for the first snapshot)
            time.sleep(rng.uniform(0, MAX_SECONDS / 2))
            if folder.is_current:
                truth.change()
                stub.change()
            time.sleep(rng.uniform(0, MAX_SECONDS / 2))
            os.kill(gateway.process.pid, signal.SIGKILL)
            gateway.process.wait()
        folder.check()


@click.command()
@click.option("--times", default=100, show_default=True, help="How often.")
@click.option("--packages", default=PACKAGES, show_default=True, help="Size of the catalogue.")
@click.option("--seed", default=4, show_default=True, help="Of the moments.")
def main(times: int, packages: int, seed: int) -> None:
    """Kill the gateway while it crawls and writes; the exit status is 1 when it leaves damage."""
    click.echo(machine())
    truth = Truth(make_catalogue(packages))
    with TemporaryDirectory() as place, running_stub(packages) as stub:
        folder = Folder(Path(place), stub.url, truth)
        kill(times, folder, stub, truth, random.Random(seed))
        stub.fault("reset")
        with running_gateway(stub.url, "--data-dir", place) as gateway:
            served = Client(gateway.url).ask(WHOLE).data
    click.echo(
        f"Killed {times} times, {folder.cut_writes} of them while it wrote. "
        f"{len(folder.snapshots)} snapshots were found, each whole and true. With the upstream away: {served}"
    )


if __name__ == "__main__":
    main()
