"""A server under test that listens on a port of its own choice."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.streams.text import TextReceiveStream

# How long a server may take to say where it listens, or to leave, in seconds.
PROMPTLY = 10


@asynccontextmanager
async def serving(program: str) -> AsyncIterator[str]:
    """Starts `program --http 127.0.0.1:0` and yields its URL, which it prints on standard error.

    In the end the server is asked to leave, which it must do by itself.
    """
    process = await anyio.open_process(
        [program, "--http", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    assert process.stderr is not None
    said = TextReceiveStream(process.stderr)
    try:
        with anyio.fail_after(PROMPTLY):
            url = await first_url(said)
        async with anyio.create_task_group() as tasks:
            # Read on, so that the server never waits for somebody to read what it says.
            tasks.start_soon(drain, said)
            yield url
            process.terminate()
            with anyio.fail_after(PROMPTLY):
                assert await process.wait() == 0, process.returncode
    finally:
        if process.returncode is None:
            process.kill()


async def first_url(said: TextReceiveStream) -> str:
    """The first URL in what the server says."""
    text = ""
    async for part in said:
        text += part
        if found := re.search(r"http://127\.0\.0\.1:\d+/\S*(?=\s)", text):
            return found[0]
    raise AssertionError(f"the server said {text!r} and left")


async def drain(said: TextReceiveStream) -> None:
    """Reads until the server closes its end."""
    async for _ in said:
        pass
