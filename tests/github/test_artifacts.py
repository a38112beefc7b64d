"""Artifacts come from whoever can run a workflow: whatever they hold, reading them ends, and ends in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest
from aiohttp import web

from bot.github.client import Access, Client, GitHub
from bot.github.errors import NotFound, TooLarge, Unavailable, Unreadable
from bot.github.read.artifacts import MAX_BYTES, MOST_FILES, MOST_READ, list_artifacts, unpack
from bot.jobs import ReadRun
from tests.github.conftest import no_sleep
from tests.github.scripted import Script, raw, reply, serve

HEAD = "a" * 40
JOB = ReadRun(installation_id=5, repository_id=100, owner="acme", name="shop", run_id=7, head_sha=HEAD, numbers=(1,))


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with serve(Script()) as running:
        yield running


@pytest.fixture
async def client(script: Script, app_key: str) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        access = Access(app_id=42, private_key=app_key, api_url=f"{script.url}/api/v3")
        yield GitHub(session, access, sleep=no_sleep).installation(5)


def packed(files: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for path, content in files.items():
            # Without the time of day, so that every process makes the same bytes, and test names, of it.
            opened.writestr(zipfile.ZipInfo(path), content, compress_type=compression)
    return archive.getvalue()


def encrypted() -> bytes:
    archive = bytearray(packed({"plan.json": b"{}"}, compression=zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(mark) + place] |= 1
    return bytes(archive)


def lying() -> bytes:
    """A zip whose headers say that its file is tiny."""
    content = b" " * (MAX_BYTES + 1)
    return packed({"plan.json": content}).replace(len(content).to_bytes(4, "little"), (2).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("name", "archive", "paths", "said"),
    [
        ("one", packed({"plan.json": b"{}"}), ["plan.json"], ""),
        ("beside others", packed({"out/plan.JSON": b"{}", "plan.out": b"x"}), ["out/plan.JSON"], ""),
        ("a path that climbs", packed({"../../etc/plan.json": b"{}"}), ["../../etc/plan.json"], ""),
        ("none", packed({"plan.out": b"x"}), [], "expected 1 to 20 .json files"),
        ("nothing", packed({}), [], "expected 1 to 20 .json files"),
        ("too many", packed({f"{n}.json": b"{}" for n in range(MOST_FILES + 1)}), [], "expected 1 to 20"),
        ("a bomb", packed({"plan.json": b" " * (MAX_BYTES + 1)}), [], "larger than 16 MiB"),
        ("many bombs", packed({f"{n}.json": b" " * (MAX_BYTES // 2) for n in range(3)}), [], "larger than 16 MiB"),
        ("a bomb that lies", lying(), [], "no zip that can be read"),
        ("another packing", packed({"plan.json": b"{}"}, compression=zipfile.ZIP_LZMA), [], "uncommon way"),
        ("encrypted", encrypted(), [], "encrypted"),
        ("no zip", b"{}", [], "no zip that can be read"),
        ("half a zip", packed({"plan.json": b"{}" * 500})[:-30], [], "no zip that can be read"),
        ("damaged", packed({"plan.json": b"{}"}).replace(b"plan.json", b"plan.jsoN", 1), [], "no zip that can be read"),
    ],
)
def test_a_zip_is_read_within_bounds_or_refused_in_words(
    name: str, archive: bytes, paths: list[str], said: str
) -> None:
    files, fault = unpack(archive)
    assert (list(files), said in fault, bool(fault)) == (paths, True, bool(said)), (name, fault)


def artifact(name: str = "countersign-plan", number: int = 1, **changes: object) -> dict[str, object]:
    run = {"id": 7, "repository_id": 100, "head_repository_id": 100, "head_branch": "b", "head_sha": HEAD}
    return {"id": number, "name": name, "size_in_bytes": 10, "expired": False, "workflow_run": run, **changes}


def of_run(**changes: object) -> dict[str, object]:
    run = {"id": 7, "repository_id": 100, "head_repository_id": 100, "head_sha": HEAD, **changes}
    return artifact(workflow_run=run)


@pytest.mark.parametrize(
    ("name", "told", "faults"),
    [
        ("ours", [artifact()], [""]),
        ("another's", [artifact("coverage")], []),
        ("two stacks", [artifact("countersign-plan-b"), artifact("countersign-plan-a")], ["", ""]),
        ("of nobody knows what", [artifact(workflow_run=None)], ["another run"]),
        ("of another run", [of_run(id=8)], ["another run"]),
        ("of a fork", [of_run(head_repository_id=101)], ["another run"]),
        ("of another repository", [of_run(repository_id=101)], ["another run"]),
        ("of another head", [of_run(head_sha="b" * 40)], ["another run"]),
        ("expired", [artifact(expired=True)], ["expired"]),
        ("too large", [artifact(size_in_bytes=MAX_BYTES + 1)], ["larger than 16 MiB"]),
        ("too many", [artifact(number=n) for n in range(30)], [*[""] * MOST_READ, "more than 20 artifacts"]),
    ],
)
async def test_only_artifacts_of_this_run_and_head_are_read(
    script: Script, client: Client, name: str, told: list[dict[str, object]], faults: list[str]
) -> None:
    script.answers = [reply({"total_count": len(told), "artifacts": told})]
    found = await list_artifacts(client, JOB, "countersign-plan*")
    assert len(found) == len(faults), name
    for one, said in zip(found, faults, strict=True):
        assert said in one.fault, name
        assert bool(one.fault) == bool(said), name


def redirect(script: Script) -> web.Response:
    return web.Response(status=302, headers={"Location": f"{script.url}/storage"})


async def test_the_storage_is_asked_without_the_token(script: Script, client: Client) -> None:
    script.answers = [redirect(script), raw(b"PK\xff", content_type="application/zip")]
    assert await client.download("/zip", most=10) == b"PK\xff"
    assert [("authorization" in headers) for headers in script.headers] == [True, False]


@pytest.mark.parametrize(
    ("name", "status", "failure"),
    [("gone", 410, NotFound), ("hidden", 404, NotFound), ("down", 502, Unavailable), ("not moved", 200, Unreadable)],
)
async def test_what_github_does_not_hand_out_is_a_typed_error(
    script: Script, client: Client, name: str, status: int, failure: type[Exception]
) -> None:
    script.answers = [reply({"message": name}, status)]
    with pytest.raises(failure):
        await client.download("/zip", most=10)


@pytest.mark.parametrize(("status", "failure"), [(403, Unavailable), (302, Unavailable), (200, TooLarge)])
async def test_what_the_storage_does_not_hand_out_is_one_too(
    script: Script, client: Client, status: int, failure: type[Exception]
) -> None:
    script.answers = [redirect(script), raw(b"x" * 11, status)]
    with pytest.raises(failure):
        await client.download("/zip", most=10)
