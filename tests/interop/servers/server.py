"""A small server on the Python SDK, for our client: over standard input and output, or with an
address such as 127.0.0.1:8001 over HTTP. `server.mjs` offers the same."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import anyio
import mcp_types as types
from mcp import MCPDeprecationWarning
from mcp.server.mcpserver import (
    AcceptedElicitation,
    Context,
    Elicit,
    ElicitationResult,
    ListRoots,
    MCPServer,
    Resolve,
    Sample,
)
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel

NAMES = ["Ada", "Alan", "Grace"]

server = MCPServer("peer", version="1.0.0", instructions="Ask me anything.", log_level="WARNING")
given_up_calls = 0


class Greeted(BaseModel):
    """The form that `ask_user` asks to fill in."""

    name: str
    age: int = 30


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fails."""
    raise ToolError("as asked")


@server.tool()
async def work(steps: int, ctx: Context) -> str:
    """Reports each step."""
    for step in range(1, steps + 1):
        await ctx.report_progress(step, steps)
    return "worked"


@server.tool()
async def wait(ctx: Context) -> str:
    """Waits until it is given up."""
    global given_up_calls
    try:
        await ctx.report_progress(1, 2)
        await anyio.sleep_forever()
    finally:
        given_up_calls += 1
    return "nobody hears this"


@server.tool()
def given_up() -> str:
    """Counts the waits that were given up."""
    return str(given_up_calls)


@server.tool()
async def change(ctx: Context) -> str:
    """Tells of changes."""
    await ctx.notify_tools_changed()
    await ctx.notify_resource_updated("memo://today")
    if ctx.protocol_version != "2026-07-28":
        await ctx.session.send_tool_list_changed()
    return "changed"


def who() -> Elicit[Greeted]:
    return Elicit("Who are you?", Greeted)


def colour() -> Sample:
    content = types.TextContent(type="text", text="Name a colour.")
    return Sample([types.SamplingMessage(role="user", content=content)], max_tokens=10)


def where() -> ListRoots:
    return ListRoots()


@server.tool()
def ask_user(answer: Annotated[ElicitationResult[Greeted], Resolve(who)]) -> str:
    """Asks for a name."""
    if isinstance(answer, AcceptedElicitation):
        return f"{answer.data.name}, {answer.data.age}"
    return answer.action


@server.tool()
def ask_model(answer: Annotated[types.CreateMessageResult, Resolve(colour)]) -> str:
    """Asks the model."""
    return answer.content.text


@server.tool()
def ask_roots(answer: Annotated[types.ListRootsResult, Resolve(where)]) -> str:
    """Asks for the roots."""
    return " ".join(str(root.uri) for root in answer.roots)


@server.prompt()
def greet(name: str) -> str:
    """Greets someone."""
    return f"Greet {name}."


@server.completion()
async def complete(ref: object, argument: types.CompletionArgument, context: object) -> types.Completion:
    return types.Completion(values=[name for name in NAMES if name.startswith(argument.value)])


@server.resource("memo://today")
def today() -> str:
    return "tea"


@server.resource("note://{id}")
def note(id: str) -> str:
    return f"note {id}"


if __name__ == "__main__":
    # The handshake era has methods that the newest revision has not.
    warnings.simplefilter("ignore", MCPDeprecationWarning)
    match sys.argv[1:]:
        case []:
            server.run()
        case [address]:
            host, port = address.rsplit(":", 1)
            server.run("streamable-http", host=host, port=int(port))
        case _:
            sys.exit("usage: server.py [ADDRESS]")
