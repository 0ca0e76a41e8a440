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
        ({"freshness": float("nan")}, "freshness: nan is less than 0"),
        ({"upstream_timeout": float("inf")}, "upstream_timeout: inf is more than 300"),
        ({"log_level": "loud"}, "log_level: 'loud' is none of critical, error, warning, info, debug"),
        ({"cors_origins": ("app.example",)}, "cors_origins: 'app.example' is not an origin"),
        ({"cors_origins": ("https://app.example/",)}, "cors_origins: 'https://app.example/' is not an origin"),
        ({"upstream": "djangopackages.org"}, "upstream: 'djangopackages.org' is neither"),
        ({"trusted_only": True}, "trusted_only: needs trusted_documents"),
        ({"router_secret": ""}, "router_secret: must be"),
        ({"router_secret": "two words"}, "router_secret: must be"),
    ],
)
def test_a_bad_value_is_one_clear_line(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")) as caught:
        Settings(**values)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_good_values_are_kept() -> None:
    settings = Settings(
        cors_origins=("*", "http://localhost:5173"), trusted_documents=Path("m.json"), trusted_only=True
    )
    assert settings.cors_origins == ("*", "http://localhost:5173")
