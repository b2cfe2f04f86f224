"""The tools that ask their client something while they run, written once for both eras."""

from __future__ import annotations

import json
import re
from pathlib import Path

from peer import Check, Peer

ASKS = json.loads((Path(__file__).parent.parent / "asks.json").read_text())


async def asks(peer: Peer, check: Check) -> None:
    """Calls every tool that asks, and the prompt that does; sees what was asked and made of it."""
    for tool in ASKS["tools"]:
        async with check(f"answers what {tool['name']} asks"):
            peer.asked.clear()
            text = await peer.text(tool["name"], **tool["arguments"])
            assert sorted(peer.asked) == tool["asks"], peer.asked
            assert re.search(tool["answer"], text), text
    for prompt in ASKS["prompts"]:
        async with check(f"answers what the prompt {prompt['name']} asks"):
            peer.asked.clear()
            got = await peer.client.get_prompt(prompt["name"])
            assert sorted(peer.asked) == prompt["asks"], peer.asked
            assert re.search(prompt["answer"], got.messages[0].content.text), got
