"""Counting checks: each has a name, runs with a deadline, and fails on its own."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

# How long one check may take, in seconds.
DEADLINE = 20


class Tally:
    """What passed and what failed."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    @asynccontextmanager
    async def check(self, group: str, name: str) -> AsyncIterator[None]:
        """Runs the block as the check `name` of `group` and counts how it went."""
        try:
            with anyio.fail_after(DEADLINE):
                yield
        except Exception as error:
            self.failed += 1
            why = "".join(traceback.format_exception(error)).rstrip().replace("\n", "\n    ")
            print(f"FAILED {group}: {name}\n    {why}", flush=True)
        else:
            self.passed += 1

    def close(self) -> int:
        """Prints the closing line and returns the exit code."""
        print(f"interop: {self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1
