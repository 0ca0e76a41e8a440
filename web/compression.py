"""Compressing a body: zstd, br and gzip, each by its library."""

import zlib
from collections.abc import Callable

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
