"""Uploading corpora and training models."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter

if TYPE_CHECKING:
    from mangosaurus.server.shared import Shared

router = APIRouter()


@asynccontextmanager
async def lifespan(shared: Shared) -> AsyncIterator[None]:
    """Entered when the server begins, left when the last request has ended."""
    yield
