"""The documentation of the HTTP interface in a browser: accessible, narrow and wide, without a script."""

from __future__ import annotations

from typing import Literal

import pytest
from browser import screenshot, violations
from visits import Visits


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_documentation_is_read_at_any_width(visit: Visits, scheme: Literal["light", "dark"]) -> None:
    page = visit("docs", color_scheme=scheme, java_script_enabled=True)
    for width in (320, 375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert violations(page) == []
    screenshot(page, f"docs-{scheme}")
    page.locator("nav a", has_text="GET /api/models/{id}/sample").click()
    assert page.evaluate("() => document.querySelector(':target h3').textContent") == "GET /api/models/{id}/sample"
    assert page.locator("script").count() == 0
