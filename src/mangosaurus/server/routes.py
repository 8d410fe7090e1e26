"""The routes: the page, models, names, texts, corpora and trainings; and the objects that they share.

@api.get("/…")
async def route(shared: Held) -> …:
    entry = shared.models.get(id)
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from mangosaurus.api.fit import check_enough
from mangosaurus.api.like import names_of
from mangosaurus.core.errors import CorpusError, Option, OptionError
from mangosaurus.core.units import counted
from mangosaurus.core.version import __version__
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.reading import reading_of
from mangosaurus.formats.pages import filled
from mangosaurus.formats.webpage import in_planes, learning_script
from mangosaurus.generation.constraints.rude import rude_words_file
from mangosaurus.html.shading import STEPS
from mangosaurus.server.corpora import BUNDLED, Corpora
from mangosaurus.server.docs import docs_page
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import Entry, File, ModelRegistry
from mangosaurus.server.pool import Pool
from mangosaurus.server.problems import ProblemError, as_problem, described
from mangosaurus.server.requests import (
    ConstraintsRequest,
    LikeRequest,
    PredictRequest,
    ReadingQuery,
    SampleQuery,
    SampleRequest,
    ScoreRequest,
    TopRequest,
    TrainingRequest,
    WriteRequest,
)
from mangosaurus.server.responses import (
    AboutResponse,
    BestResponse,
    CorpusResponse,
    ModelDetailResponse,
    ModelResponse,
    ModelsResponse,
    PredictResponse,
    PreviewResponse,
    SampleResponse,
    ScoreResponse,
    TopResponse,
    TrainingResponse,
    TrainingsResponse,
    corpus_response,
    model_detail_response,
    model_response,
)
from mangosaurus.server.trainings import Training, Trainings
from mangosaurus.training.settings import Settings, check_torch, possible, stated

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FOLDERS = ("controls", "served", "style")
FILES = {
    f"{folder}/{file.name}": (file.read_bytes(), TYPES[file.name.rpartition(".")[2]])
    for folder in FOLDERS
    for file in files("mangosaurus.browser").joinpath(folder).iterdir()
    if file.name.rpartition(".")[2] in TYPES
}
"""The page's files, of the package, read once, so that no path can leave their folder."""


@cache
def _engine() -> tuple[bytes, str]:
    return learning_script().encode(), TYPES["js"]


@cache
def _prior() -> tuple[bytes, str]:
    return in_planes(
        files("mangosaurus.bundled").joinpath("prior.safetensors").read_bytes()
    ), "application/octet-stream"


@cache
def _rude() -> tuple[bytes, str]:
    return rude_words_file(), "application/octet-stream"


MADE = {"engine.js": _engine, "prior": _prior, "rude": _rude}
"""What the page learns lists with by itself: made when it is first asked for."""
OWN = {part: filled(f"served/{part}.html", {}) for part in ("model", "separator", "one-text")}
"""What forms of all pages have on this page only."""
INDEX = filled("served/index.html", OWN).encode()
"""The page."""
PIECE = 65_536
"""Bytes of a model file that are held for one reader."""
TEXT: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string"}, "example": "Ann\nBo\n"}}}
}

page: APIRouter = APIRouter(tags=["page"])
api: APIRouter = APIRouter(prefix="/api")


@dataclass
class Shared:
    """The objects that the routes share. Made by `create_app`, once for each application."""

    models: ModelRegistry
    limits: Limits
    corpora: Corpora
    pool: Pool
    trainings: Trainings

    def stop(self) -> None:
        """Stops everything within seconds. Called in the event loop, before the running requests have ended."""
        self.pool.stop()
        self.trainings.close()


async def _shared(request: Request) -> Shared:  # FastAPI calls what is not async in a thread, which takes longer
    shared: Shared = request.app.state.shared
    return shared


Held = Annotated[Shared, Depends(_shared)]
"""The type of a route's parameter that receives the shared objects."""


@page.get("/", response_class=Response, responses=described())
async def index() -> Response:
    """The page."""
    return Response(INDEX, media_type="text/html", headers={"Cache-Control": "no-cache"})


@page.get("/page/{name:path}", response_class=Response, responses=described(404))
async def page_file(name: str) -> Response:
    """One of its files."""
    if name in MADE:
        data, kind = await asyncio.to_thread(MADE[name])
        return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})
    if name not in FILES:
        raise ProblemError(404, f"the page has no file {name[:100]!r}")
    data, kind = FILES[name]
    return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})


