"""Who is looking."""

import getpass

import pytest

from app import people
from app.people import Person, Role


def test_without_login_the_owner_of_the_server_may_do_everything() -> None:
    person = people.current()
    assert person.role is Role.ADMIN
    assert person.may_edit
    assert person.name == getpass.getuser()


def test_an_account_without_a_name_still_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert people.current().name == "me"


def test_a_viewer_may_not_edit() -> None:
    assert not Person(name="ada", role=Role.VIEWER).may_edit
    assert Person(name="ada", role=Role.EDITOR).may_edit
