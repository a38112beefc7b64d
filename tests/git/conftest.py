from __future__ import annotations

from pathlib import Path

import pytest

from tests.git.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.start(tmp_path / "shop")
