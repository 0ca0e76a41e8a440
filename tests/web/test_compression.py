import zlib

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
import zstandard

from tests.web.toy import client
from web.compression import compress

BODY = b'{"data":{"long":"' + b"long " * 5000 + b'"}}'


def decompressed(coding: str, body: bytes) -> bytes:
    if coding == "gzip":
        return zlib.decompress(body, 31)
    return bytes(brotli.decompress(body)) if coding == "br" else zstandard.ZstdDecompressor().decompress(body)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_each_coding(coding: str) -> None:
    assert decompressed(coding, compress(BODY, coding)) == BODY


async def raw_post(coding: str, query: str) -> tuple[httpx.Response, bytes]:
    async with (
        client() as gateway,
        gateway.stream("POST", "/graphql", json={"query": query}, headers={"accept-encoding": coding}) as response,
    ):
        return response, b"".join([piece async for piece in response.aiter_raw()])


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("size", [5000, 200_000])
async def test_an_answer_is_compressed(coding: str, size: int) -> None:
    response, body = await raw_post(coding, f"{{ long(size: {size}) }}")
    assert response.headers["content-encoding"] == coding
    assert response.headers["content-length"] == str(len(body))
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert decompressed(coding, body) == b'{"data":{"long":"' + b"long " * size + b'"}}'


@pytest.mark.parametrize("coding", ["identity", "deflate", "gzip;q=0", ""])
async def test_an_answer_is_sent_as_it_is(coding: str) -> None:
    response, body = await raw_post(coding, "{ long }")
    assert "content-encoding" not in response.headers
    assert body == BODY


async def test_a_short_answer_is_not_compressed() -> None:
    response, _ = await raw_post("gzip", "{ hello }")
    assert "content-encoding" not in response.headers


async def test_an_error_is_compressed_too() -> None:
    response, body = await raw_post("gzip", "{ " + " ".join(f"nope{n}" for n in range(50)) + " }")
    assert response.headers["content-encoding"] == "gzip"
    assert b"GRAPHQL_VALIDATION_FAILED" in zlib.decompress(body, 31)