@page.get("/docs", response_class=Response, responses=described())
async def docs(request: Request, shared: Held) -> Response:
    """The documentation of all calls, without scripts, to read in a browser."""
    examples: dict[str, str] = {entry.model.kind: entry.id for entry in reversed(shared.models.entries())}
    base = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    shown = docs_page(request.app.openapi(), base, examples)
    return Response(shown, media_type="text/html", headers={"Cache-Control": "no-cache"})


@api.get("/about", tags=["models"], responses=described())
async def about(shared: Held) -> AboutResponse:
    """The version, the limits and the page's shades."""
    return AboutResponse(version=__version__, limits=asdict(shared.limits), shades=STEPS)


@api.get("/models", tags=["models"], responses=described())
async def models(shared: Held) -> ModelsResponse:
    """All models."""
    return ModelsResponse(models=[model_response(entry) for entry in shared.models.entries()])


@api.get("/models/{id}", tags=["models"], responses=described(404))
async def model(id: str, shared: Held) -> ModelDetailResponse:
    """One model and how it was trained."""
    return model_detail_response(shared.models.get(id))


@api.get("/models/{id}/file", tags=["models"], responses=described(404), response_class=Response)
async def file(id: str, shared: Held) -> Response:
    """The model file."""
    written = await asyncio.to_thread(shared.models.file, shared.models.get(id))
    return _download(f"{id}.safetensors", written, "application/octet-stream")


@api.get("/models/{id}/page", tags=["models"], responses=described(404), response_class=Response)
async def own_page(id: str, shared: Held) -> Response:
    """The model as one HTML file that writes names or texts offline, as `mangosaurus export` makes it."""
    written = await asyncio.to_thread(shared.models.page, shared.models.get(id))
    return _download(f"{id}.html", written, "text/html")


def _download(name: str, written: File, kind: str) -> Response:
    """A file that browsers save. It is sent in pieces, as readers may be slow."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(len(written.data))}

    async def pieces() -> AsyncIterator[memoryview]:
        for start in range(0, len(written.data), PIECE):
            yield memoryview(written.data)[start : start + PIECE]

    return StreamingResponse(pieces(), media_type=kind, headers=headers)


@api.post("/models/{id}/keep", tags=["models"], status_code=201, responses=described(404, 409, 507))
async def keep(id: str, shared: Held) -> ModelResponse:
    """Writes a model that was trained here to the server's folder of kept models."""
    return model_response(await asyncio.to_thread(shared.models.keep, id))


@api.delete("/models/{id}", tags=["models"], status_code=204, responses=described(404, 409))
async def remove(id: str, shared: Held) -> None:
    """Removes a model that was trained here. A kept file stays."""
    shared.models.remove(id)


@api.post(
    "/models/{id}/sample",
    tags=["names"],
    responses=described(404),
    response_model=SampleResponse | BestResponse,
    response_model_exclude_unset=True,
)
async def sample(id: str, asked: SampleRequest, request: Request, shared: Held) -> Any:
    """New names that satisfy the constraints: those that the command `mangosaurus sample` prints for the seed."""
    entry = shared.models.get(id)
    return await _sampled(entry, asked, request, shared, _options(asked, entry.corpus, shared))


@api.get(
    "/models/{id}/sample",
    tags=["names"],
    responses=described(404),
    response_model=SampleResponse | BestResponse,
    response_model_exclude_unset=True,
)
async def sample_get(
    id: str, asked: Annotated[SampleQuery, Query()], request: Request, response: Response, shared: Held
) -> Any:
    """The same by a link: the options are in the query, and a list repeats its parameter.

    With a seed, the answer of a model that was there at the start may be cached for an hour.
    """
    entry = shared.models.get(id)
    if asked.seed is not None and entry.source in ("bundled", "given"):  # its id stands for no other model later
        response.headers["Cache-Control"] = "private, max-age=3600"
    return await _sampled(entry, asked, request, shared, _options(asked, entry.corpus, shared))


@api.post(
    "/sample",
    tags=["names"],
    responses=described(404),
    response_model=SampleResponse | BestResponse,
    response_model_exclude_unset=True,
)
async def sample_like(asked: LikeRequest, request: Request, shared: Held) -> Any:
    """New names like those sent: those that `mangosaurus sample --like` prints for the seed. Nothing is kept."""
    names = await asyncio.to_thread(names_of, asked.like)
    options = _options(asked, None, shared) | {"names": [*names.documents]}
    if options.pop("like") and options.get("unlike") is None and options.get("strength") is not None:
        raise OptionError.of("{strength} is used with {unlike} here: {like} is what the names are learnt from")
    return await _sampled(None, asked, request, shared, options)


