import logging

import pytest

from pel.local.ports import free_port
from pel.notify import notify
from tests.receivers import mailbox, webhook


def test_everyone_is_told_whatever_the_kind_of_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as (web, posted), mailbox() as (mail, mailed):
        monkeypatch.setenv("PEL_NOTIFY", f"json://{web}/hook, mailto://{mail}?from=pel@example.com&to=ann@example.com")
        assert notify("P-EL: ingest_releases failed", "Why: <see the log> & mend it\nLog: http://127.0.0.1/x?a=b")
    assert [(notice["title"], notice["message"]) for notice in posted] == [
        ("P-EL: ingest_releases failed", "Why: <see the log> & mend it\nLog: http://127.0.0.1/x?a=b")
    ]
    (message,) = mailed
    assert message["To"] == "ann@example.com"
    assert message["Subject"] == "P-EL: ingest_releases failed"
    assert "mend it" in message.get_payload(decode=True).decode()


def test_nobody_is_told_where_nobody_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("PEL_NOTIFY", raising=False)
    caplog.set_level(logging.INFO)
    assert not notify("P-EL: ingest_releases failed", "See its log.")
    assert "PEL_NOTIFY is not set: P-EL: ingest_releases failed" in caplog.text


@pytest.mark.parametrize(
    "address", ["json://ann:hunter2@127.0.0.1:{port}", "mailto://ann:hunter2@127.0.0.1:{port}?to=ann@example.com"]
)
def test_who_cannot_be_reached_is_an_error_in_the_log_and_no_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    monkeypatch.setenv("PEL_NOTIFY", address.format(port=free_port()))
    assert not notify("P-EL: ingest_releases failed", "See its log.")
    assert "not everyone could be told: P-EL: ingest_releases failed" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("address", ["slakc://hunter2/hunter2", "slack://hunter2"])
def test_an_address_that_cannot_be_read_keeps_nobody_else_from_being_told_and_stays_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    with webhook() as (web, posted):
        monkeypatch.setenv("PEL_NOTIFY", f"{address}, json://{web}")
        assert not notify("P-EL: ingest_releases failed", "See its log.")
    assert len(posted) == 1
    assert "none that Apprise knows" in caplog.text
    assert "hunter2" not in caplog.text
