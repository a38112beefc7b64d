"""Settings that would open the gate, or break later, are refused at once and in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.settings import Settings, SettingsError, read_operator_settings, read_settings

SECRET = "s" * 32


@pytest.fixture
def environment(app_key: str) -> dict[str, str]:
    return {"APP_ID": "7", "PRIVATE_KEY": app_key, "WEBHOOK_SECRET": SECRET}


def test_the_needed_three_are_enough(environment: dict[str, str], app_key: str) -> None:
    settings = read_settings(environment)
    assert (settings.app_id, settings.private_key, settings.port) == (7, app_key.strip(), 3000)
    assert settings.api_url == "https://api.github.com"
    assert settings.database_url.startswith("sqlite:///")


def test_a_key_may_be_written_on_one_line(environment: dict[str, str], app_key: str) -> None:
    environment["PRIVATE_KEY"] = app_key.replace("\n", "\\n")
    assert read_settings(environment).private_key.strip() == app_key.strip()


def test_a_key_may_be_in_a_file(environment: dict[str, str], app_key: str, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(app_key)
    del environment["PRIVATE_KEY"]
    environment["PRIVATE_KEY_PATH"] = str(tmp_path / "key.pem")
    assert read_settings(environment).private_key == app_key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_SECRET", ""),
        ("WEBHOOK_SECRET", "x" * 31),
        ("WEBHOOK_SECRET", " " * 40),
        ("PRIVATE_KEY", ""),
        ("PRIVATE_KEY", "no key"),
        ("PRIVATE_KEY", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"),
        ("APP_ID", ""),
        ("APP_ID", "seven"),
        ("APP_ID", "-1"),
        ("APP_ID", "٧"),
        ("PORT", "65536"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_API_URL", "file:///etc/passwd"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///data/"),
        ("DATABASE_URL", "sqlite:data.db"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql://bot@db:port/countersign"),
        ("LOG_LEVEL", "loud"),
        ("CLIENT_ID", "Iv23"),
        ("CLIENT_SECRET", "c" * 40),
        ("METRICS_TOKEN", "short"),
    ],
)
def test_a_bad_setting_is_refused_by_name(environment: dict[str, str], name: str, value: str) -> None:
    environment[name] = value
    with pytest.raises(SettingsError, match=name) as refused:
        read_settings(environment)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", ["", "x", "-1", "0", "99999999999999999999"])
def test_a_bad_app_id_is_answered_with_where_the_number_stands(environment: dict[str, str], value: str) -> None:
    environment["APP_ID"] = value
    for read in (read_settings, read_operator_settings):
        with pytest.raises(SettingsError, match="APP_ID: expected the App's number, as its settings page shows it"):
            read(environment)


def test_a_key_of_another_kind_is_refused(environment: dict[str, str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    environment["PRIVATE_KEY"] = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with pytest.raises(SettingsError, match="RSA"):
        read_settings(environment)


def test_secrets_do_not_show(environment: dict[str, str]) -> None:
    environment["DATABASE_URL"] = "postgres://bot:hunter2@db/countersign"
    shown = repr(read_settings(environment))
    assert SECRET not in shown
    assert "PRIVATE" not in shown
    assert "hunter2" not in shown


def test_settings_made_by_hand_are_checked_too(app_key: str) -> None:
    with pytest.raises(SettingsError):
        Settings(app_id=7, private_key=app_key, webhook_secret="short")


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"CLIENT_SECRET": "short"}, "CLIENT_SECRET"),
        ({"CLIENT_ID": ""}, "CLIENT_ID"),
    ],
)
def test_signing_in_needs_all_three(environment: dict[str, str], changed: dict[str, str], name: str) -> None:
    whole = {"CLIENT_ID": "Iv23", "CLIENT_SECRET": "c" * 40, "PUBLIC_URL": "https://gate.example"}
    assert not read_settings(environment).has_sign_in
    assert read_settings(environment | whole).has_sign_in
    assert "cccc" not in repr(read_settings(environment | whole))
    with pytest.raises(SettingsError, match=name):
        read_settings(environment | whole | changed)


@pytest.mark.parametrize(
    ("api_url", "site_url"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://git.acme.example/api/v3", "https://git.acme.example"),
        ("https://git.acme.example:8443/api/v3/", "https://git.acme.example:8443"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://api.acme.example/api/v3", "https://api.acme.example"),
    ],
)
def test_people_sign_in_where_the_api_belongs(environment: dict[str, str], api_url: str, site_url: str) -> None:
    environment["GITHUB_API_URL"] = api_url
    assert read_settings(environment).site_url == site_url
