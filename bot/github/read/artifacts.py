"""The files in the artifacts of a workflow run: bounded, and only of the head and the repository they are meant for."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from bot.github.client import Client, shaped
from bot.github.errors import NotFound, TooLarge
from bot.jobs import ReadRun

MOST_ARTIFACTS = 300
MOST_READ = 20
# Of the zip, and of each file in it.
MAX_BYTES = 16 * 1024 * 1024
MOST_FILES = 20
_LIST = "/repos/{owner}/{name}/actions/runs/{run_id}/artifacts?per_page=100"
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1


class _Run(msgspec.Struct, frozen=True):
    id: int
    repository_id: int
    head_repository_id: int
    head_sha: str


class _Artifact(msgspec.Struct, frozen=True):
    id: int
    name: str
    size_in_bytes: int
    expired: bool
    workflow_run: _Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One artifact by its name. `id` is GitHub's; `fault` says why it is not to be read, "" when it may be."""

    id: int
    name: str
    fault: str = ""


async def list_artifacts(client: Client, job: ReadRun, pattern: str) -> tuple[Artifact, ...]:
    """Those whose name is of `pattern`, such as `countersign-plan*`; no more than MOST_READ, the last one saying so.

    https://docs.github.com/en/rest/actions/artifacts#list-workflow-run-artifacts
    """
    answers = await client.items(
        _LIST, key="artifacts", most=MOST_ARTIFACTS, owner=job.owner, name=job.name, run_id=job.run_id
    )
    told = [shaped(answer, _Artifact) for answer in answers]
    wanted = sorted((one for one in told if fnmatchcase(one.name, pattern)), key=lambda one: (one.name, one.id))
    found = [Artifact(id=one.id, name=one.name, fault=_fault(one, job)) for one in wanted[:MOST_READ]]
    if len(wanted) > MOST_READ or len(told) > MOST_ARTIFACTS:
        found.append(Artifact(id=0, name="more", fault=f"the run has more than {MOST_READ} artifacts of plans"))
    return tuple(found)


def _fault(one: _Artifact, job: ReadRun) -> str:
    run = one.workflow_run
    expected = (job.run_id, job.repository_id, job.repository_id, job.head_sha)
    if run is None or (run.id, run.repository_id, run.head_repository_id, run.head_sha) != expected:
        return "the artifact is of another run, repository or commit than the one it came with"
    if one.expired:
        return "the artifact has expired: let the workflow run again"
    return "the artifact is larger than 16 MiB" if one.size_in_bytes > MAX_BYTES else ""


async def download_files(client: Client, job: ReadRun, artifact: Artifact) -> tuple[dict[str, bytes], str]:
    """The `.json` files of the artifact by their paths, or why there are none, in words.

    https://docs.github.com/en/rest/actions/artifacts#download-an-artifact
    """
    try:
        archive = await client.download(
            "/repos/{owner}/{name}/actions/artifacts/{id}/zip",
            most=MAX_BYTES,
            owner=job.owner,
            name=job.name,
            id=artifact.id,
        )
    except NotFound:
        return {}, "the artifact is gone: let the workflow run again"
    except TooLarge:
        return {}, "the artifact is larger than 16 MiB"
    return await asyncio.to_thread(unpack, archive)


def unpack(archive: bytes) -> tuple[dict[str, bytes], str]:
    """The `.json` files of a zip by their paths, or why it is not read. Nothing is written, no path is followed."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = [entry for entry in opened.infolist() if entry.filename.casefold().endswith(".json")]
            if not 1 <= len(entries) <= MOST_FILES:
                return {}, f"expected 1 to {MOST_FILES} .json files in the artifact"
            return dict(_read(opened, entries)), ""
    except _TooMuchError as error:
        return {}, str(error)
    # What a damaged zip makes the library raise is not all documented; whatever it is, there is nothing to read.
    except Exception as error:  # noqa: BLE001 - told as a fault, and a fault raises the tier
        return {}, f"the artifact is no zip that can be read ({type(error).__name__})"


class _TooMuchError(Exception):
    pass


def _read(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """What a header says of the size is not believed: one byte more than allowed is enough to know."""
    left = MAX_BYTES
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _COMPRESSIONS:
            raise _TooMuchError("the artifact is encrypted or packed in an uncommon way")
        with opened.open(entry) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _TooMuchError("the files in the artifact are larger than 16 MiB")
        yield entry.filename, content
