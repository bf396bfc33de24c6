"""The two plays that the tests of this folder read, generated once."""

import pytest

from texts import play_machine


@pytest.fixture(scope="session", params=["play-machine", pytest.param("easy", marks=pytest.mark.full)])
def grammar_name(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def plays() -> dict[str, str]:
    return {name: play_machine.generate(grammar=name) for name in play_machine.GRAMMARS}


@pytest.fixture
def play(plays, grammar_name) -> str:
    return plays[grammar_name]
