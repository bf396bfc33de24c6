"""Shared by the tests of the site: a browser whose outgoing requests are recorded, and the model's size as text."""

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
    """Receives all requests of `gated_chromium` to other machines."""
    one = Gate()
    yield one
    one.close()


@pytest.fixture
def gated_chromium(launch: Callable[..., Browser], gate: Gate) -> Browser:
    """A Chromium whose requests to other machines all go to `gate`."""
    return launch(f"--proxy-server=127.0.0.1:{gate.port}")


@pytest.fixture(scope="session")
def parameters(corpus: corpora.Corpus) -> str:
    """The size of the lesson's model, as pages write it; it depends on the text."""
    model = read_description(ROOT)["model"] | {"vocab_size": len(corpus.vocab)}
    return f"{count_parameters(model):,} parameters"
