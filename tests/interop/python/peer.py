"""A connected client of the Python SDK, and what it has received."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types
from mcp import Client

# Runs a block as a check of the given name.
Check = Callable[[str], AbstractAsyncContextManager[None]]

# The form that answers every question of the server, by the name of the field asked for.
FORM = {
    "name": "Ada",
    "ok": True,
    "response": "fine",
    "context": "a test",
    "color": "blue",
}


@dataclass
class Peer:
    """The client, whether the connection is of the newest revision, and what came on it."""

    client: Client
    modern: bool
    logged: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    called: set[str] = field(default_factory=set)

    async def call(self, name: str, **arguments: Any) -> types.CallToolResult:
        """Calls a tool, which must not say that it failed."""
        result = await self.try_call(name, **arguments)
        assert not result.is_error, result.content
        return result

    async def try_call(self, name: str, **arguments: Any) -> types.CallToolResult:
        """Calls a tool."""
        self.called.add(name)
        return await self.client.call_tool(name, arguments or None)

    async def text(self, name: str, **arguments: Any) -> str:
        """Calls a tool and returns the first text of its result."""
        result = await self.call(name, **arguments)
        return next(block.text for block in result.content if block.type == "text")


@asynccontextmanager
async def connected(target: Any, mode: str, modern: bool) -> AsyncIterator[Peer]:
    """Connects in the given mode; the server may ask for anything that a client can give."""

    async def log(params: types.LoggingMessageNotificationParams) -> None:
        peer.logged.append(params.level)

    async def hear(message: Any) -> None:
        if isinstance(message, Exception):
            raise message
        peer.heard.append(message.method)

    async def elicit(_context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        peer.asked.append("elicitation/create")
        return types.ElicitResult(action="accept", content=answers(params))

    async def sample(_context: Any, _params: Any) -> types.CreateMessageResult:
        peer.asked.append("sampling/createMessage")
        answer = types.TextContent(type="text", text="Paris")
        return types.CreateMessageResult(role="assistant", content=answer, model="none")

    async def roots(_context: Any) -> types.ListRootsResult:
        peer.asked.append("roots/list")
        return types.ListRootsResult(roots=[types.Root(uri="file:///home/ada", name="home")])

    client = Client(
        target,
        mode=mode,
        log_level="debug",
        logging_callback=log,
        message_handler=hear,
        elicitation_callback=elicit,
        sampling_callback=sample,
        list_roots_callback=roots,
        cache=None,
    )
    peer = Peer(client, modern)
    async with client:
        yield peer


def answers(params: types.ElicitRequestParams) -> dict[str, Any]:
    """Fills in a form: what its fields propose, or else something of the right type."""
    properties = params.requested_schema["properties"]
    return {name: answer(name, schema) for name, schema in properties.items()}


def answer(name: str, schema: dict[str, Any]) -> Any:
    """The answer for one field."""
    if "default" in schema:
        return schema["default"]
    if schema["type"] == "array":
        return [choices(schema["items"])[0]]
    if "enum" in schema or "oneOf" in schema:
        return choices(schema)[0]
    return FORM[name]


def choices(schema: dict[str, Any]) -> list[str]:
    """What may be chosen, in each of the ways in which a schema can say it."""
    titled = schema.get("oneOf") or schema.get("anyOf") or []
    return schema.get("enum") or [choice["const"] for choice in titled]
