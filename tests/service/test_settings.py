"""Settings come from the environment, once, and say what is wrong with it."""

from __future__ import annotations

import pytest

from prolong.errors import InvalidInput
from prolong_service.settings import ServiceSettings


def test_the_defaults_are_the_documented_limits() -> None:
    settings = ServiceSettings.from_environment({})
    assert settings.max_body_bytes == 16 * 1024 * 1024
    assert settings.limits.dense_vertices == 4_000
    assert settings.limits.structured_vertices == 20_000
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_every_field_has_a_variable() -> None:
    settings = ServiceSettings.from_environment(
        {
            "PROLONG_HOST": "0.0.0.0",
            "PROLONG_PORT": "0",
            "PROLONG_REDIS_URL": "redis://redis:6379/0",
            "PROLONG_MAX_BODY_BYTES": "1000",
            "PROLONG_MAX_DENSE_VERTICES": "10",
            "PROLONG_MAX_STRUCTURED_VERTICES": "20",
            "PROLONG_MAX_EDGES": "30",
            "PROLONG_MAX_SECONDS": "40.5",
            "PROLONG_MAX_BATCH": "",
        }
    )
    assert (settings.host, settings.port, settings.max_body_bytes) == ("0.0.0.0", 0, 1000)
    assert (settings.limits.dense_vertices, settings.limits.structured_vertices) == (10, 20)
    assert (settings.limits.edges, settings.limits.seconds) == (30, 40.5)
    assert settings.max_batch == ServiceSettings().max_batch


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("PROLONG_PORT", "http", "must be a whole number, not 'http'"),
        ("PROLONG_PORT", "70000", "must be a port number from 0 to 65535, not 70000"),
        ("PROLONG_MAX_BODY_BYTES", "0", "must be a positive number, not 0"),
        ("PROLONG_MAX_SECONDS", "nan", "must be a positive number, not nan"),
        ("PROLONG_MAX_SECONDS", "inf", "must be a positive number, not inf"),
        ("PROLONG_MAX_SECONDS", "soon", "must be a number, not 'soon'"),
    ],
)
def test_a_bad_value_is_one_sentence_with_its_variable(name: str, text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ServiceSettings.from_environment({name: text})
    assert str(caught.value) == f"{name} {said}"


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(ServiceSettings(redis_url="redis://:secret@host/0"))
