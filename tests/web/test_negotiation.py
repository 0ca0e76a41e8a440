import pytest

from web.negotiation import HTML, JSON, RESPONSE_JSON, content_encoding, is_json, media_type, prefers_html

CHROME = b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
FIREFOX = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
APOLLO = b"application/graphql-response+json,application/json;q=0.9"
HIVE = b"application/graphql-response+json, application/json, multipart/mixed"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        (b"", JSON),
        (b"*/*", JSON),
        (b"application/*", JSON),
        (b"application/json", JSON),
        (b"APPLICATION/JSON", JSON),
        (b"application/json; charset=utf-8", JSON),
        (b"application/graphql-response+json", RESPONSE_JSON),
        (APOLLO, RESPONSE_JSON),
        (HIVE, RESPONSE_JSON),
        (b"application/json, application/graphql-response+json", RESPONSE_JSON),
        (b"application/json, application/graphql-response+json;q=0.9", JSON),
        (b"application/graphql-response+json, */*", RESPONSE_JSON),
        (b"application/json, */*", JSON),
        (b"application/json;q=0.5, */*", RESPONSE_JSON),
        (b"application/json;q=0, */*", RESPONSE_JSON),
        (b"application/graphql-response+json;q=0, */*", JSON),
        (b"multipart/mixed;deferSpec=20220824, application/json", JSON),
        (CHROME, JSON),
        (b"application/json;q=0", None),
        (b"application/json;q=0.0, application/graphql-response+json;q=0", None),
        (b"*/*;q=0", None),
        (b"application/*;q=0, */*", None),
        (b"text/plain", None),
        (b"application/json;q=nonsense", None),
        (b"application/json;q=nan", None),
        (b"application/json;q=2", None),
        (b",;,;q=1,", None),
        (b"\xff\xfe", None),
    ],
)
def test_the_preferred_media_type(accept: bytes | None, chosen: str | None) -> None:
    assert media_type(accept) == chosen


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (CHROME, True),
        (FIREFOX, True),
        (HTML.encode(), True),
        (b"text/html, application/json;q=0.9", True),
        (b"text/html;q=0.9, application/json", False),
        (b"text/html, application/json", False),
        (b"text/html;q=0, */*;q=0.1", False),
        (b"text/*", False),
        (b"*/*", False),
        (b"", False),
        (None, False),
        (APOLLO, False),
    ],
)
def test_only_a_browser_prefers_html(accept: bytes | None, html: bool) -> None:
    assert prefers_html(accept) is html


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        (None, None),
        (b"", None),
        (b"identity", None),
        (b"gzip", "gzip"),
        (b"br", "br"),
        (b"zstd", "zstd"),
        (b"gzip, deflate, br, zstd", "br"),
        (b"gzip, deflate, br", "br"),
        (b"deflate", None),
        (b"*", "br"),
        (b"br;q=0, *", "gzip"),
        (b"zstd;q=0.1, gzip", "gzip"),
        (b"zstd, br;q=0.9, gzip;q=0.9", "zstd"),
        (b"gzip;q=0", None),
        (b"*;q=0", None),
        (b"gzip;q=0.5, identity", None),
        (b"gzip, identity", "gzip"),
        (b"GZIP", "gzip"),
    ],
)
def test_the_preferred_content_coding(accept_encoding: bytes | None, coding: str | None) -> None:
    assert content_encoding(accept_encoding) == coding


@pytest.mark.parametrize(
    ("content_type", "taken"),
    [
        (b"application/json", True),
        (b"Application/JSON; Charset=UTF-8", True),
        (b'application/json;charset="utf-8"', True),
        (b"application/json; charset=utf-16", False),
        (b"application/json; charset=iso-8859-1", False),
        (b"application/graphql-response+json", False),
        (b"application/jsonp", False),
        (b"application/graphql", False),
        (b"text/plain; a=application/json", False),
        (b"text/plain, application/json", False),
        (b"application/x-www-form-urlencoded", False),
        (b"multipart/form-data; boundary=application/json", False),
        (b"", False),
        (None, False),
    ],
)
def test_a_body_must_be_json(content_type: bytes | None, taken: bool) -> None:
    assert is_json(content_type) is taken
