"""How fast the server responds: `python -m benchmarks.server [--names FILE] [--requests 200] [--rounds 3] [--record]`.

Sends 200 requests for 20 names each over 50 connections, and checks every response. The model is the bundled one of
dinosaurs; with `--names`, it is learnt from that list in no time, and has the prior. Prints the time from the server's
start to its address and to the page's first byte. Each round then prints the median and the 99th percentile of the time
from sending a request to having its whole response, and how many were wrong: errors, or not the model's names.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from benchmarks.record import Figure, figure, record_if, recording_parser
from mangosaurus import Model, fit, load

NAMES = 20


class Connection:
    """One kept-alive connection. Its HTTP/1.1 is as plain as possible, so that the client takes little time."""

    def __init__(self, address: str) -> None:
        self.host, self.port = urlsplit(address).hostname, urlsplit(address).port

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Sends a request; returns the status and the body of the response."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        headers = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(headers.split("content-length:")[1].split("\r\n")[0])
        return int(headers.split()[1]), await self.reader.readexactly(length)


async def measure(
    address: str, name: str, model: Model, requests: int, connections: int, first: int
) -> tuple[list[float], list[str]]:
    """The seconds of every request for names of a model, with the seeds from `first` on; and what was wrong."""
    opened = [Connection(address) for _ in range(connections)]
    await asyncio.gather(*(connection.open() for connection in opened))
    seeds, taken, wrong = iter(range(first, first + requests)), [], []
    responses: dict[int, bytes] = {}

    async def send_all(connection: Connection) -> None:
        for seed in seeds:
            started = time.perf_counter()
            body = json.dumps({"n": NAMES, "seed": seed}).encode()
            status, response = await connection.request("POST", f"/api/models/{name}/sample", body)
            taken.append(time.perf_counter() - started)
            if status == 200:
                responses[seed] = response
            else:
                wrong.append(f"seed {seed}: status {status}: {response[:200].decode()}")

    await asyncio.gather(*(send_all(connection) for connection in opened))
    for connection in opened:
        connection.writer.close()
    for seed, response in responses.items():
        if [each["text"] for each in json.loads(response)["samples"]] != list(model.sample(NAMES, seed=seed)):
            wrong.append(f"seed {seed}: other names than the model draws")
    return taken, wrong


@contextmanager
def served(model: Path | None = None) -> Iterator[str]:
    """The address of a server of a model, or of the bundled ones, that keeps models in an empty folder; it runs until
    the end of the `with`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "mangosaurus", "serve", *([] if model is None else [str(model)])]
        command += ["--port", "0", "--keep", str(Path(folder) / "kept")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
            try:
                assert server.stdout is not None
                yield server.stdout.readline().strip()
            finally:
                server.terminate()


async def first_byte(address: str) -> None:
    connection = Connection(address)
    await connection.open()
    assert (await connection.request("GET", "/"))[0] == 200
    connection.writer.close()


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--names", type=Path, help="a list to learn a model from, in place of the bundled one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = None
        if options.names is not None:
            path = Path(folder) / "names.safetensors"
            fit(options.names, budget=0).save(path)
        record_if(options.record, "server", rounds(path, options.requests, options.connections, options.rounds))


def rounds(path: Path | None, requests: int, connections: int, count: int) -> dict[str, Figure]:
    """Starts a server of a model and sends it `count` rounds of requests. Prints each round, and returns the figures of
    all."""
    name, model = ("dinosaurs", load()) if path is None else (path.stem, load(path))
    middles: list[float] = []
    highs: list[float] = []
    rates: list[float] = []
    errors = 0
    started = time.perf_counter()
    with served(path) as address:
        listening = time.perf_counter() - started
        asyncio.run(first_byte(address))
        there = time.perf_counter() - started
        print(f"address after {listening:.2f} s, the page's first byte after {there:.2f} s")
        for number in range(count):
            taken, wrong = asyncio.run(measure(address, name, model, requests, connections, number * requests))
            middle, high = 1000 * np.percentile(taken, [50, 99])
            rates.append(len(taken) / max(sum(taken) / connections, 1e-9))
            middles.append(middle)
            highs.append(high)
            errors += len(wrong)
            print(f"p50 {middle:.0f} ms, p99 {high:.0f} ms, {rates[-1]:.0f} requests a second, {len(wrong)} errors")
            print("".join(f"  {each}\n" for each in wrong[:5]), end="")
    return {
        "requests": figure([requests]),
        "connections": figure([connections]),
        "start.address": figure([listening], "s"),
        "start.page": figure([there], "s"),
        "rate": figure(rates, "requests/s"),
        "p50": figure(middles, "ms"),
        "p99": figure(highs, "ms"),
        "errors": figure([errors]),
    }


if __name__ == "__main__":
    main()
