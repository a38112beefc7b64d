"""A browser without a screen that signs in to the App by way of the embedded GitHub."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

_DATA = re.compile(r'data-(\w+)="([^"]*)"')
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where the browser ended, and what it was shown there."""

    url: str
    status: int
    text: str

    def fields(self, action: str) -> dict[str, str]:
        """The hidden fields of the form that leads to `action`, and the data that its script reads."""
        form = self.text[self.text.index(f'action="{action}"') :].partition("</form>")[0]
        found = {**dict(_FIELD.findall(form)), **dict(_DATA.findall(form))}
        return {name: html.unescape(value) for name, value in found.items()}


class Visitor:
    """Keeps cookies and follows redirects. Use it as a context."""

    async def __aenter__(self) -> Self:
        # The servers are reached by number, for which cookies are kept only when asked.
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, url: str) -> Page:
        async with self._session.get(url) as answer:
            return Page(url=str(answer.url), status=answer.status, text=await answer.text())

    async def sign_in(self, url: str, login: str) -> Page:
        """Open a page of the App, press one button of the page GitHub shows, and come back."""
        asked = await self.get(url)
        assert "/login/oauth/authorize?" in asked.url, asked.url
        return await self.press(asked, login)

    async def send(self, url: str, form: dict[str, str]) -> Page:
        """Send a form of the App's own pages, as a browser does."""
        headers = {"Origin": str(URL(url).origin())}
        async with self._session.post(url, data=form, headers=headers) as answer:
            return Page(url=str(answer.url), status=answer.status, text=await answer.text())

    async def press(self, asked: Page, login: str) -> Page:
        address, form = _form(asked, login)
        async with self._session.post(address, data=form) as answer:
            return Page(url=str(answer.url), status=answer.status, text=await answer.text())

    async def callback(self, asked: Page, login: str) -> str:
        """Press the button, but keep what GitHub sends the browser to."""
        address, form = _form(asked, login)
        async with self._session.post(address, data=form, allow_redirects=False) as answer:
            return answer.headers["Location"]


def _form(asked: Page, login: str) -> tuple[str, dict[str, str]]:
    text = asked.text[asked.text.index('action="/login/oauth/authorize"') :]
    fields = {name: html.unescape(value) for name, value in _FIELD.findall(text)}
    return asked.url.partition("?")[0], {**fields, "login": login}
