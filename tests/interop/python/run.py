"""Runs the Python SDK's client against the example server whose executable is given."""

from __future__ import annotations

import sys
import warnings
from contextlib import AbstractAsyncContextManager

import anyio
from checks import called_all, everything
from mcp import MCPDeprecationWarning, StdioServerParameters
from peer import connected
from serving import serving
from tally import Tally

MODERN = "2026-07-28"

# How the client finds the revision, and which one must come of it.
MODES = [("legacy", "2025-11-25"), (MODERN, MODERN), ("auto", MODERN)]


async def main(program: str) -> int:
    tally = Tally()
    for mode, revision in MODES:
        target = StdioServerParameters(command=program)
        await session(tally, f"everything, Python {mode}", target, mode, revision)
    await over_http(tally, program)
    return tally.close()


async def over_http(tally: Tally, program: str) -> None:
    """All modes against one server, which answers whoever comes and leaves when it is told."""
    went_wrong = None
    try:
        async with serving(program) as url:
            for mode, revision in MODES:
                group = f"everything over HTTP, Python {mode}"
                await session(tally, group, url, mode, revision)
    except Exception as error:
        went_wrong = error
    async with tally.check("everything over HTTP, Python", "listens, and leaves when told"):
        if went_wrong:
            raise went_wrong


async def session(tally: Tally, group: str, target: object, mode: str, revision: str) -> None:
    """Connects, runs the checks and ends; a connection that fails is one failed check."""

    def check(name: str) -> AbstractAsyncContextManager[None]:
        return tally.check(group, name)

    before = tally.passed
    try:
        async with connected(target, mode, modern=revision == MODERN) as peer:
            async with check("agrees on the revision"):
                agreed = peer.client.protocol_version
                assert agreed == revision, agreed
            await everything(peer, check)
            await called_all(peer, check)
    except Exception as error:
        async with check("connects and ends"):
            raise error
    print(f"{group}: {tally.passed - before} passed", flush=True)


if __name__ == "__main__":
    # The handshake era has methods that the newest revision has not.
    warnings.simplefilter("ignore", MCPDeprecationWarning)
    if len(sys.argv) != 2:
        sys.exit("usage: run.py EVERYTHING")
    sys.exit(anyio.run(main, sys.argv[1]))
