"""Built files, each with its compressed siblings."""

import mimetypes
import os
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from web.negotiation import content_encoding

_SUFFIXES = {"br": ".br", "gzip": ".gz", "zstd": ".zst"}


MAX_PATH: Final = 1_000
"""Characters of a path: looking for a file takes time for each folder on the way."""


class BuiltFiles(StaticFiles):
    """Serves what a bundler built: `x.js.br` for `x.js` to whom takes it, and files of `assets/` for ever.

    A bundler puts a hash into the names of what it writes to `assets/`.
    """

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file; there is none whose path is very long."""
        return super().lookup_path(path) if len(path) <= MAX_PATH else ("", None)

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file, or with its sibling in the best content coding that there is."""
        path = str(full_path)
        headers = Headers(scope=scope)
        encodings = [coding for coding, suffix in _SUFFIXES.items() if os.path.exists(path + suffix)]
        coding = content_encoding(headers.get("accept-encoding", "").encode("latin-1"), tuple(encodings))
        media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        sent = path + _SUFFIXES[coding] if coding else path
        response = FileResponse(sent, status_code, media_type=media_type, stat_result=os.stat(sent))
        # The page at /graphql depends on Accept too, see `web.app`.
        response.headers["vary"] = "Accept, Accept-Encoding" if media_type == "text/html" else "Accept-Encoding"
        response.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if f"{os.sep}assets{os.sep}" in path else "no-cache"
        )
        if coding:
            response.headers["content-encoding"] = coding
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, headers) else response
