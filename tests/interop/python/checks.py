"""The checks against the example `everything`: what it offers and how it behaves."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import anyio
import mcp_types as types
from asks import asks
from mcp import MCPError
from peer import Check, Peer

# The tools that need nothing, and the content blocks that each returns.
PLAIN = {
    "test_simple_text": ["text"],
    "test_image_content": ["image"],
    "test_audio_content": ["audio"],
    "test_embedded_resource": ["resource"],
    "test_multiple_content_types": ["text", "image", "resource"],
    "test_missing_capability": ["text"],
}

WATCHED = "test://watched-resource"

CAPITALS = [
    {"name": "Lisbon", "latitude": 38.7, "longitude": -9.1},
    {"name": "Tallinn", "latitude": 59.4, "longitude": 24.7},
]


async def everything(peer: Peer, check: Check) -> None:
    """Every check that holds in both eras, then those of the era at hand."""
    await tools(peer, check)
    await failures(peer, check)
    await resources(peer, check)
    await prompts(peer, check)
    await live_calls(peer, check)
    await asks(peer, check)
    await (modern_era if peer.modern else handshake_era)(peer, check)


async def tools(peer: Peer, check: Check) -> None:
    async with check("lists every tool, described and with an object schema"):
        for tool in (await peer.client.list_tools()).tools:
            assert tool.description, tool.name
            assert tool.input_schema["type"] == "object", tool.name
    for name, kinds in PLAIN.items():
        async with check(f"calls {name}"):
            blocks = (await peer.call(name)).content
            assert [block.type for block in blocks] == kinds, blocks
            for block in blocks:
                if block.type in ("image", "audio"):
                    assert base64.b64decode(block.data, validate=True), block
    async with check("calls echo with text beyond ASCII"):
        assert await peer.text("echo", message="žluťoučký 🐎\n") == "žluťoučký 🐎\n"
    async with check("sends an argument as a header too"):
        assert await peer.text("test_custom_header", value=" höher ") == " höher "
    async with check("calls plan_trip and gets what its output schema promises"):
        [start, end] = CAPITALS
        result = await peer.call("plan_trip", **{"from": start, "to": end, "via": []})
        assert result.structured_content["stops"] == ["Lisbon", "Tallinn"], result
    async with check("calls a tool whose schema was written by hand"):
        await peer.call("json_schema_2020_12_tool", contactMethod="phone", phone="112")


async def failures(peer: Peer, check: Check) -> None:
    async with check("a tool's own failure is a result that the model can read"):
        result = await peer.try_call("test_error_handling")
        assert result.is_error and result.content[0].text, result
    async with check("an unknown tool is an error of the protocol"):
        assert await code_of(peer.client.call_tool("no_such_tool")) == -32602
    async with check("an unknown resource is an error of the protocol"):
        code = await code_of(peer.client.read_resource("test://nonexistent"))
        assert code == (-32602 if peer.modern else -32002), code
    async with check("an unknown prompt is an error of the protocol"):
        assert await code_of(peer.client.get_prompt("no_such_prompt")) == -32602


async def code_of(call: Any) -> int:
    """The code of the error that `call` must end in."""
    try:
        result = await call
    except MCPError as error:
        return error.error.code
    raise AssertionError(f"no error but {result}")


async def resources(peer: Peer, check: Check) -> None:
    async with check("lists the resources and the template"):
        listed = {str(resource.uri) for resource in (await peer.client.list_resources()).resources}
        assert {"test://static-text", "test://static-binary", WATCHED} <= listed, listed
        [template] = (await peer.client.list_resource_templates()).resource_templates
        assert template.uri_template == "test://template/{id}/data", template
    async with check("reads text, bytes and through the template"):
        for uri in ("test://static-text", "test://template/123/data"):
            [contents] = (await peer.client.read_resource(uri)).contents
            assert contents.text, contents
        [contents] = (await peer.client.read_resource("test://static-binary")).contents
        assert base64.b64decode(contents.blob, validate=True), contents


async def prompts(peer: Peer, check: Check) -> None:
    async with check("lists the prompts, each described"):
        listed = (await peer.client.list_prompts()).prompts
        assert listed and all(prompt.description for prompt in listed), listed
    async with check("gets each kind of prompt"):
        await peer.client.get_prompt("test_simple_prompt")
        arguments = {"arg1": "swallow", "arg2": "coconut"}
        [message] = (await peer.client.get_prompt("test_prompt_with_arguments", arguments)).messages
        assert "swallow" in message.content.text and "coconut" in message.content.text, message
        arguments = {"resourceUri": "test://static-text"}
        got = await peer.client.get_prompt("test_prompt_with_embedded_resource", arguments)
        assert "resource" in [message.content.type for message in got.messages], got
        got = await peer.client.get_prompt("test_prompt_with_image")
        assert "image" in [message.content.type for message in got.messages], got
    async with check("completes a prompt's argument"):
        reference = types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
        done = await peer.client.complete(reference, {"name": "arg1", "value": "test"})
        assert isinstance(done.completion.values, list), done


async def live_calls(peer: Peer, check: Check) -> None:
    async with check("reports progress that rises"):
        seen: list[float] = []

        async def report(progress: float, _total: float | None, _message: str | None) -> None:
            seen.append(progress)

        peer.called.add("test_tool_with_progress")
        await peer.client.call_tool("test_tool_with_progress", progress_callback=report)
        assert seen == sorted(set(seen)) and len(seen) >= 3, seen
    async with check("answers fifty calls at once, each with its own"):
        async def echo(text: str) -> None:
            assert await peer.text("echo", message=text) == text

        async with anyio.create_task_group() as tasks:
            for number in range(50):
                tasks.start_soon(echo, f"call {number}")
    async with check("comes back for an answer where its stream is closed before"):
        assert await peer.text("test_reconnection") == "Worked without a connection."
    async with check("gives up a cancelled call, and its handler learns of it"):
        before = int(await peer.text("slow_calls_given_up"))
        with anyio.move_on_after(0.3) as scope:
            await peer.call("slow", seconds=60)
        assert scope.cancelled_caught
        while int(await peer.text("slow_calls_given_up")) == before:
            await anyio.sleep(0.02)


async def handshake_era(peer: Peer, check: Check) -> None:
    async with check("answers a ping"):
        await peer.client.send_ping()
    async with check("sends log messages from the level that was set on"):
        await peer.client.set_logging_level("debug")
        await peer.call("test_tool_with_logging")
        await peer.call("test_logging_tool")
        await until(lambda: len(peer.logged) >= 4)
        assert set(peer.logged) == {"info"}, peer.logged
    async with check("hears of changes, of a resource after subscribing to it"):
        await peer.client.subscribe_resource(WATCHED)
        await peer.call("update_watched_resource")
        await peer.call("test_trigger_tool_change")
        await peer.call("test_trigger_prompt_change")
        due = {
            "notifications/resources/updated",
            "notifications/tools/list_changed",
            "notifications/prompts/list_changed",
        }
        await until(lambda: due <= set(peer.heard))
        await peer.client.unsubscribe_resource(WATCHED)


async def modern_era(peer: Peer, check: Check) -> None:
    async with check("sends log messages to a call that asks for them"):
        await peer.call("test_tool_with_logging")
        await peer.call("test_logging_tool")
        await until(lambda: len(peer.logged) >= 4)
        assert set(peer.logged) == {"info"}, peer.logged
    async with check("hears of changes while it listens, and only of those it chose"):
        wanted = peer.client.listen(prompts_list_changed=True, resource_subscriptions=[WATCHED])
        async with wanted as subscription:
            await peer.call("test_trigger_tool_change")
            await peer.call("update_watched_resource")
            await peer.call("test_trigger_prompt_change")
            kinds = [type(await anext(subscription)).__name__ for _ in range(2)]
        assert kinds == ["ResourceUpdated", "PromptsListChanged"], kinds
    async with check("listens again after it let go"):
        async with peer.client.listen(tools_list_changed=True) as subscription:
            await peer.call("test_trigger_tool_change")
            assert type(await anext(subscription)).__name__ == "ToolsListChanged"


async def until(holds: Callable[[], bool]) -> None:
    """Waits for what arrives on its own; the deadline of the check ends a wait in vain."""
    while not holds():
        await anyio.sleep(0.01)


async def called_all(peer: Peer, check: Check) -> None:
    """That no tool was forgotten: what is listed is what was called."""
    async with check("every listed tool was called"):
        listed = {tool.name for tool in (await peer.client.list_tools()).tools}
        assert listed == peer.called, listed ^ peer.called
