"""The server's socket."""

from __future__ import annotations

import asyncio
import socket

from mangosaurus.server.serve import listen


def test_what_is_sent_does_not_wait_for_what_was_sent_before() -> None:
    """Nagle's algorithm is off: a body would wait for the client to acknowledge the head."""

    async def without_delay() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            option = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            await writer.wait_closed()
            found.set_result(option)

        listening = listen("127.0.0.1", 0)
        async with await asyncio.start_server(answer, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            option = await found
            writer.close()
            await writer.wait_closed()
        return option

    assert asyncio.run(without_delay())
