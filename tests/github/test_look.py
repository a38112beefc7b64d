"""A look tells the whole truth about a pull request, or says what is missing."""

from __future__ import annotations

from bot.core.pull import FileStatus
from bot.github.client import Client
from tests.github.looking import look_at
from tests.shop import TERRAFORM, Shop


async def test_a_look_reads_the_change_whole(client: Client, shop: Shop) -> None:
    pull = shop.change({"terraform/main.tf": TERRAFORM.replace("small", "large"), "new.txt": "new\n"})
    told = await look_at(client, shop, pull)
    seen = told.facts.pull
    assert seen.incomplete == ()
    assert [(file.path, file.status) for file in seen.files] == [
        ("new.txt", FileStatus.ADDED),
        ("terraform/main.tf", FileStatus.MODIFIED),
    ]
    changed = seen.files[1]
    assert changed.base is not None
    assert changed.head is not None
    assert changed.base.text == TERRAFORM
    assert changed.head.text == TERRAFORM.replace("small", "large")
    assert changed.head.mode == "100644"
