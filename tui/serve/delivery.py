"""Files that a dashboard hands to its browser: few at a time, of a bounded size, never opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aiohttp import web
from textual_serve.download_manager import DownloadManager

if TYPE_CHECKING:
    from textual_serve.app_service import AppService

MOST = 4
"""Files that may wait for one browser."""

LARGEST = 64 * 2**20
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


class Downloads(DownloadManager):
    """Which files wait; a board that ended takes its own with it."""

    def has_room(self, board: AppService) -> bool:
        """Tell whether one more file may wait for the browser of a board."""
        return sum(one.app_service is board for one in self._active_downloads.values()) < MOST

    def forget(self, board: AppService) -> None:
        """Let go of what waits for a board's browser."""
        waiting = self._active_downloads
        for key in [key for key, one in waiting.items() if one.app_service is board]:
            del waiting[key]


async def hand_over(request: web.Request, downloads: Downloads) -> web.StreamResponse:
    """Send a file that waits, as one to be kept: whatever it says it is, it is not opened here.

    Raises:
        web.HTTPNotFound: No such file waits.
    """
    key = request.match_info["key"]
    try:
        found: Any = await downloads.get_download_metadata(key)
    except KeyError:
        raise web.HTTPNotFound(text="There is no such file.") from None
    response = web.StreamResponse()
    response.content_type = "application/octet-stream"
    name = _PLAIN.sub("-", str(found.file_name))[-100:].lstrip(".-") or "lampboard"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    await response.prepare(request)
    sent = 0
    async for chunk in downloads.download(key):
        sent += len(chunk)
        if sent > LARGEST:
            # Cut off, not ended: half a file must not look like a whole one.
            if request.transport is not None:
                request.transport.abort()
            break
        await response.write(chunk)
    else:
        await response.write_eof()
    return response
