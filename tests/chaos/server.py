"""A process that accepts deliveries into a store until it is killed: `server.py DATABASE`; prints its address."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import web

from bot.store.embedded import Embedded
from bot.store.entries import Arrival, Due, Entry
from bot.store.queue import Store


async def main(database: Path) -> None:
    store = Store(Embedded(database))

    async def accept(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        entry = Entry(
            subject="pull:all", kind="statement", key=str(number), at=number, body=json.dumps({"number": number})
        )
        due = Due(subject=f"pull:{number}", work="{}")
        await store.accept(Arrival(delivery=str(number), event="pull_request", digest="", due=(due,), entries=(entry,)))
        return web.Response(status=202)

    async def lease(_: web.Request) -> web.Response:
        return web.Response(status=202 if await store.lease(3600) else 404)

    application = web.Application()
    application.add_routes([web.post(r"/{number:\d+}", accept), web.post("/lease", lease)])
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
