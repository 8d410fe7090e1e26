"""The server's version and limits, and its models: list, show, download, keep, remove."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from mangosaurus.core.version import __version__
from mangosaurus.server.problems import described
from mangosaurus.server.responses import (
    AboutResponse,
    ModelDetailResponse,
    ModelResponse,
    ModelsResponse,
    model_detail_response,
    model_response,
)
from mangosaurus.server.state import Held

router: APIRouter = APIRouter(prefix="/api", tags=["models"])
PIECE = 65_536
"""Bytes of a file that are held for one reader."""


@router.get("/about", responses=described())
async def about(shared: Held) -> AboutResponse:
    """The version and the limits."""
    return AboutResponse(version=__version__, limits=asdict(shared.limits))


@router.get("/models", responses=described())
async def models(shared: Held) -> ModelsResponse:
    """All models."""
    return ModelsResponse(models=[model_response(entry) for entry in shared.models.entries()])


@router.get("/models/{id}", responses=described(404))
async def model(id: str, shared: Held) -> ModelDetailResponse:
    """One model and how it was trained."""
    return model_detail_response(shared.models.get(id))


@router.get("/models/{id}/file", responses=described(404), response_class=Response)
async def file(id: str, shared: Held) -> Response:
    """The model file."""
    written = await asyncio.to_thread(shared.models.file, shared.models.get(id).model)
    headers = {
        "Content-Disposition": f'attachment; filename="{id}.safetensors"',
        "Content-Length": str(len(written.data)),
    }

    async def pieces() -> AsyncIterator[memoryview]:
        for start in range(0, len(written.data), PIECE):
            yield memoryview(written.data)[start : start + PIECE]

    return StreamingResponse(pieces(), media_type="application/octet-stream", headers=headers)


@router.post("/models/{id}/keep", status_code=201, responses=described(404, 409, 507))
async def keep(id: str, shared: Held) -> ModelResponse:
    """Writes a model that was trained here to the server's folder of kept models."""
    return model_response(await asyncio.to_thread(shared.models.keep, id))


@router.delete("/models/{id}", status_code=204, responses=described(404, 409))
async def remove(id: str, shared: Held) -> None:
    """Removes a model that was trained here. A kept file stays."""
    shared.models.remove(id)
