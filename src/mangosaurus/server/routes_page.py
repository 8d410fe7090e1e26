"""The page: files of the package, read once into a table, so that no path can leave its folder."""

from __future__ import annotations

import mimetypes
from importlib.resources import files

from fastapi import APIRouter, Response

from mangosaurus.server.problems import ProblemError, described

router: APIRouter = APIRouter(tags=["page"])
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FILES = {
    file.name: (file.read_bytes(), TYPES.get("." + file.name.rsplit(".", 1)[-1], mimetypes.guess_type(file.name)[0]))
    for file in files("mangosaurus.server").joinpath("page").iterdir()
    if file.is_file() and not file.name.startswith(".")
}


@router.get("/", response_class=Response, responses=described())
async def page() -> Response:
    """The page."""
    return _file("index.html")


@router.get("/page/{name}", response_class=Response, responses=described(404))
async def page_file(name: str) -> Response:
    """One of its files."""
    return _file(name)


def _file(name: str) -> Response:
    if name not in FILES:
        raise ProblemError(404, f"the page has no file {name[:100]!r}")
    data, kind = FILES[name]
    return Response(data, media_type=kind or "application/octet-stream", headers={"Cache-Control": "no-cache"})
