"""What the tests of the site share: a browser from which nothing leaves unseen, and what pages say of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from gate import Gate
from model.model_facts import count_parameters
from model.model_json import read_description
from system.project import ROOT
from texts import corpus as corpora


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Where all requests of `gated_chromium` arrive that are not for this machine."""
    one = Gate()
    yield one
    one.close()


@pytest.fixture
def gated_chromium(launch: Callable[..., Browser], gate: Gate) -> Browser:
    """A Chromium from which nothing leaves this machine unseen."""
    return launch(f"--proxy-server=127.0.0.1:{gate.port}")


@pytest.fixture(scope="session")
def parameters(corpus: corpora.Corpus) -> str:
    """How a page says the size of the lesson's model, which depends on the text."""
    model = read_description(ROOT)["model"] | {"vocab_size": len(corpus.vocab)}
    return f"{count_parameters(model):,} parameters"