async def _sampled(
    entry: Entry | None, asked: SampleRequest, request: Request, shared: Shared, options: dict[str, Any]
) -> Any:
    """The names that a model, or one of the names in `options`, is asked for."""
    if options.get("seed") is None:
        options["seed"] = secrets.randbits(32)
    if asked.best is not None:
        n = 1000 if asked.n is None else asked.n
        return await shared.pool.run(request, entry, "best", label=asked.label, k=asked.best, n=n, **options)
    return await shared.pool.run(request, entry, "sample", label=asked.label, n=asked.n or 20, **options)


@api.post("/models/{id}/top", tags=["names"], responses=described(404))
async def top(id: str, asked: TopRequest, request: Request, shared: Held) -> TopResponse:
    """The most probable names and their probabilities. The search is exact: no name is more probable."""
    entry = shared.models.get(id)
    options = _options(asked, entry.corpus, shared) | {"n": asked.n, "memory": shared.limits.search_megabytes}
    found: TopResponse = await shared.pool.run(request, entry, "top", label=asked.label, **options)
    return found


def _options(asked: ConstraintsRequest, corpus: Corpus | None, shared: Shared) -> dict[str, Any]:
    """The options that the client set, and the training corpus if they need it."""
    options: dict[str, Any] = asked.model_dump(exclude={"n", "best", "label", "training"}, exclude_unset=True)
    if asked.training is not None:
        options["training"] = shared.corpora.get(asked.training)
    elif options.get("not_like") is not None or getattr(asked, "best", None) is not None:
        options["training"] = corpus
    return options


@dataclass(frozen=True)
class Text:
    """A text that is being written. Its pieces wait here, so that a slow client keeps no process busy."""

    asked: WriteRequest
    seed: int
    first: str | None
    pieces: asyncio.Queue[str | None]
    """None is the end."""
    running: asyncio.Task[None]


async def begin(id: str, asked: WriteRequest, request: Request, shared: Held) -> Text:
    """Waits for the first characters, so that an error still has a status."""
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    options = asked.model_dump(exclude={"label", "seed"}) | {"seed": seed}
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    writing = shared.pool.run(
        request, shared.models.get(id), "write", label=asked.label, wrote=pieces.put_nowait, **options
    )
    running = asyncio.create_task(writing)

    def ended(running: asyncio.Task[None]) -> None:
        pieces.put_nowait(None)
        if not running.cancelled():
            running.exception()  # a client that has left does not ask for it, and asyncio would complain

    running.add_done_callback(ended)
    first = await pieces.get()
    if first is None:
        await running
    return Text(asked, seed, first, pieces, running)


@api.post("/models/{id}/write", tags=["texts"], responses=described(404), response_class=EventSourceResponse)
async def write(text: Annotated[Text, Depends(begin)]) -> AsyncIterator[ServerSentEvent]:
    """Continues a text. Sends events `text` as it is written, then `end` with the seed and the reason, or `problem`."""
    written, piece = "", text.first
    while piece is not None:
        written += piece
        yield ServerSentEvent(event="text", data={"text": piece})
        piece = await text.pieces.get()
    try:
        await text.running
    except Exception as error:
        yield ServerSentEvent(event="problem", data=as_problem(error).body.model_dump())
        return
    reason = "length" if len(written) >= text.asked.length else "ended"
    reason = "until" if text.asked.until and written.endswith(text.asked.until) else reason
    yield ServerSentEvent(event="end", data={"seed": text.seed, "reason": reason})


@api.post("/models/{id}/score", tags=["texts"], responses=described(404), response_model_exclude_unset=True)
async def score(id: str, asked: ScoreRequest, request: Request, shared: Held) -> ScoreResponse:
    """The surprisal of each character, and which names are outliers."""
    entry = shared.models.get(id)
    scores: ScoreResponse = await shared.pool.run(request, entry, "score", texts=asked.texts, unit=asked.unit)
    return scores


@api.post("/models/{id}/predict", tags=["texts"], responses=described(404))
async def predict(id: str, asked: PredictRequest, request: Request, shared: Held) -> PredictResponse:
    """The most probable next characters at each position of a text."""
    entry = shared.models.get(id)
    predicted: PredictResponse = await shared.pool.run(request, entry, "predict", text=asked.text, most=asked.most)
    return predicted


