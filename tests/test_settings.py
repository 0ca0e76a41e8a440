import re
from dataclasses import fields
from pathlib import Path

import pytest

from settings import Settings, environment_name


def test_every_setting_says_what_it_is_for() -> None:
    assert all(each.metadata["help"].endswith(".") for each in fields(Settings))


def test_the_environment_name_is_derived() -> None:
    assert environment_name("upstream_concurrency") == "CATALOGUE_UPSTREAM_CONCURRENCY"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": 65536}, "port: 65536 is more than 65535"),
        ({"port": -1}, "port: -1 is less than 0"),
        ({"freshness": float("nan")}, "freshness: NaN is no number"),
        ({"upstream_timeout": float("inf")}, "upstream_timeout: inf is more than 300"),
        ({"log_level": "loud"}, "log_level: 'loud' is none of critical, error, warning, info, debug"),
        ({"cors_origins": ("app.example",)}, "cors_origins: 'app.example' is not an origin"),
        ({"cors_origins": ("https://app.example/",)}, "cors_origins: 'https://app.example/' is not an origin"),
        ({"upstream": "djangopackages.org"}, "upstream: 'djangopackages.org' is neither"),
        ({"cors_origins": ("https://APP.example",)}, "cors_origins: 'https://APP.example' is not an origin"),
        ({"cors_origins": ("https://app.example:443",)}, "cors_origins: 'https://app.example:443' is not an origin"),
        ({"cors_origins": ("https://me@app.example",)}, "cors_origins: 'https://me@app.example' is not an origin"),
        ({"cors_origins": ("",)}, "cors_origins: '' is not an origin"),
        ({"upstream": "http://host:99999/"}, "upstream: 'http://host:99999/' is neither"),
        ({"upstream": "http://[::::]/"}, "upstream: 'http://[::::]/' is neither"),
        ({"upstream": "http://me:secret@host/"}, "upstream: 'http://me:secret@host/' is neither"),
        ({"upstream": "https://host/?"}, "upstream: 'https://host/?' is neither"),
        ({"upstream": "https://host/#x"}, "upstream: 'https://host/#x' is neither"),
        ({"upstream": "https://"}, "upstream: 'https://' is neither"),
        ({"root_path": "catalogue"}, "root_path: 'catalogue' is not a path"),
        ({"root_path": "/"}, "root_path: '/' is not a path"),
        ({"root_path": "/a//b"}, "root_path: '/a//b' is not a path"),
        ({"trusted_only": True}, "trusted_only: needs `--trusted-documents`"),
        ({"trusted_proxies": ("proxy",)}, "trusted_proxies: 'proxy' is no address"),
        ({"trusted_proxies": ("10.0.0.1/8",)}, "trusted_proxies: '10.0.0.1/8' is no address"),
        ({"router_secret": ""}, "router_secret: must be"),
        ({"router_secret": "two words"}, "router_secret: must be"),
    ],
)
def test_a_bad_value_is_one_clear_line(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        Settings(**values)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_good_values_are_kept() -> None:
    settings = Settings(
        cors_origins=("*", "http://localhost:5173"), trusted_documents=Path("m.json"), trusted_only=True
    )
    assert settings.cors_origins == ("*", "http://localhost:5173")
