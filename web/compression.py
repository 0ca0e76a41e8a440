"""Compressing and decompressing a body: zstd, br and gzip, each by its library."""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import Final

import brotli  # type: ignore[import-untyped]
import zstandard

MINIMUM_BYTES = 1024
"""Smaller bodies fit into one packet anyway."""


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, level=5, wbits=31)


def _zstd(body: bytes) -> bytes:
    # A compressor is not safe to share between threads, and cheap to make.
    return zstandard.ZstdCompressor(level=3).compress(body)


def _br(body: bytes) -> bytes:
    compressed: bytes = brotli.compress(body, quality=4)
    return compressed


_COMPRESS: dict[str, Callable[[bytes], bytes]] = {"zstd": _zstd, "br": _br, "gzip": _gzip}


def compress(body: bytes, coding: str) -> bytes:
    """Compress a body with one of the content codings of `negotiation.ENCODINGS`."""
    return _COMPRESS[coding](body)


MAX_ZSTD_WINDOW: Final = 8 * 1024 * 1024
"""What every decoder of zstd takes (RFC 8878, section 3.1.1.1.2); a larger window is memory taken for nothing."""

_PIECE: Final = 64 * 1024


class DecompressionError(Exception):
    """The body is not what its content coding says."""


def decompress(body: bytes, coding: str, limit: int) -> bytes:
    """Decompress a body, and stop soon after `limit` bytes: who gets more than that knows that there is more.

    Raises:
        DecompressionError: the body is not in that coding.
    """
    try:
        return _DECOMPRESS[coding](body, limit)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError, brotli.error) as error:
        raise DecompressionError(str(error)) from error


def _gunzip(body: bytes, limit: int) -> bytes:
    return gzip.GzipFile(fileobj=io.BytesIO(body)).read(limit + 1)


def _unzstd(body: bytes, limit: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW)
    return decompressor.stream_reader(body, read_across_frames=True).read(limit + 1)


def _unbr(body: bytes, limit: int) -> bytes:
    decompressor = brotli.Decompressor()
    pieces = [decompressor.process(body, output_buffer_limit=_PIECE)]
    size = len(pieces[0])
    while not decompressor.is_finished() and size <= limit:
        pieces.append(decompressor.process(b"", output_buffer_limit=_PIECE))
        if not pieces[-1]:
            raise EOFError("the body ends too early")
        size += len(pieces[-1])
    return b"".join(pieces)


_DECOMPRESS: dict[str, Callable[[bytes, int], bytes]] = {"zstd": _unzstd, "br": _unbr, "gzip": _gunzip}