@api.post("/corpora", tags=["trainings"], status_code=201, responses=described(413, 415, 422, 429), openapi_extra=TEXT)
async def upload(request: Request, shared: Held, asked: Annotated[ReadingQuery, Query()]) -> CorpusResponse:
    """Uploads a list of names, a table or a text. It stays until later ones need its room, or the server ends."""
    id, corpus = await asyncio.to_thread(shared.corpora.add, await request.body(), reading_of(asked.given))
    return await asyncio.to_thread(corpus_response, id, corpus)


@api.post("/preview", tags=["trainings"], responses=described(413, 415, 422, 429), openapi_extra=TEXT)
async def preview(request: Request, shared: Held, asked: Annotated[ReadingQuery, Query()]) -> PreviewResponse:
    """What an upload would be read as: names, notes, the columns of a table, or the problem. Nothing is kept."""
    data = await request.body()
    if not data:
        raise CorpusError("the body is empty: there is no name to learn from")
    found: PreviewResponse = await shared.pool.run(request, None, "look", data=data, asked=asked.given)
    return found


@api.delete("/corpora/{id}", tags=["trainings"], status_code=204, responses=described(404, 409))
async def forget(id: str, shared: Held) -> None:
    """Removes an upload. Trainings on it go on."""
    shared.corpora.remove(id)


@api.post("/trainings", tags=["trainings"], status_code=202, responses=described(404, 413, 415, 422, 429))
async def train(asked: TrainingRequest, shared: Held) -> TrainingResponse:
    """Queues a training."""
    settings = Settings(**possible(stated(asked.model_dump(exclude_unset=True))))
    most = shared.limits.training_seconds
    if settings.budget > most:
        raise OptionError(Option("budget"), f" is {settings.budget:g} s; at most {most:g} s are given here")
    check_torch(settings)
    corpus = await asyncio.to_thread(shared.corpora.get, asked.corpus)
    check_enough(corpus)
    name = " ".join(asked.name.split()) or _usual_name(asked.corpus, corpus)
    return _described(shared, shared.trainings.submit(asked.corpus, corpus, name, settings))


def _usual_name(id: str, corpus: Corpus) -> str:
    """The default name of a model."""
    if id == BUNDLED:
        return id
    if corpus.kind == "names":
        return counted(len(corpus.documents), "name")
    return f"a text of {counted(corpus.characters, 'character')}"


@api.get("/trainings", tags=["trainings"], responses=described())
async def trainings(shared: Held) -> TrainingsResponse:
    """The trainings that wait, run, or were the latest to end, in the order in which they were requested."""
    return TrainingsResponse(trainings=[_described(shared, each) for each in shared.trainings.all()])


@api.get("/trainings/{id}", tags=["trainings"], responses=described(404))
async def training(id: str, shared: Held) -> TrainingResponse:
    """The state of one training."""
    return _described(shared, shared.trainings.get(id))


async def followed(id: str, shared: Held) -> Training:
    """The training. Raises ProblemError while the response can still have a status."""
    found = shared.trainings.get(id)
    shared.trainings.check_readers()
    return found


@api.get(
    "/trainings/{id}/events", tags=["trainings"], responses=described(404, 429), response_class=EventSourceResponse
)
async def events(training: Annotated[Training, Depends(followed)], shared: Held) -> AsyncIterator[ServerSentEvent]:
    """Sends events `state` and `progress` until the training is over; the first is its present state."""
    async for event, data in shared.trainings.follow(training):
        yield ServerSentEvent(event=event, data=TrainingResponse(**data) if event == "state" else data)


@api.post("/trainings/{id}/stop", tags=["trainings"], responses=described(404))
async def stop(id: str, shared: Held) -> TrainingResponse:
    """Stops a training; the result is the best model so far. A training that still waits is cancelled."""
    found = shared.trainings.get(id)
    shared.trainings.stop(found)
    return _described(shared, found)


@api.delete("/trainings/{id}", tags=["trainings"], status_code=204, responses=described(404))
async def cancel(id: str, shared: Held) -> None:
    """Ends a training without a result, and removes it. The model of a training that is over stays."""
    shared.trainings.cancel(shared.trainings.get(id))


def _described(shared: Shared, training: Training) -> TrainingResponse:
    return TrainingResponse(**shared.trainings.described(training))
