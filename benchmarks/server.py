"""How fast the server answers: 200 requests for 20 names each from 50 connections, every answer checked.

    python -m benchmarks.server [--requests 200] [--connections 50] [--rounds 3] [--record]

Prints how long the server takes from its start to the address and to the page's first byte, then, round by round, the
median and the ninety-ninth percentile of the time from sending a request to having all of its answer, and how many
answers were errors or not the names that the model itself draws for that seed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from benchmarks.record import Figure, figure, record_if, record_option
from mangosaurus import load

NAMES = 20


class Connection:
    """One connection that is kept open: HTTP/1.1 as plain as can be, so that the client takes little time itself."""

    def __init__(self, address: str) -> None:
        self.host, self.port = urlsplit(address).hostname, urlsplit(address).port

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """The status and the body of the answer."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.split("content-length:")[1].split("\r\n")[0])
        return int(answer.split()[1]), await self.reader.readexactly(length)


async def measure(address: str, requests: int, connections: int, first: int) -> tuple[list[float], list[str]]:
    """Seconds of every request with the seeds from `first` on, and what was wrong with any."""
    opened = [Connection(address) for _ in range(connections)]
    await asyncio.gather(*(connection.open() for connection in opened))
    seeds, taken, wrong = iter(range(first, first + requests)), [], []
    answers: dict[int, bytes] = {}

    async def work(connection: Connection) -> None:
        for seed in seeds:
            started = time.perf_counter()
            body = json.dumps({"n": NAMES, "seed": seed}).encode()
            status, answer = await connection.ask("POST", "/api/models/dinosaurs/sample", body)
            taken.append(time.perf_counter() - started)
            if status == 200:
                answers[seed] = answer
            else:
                wrong.append(f"seed {seed}: status {status}: {answer[:200].decode()}")

    await asyncio.gather(*(work(connection) for connection in opened))
    for connection in opened:
        connection.writer.close()
    model = load()
    for seed, answer in answers.items():
        if [each["text"] for each in json.loads(answer)["samples"]] != list(model.sample(NAMES, seed=seed)):
            wrong.append(f"seed {seed}: other names than the model draws")
    return taken, wrong


async def first_byte(address: str) -> None:
    connection = Connection(address)
    await connection.open()
    assert (await connection.ask("GET", "/"))[0] == 200
    connection.writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    record_option(parser)
    options = parser.parse_args()
    record_if(options.record, "server", rounds(options.requests, options.connections, options.rounds))


def rounds(requests: int, connections: int, count: int) -> dict[str, Figure]:
    """Starts a server and asks it, so many rounds; prints what comes of each, and returns the figures of all."""
    milliseconds: dict[str, list[float]] = {"p50": [], "p99": []}
    rates, errors = [], 0
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        command = [sys.executable, "-m", "mangosaurus", "serve", "--port", "0", "--keep", str(Path(folder) / "kept")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                address = server.stdout.readline().strip()
                listening = time.perf_counter() - started
                asyncio.run(first_byte(address))
                there = time.perf_counter() - started
                print(f"address after {listening:.2f} s, the page's first byte after {there:.2f} s")
                for number in range(count):
                    begun = time.perf_counter()
                    first = number * requests
                    taken, wrong = asyncio.run(measure(address, requests, connections, first))
                    middle, high = np.percentile(taken, [50, 99])
                    print(f"p50 {middle * 1000:.0f} ms, p99 {high * 1000:.0f} ms, {len(wrong)} errors", end="; ")
                    rates.append(len(taken) / max(sum(taken) / connections, 1e-9))
                    milliseconds["p50"].append(middle * 1000)
                    milliseconds["p99"].append(high * 1000)
                    errors += len(wrong)
                    print(f"{rates[-1]:.0f} requests a second", end="; ")
                    print(f"with checking {time.perf_counter() - begun:.1f} s")
                    print("".join(f"  {each}\n" for each in wrong[:5]), end="")
            finally:
                server.terminate()
    return {
        "requests": figure([requests]),
        "connections": figure([connections]),
        "start.address": figure([listening], "s"),
        "start.page": figure([there], "s"),
        "rate": figure(rates, "requests/s"),
        **{key: figure(values, "ms") for key, values in milliseconds.items()},
        "errors": figure([errors]),
    }


if __name__ == "__main__":
    main()
