"""A reader presses Start in a real browser, on a page from a server and on one from disk.

Catches: buttons that do not do what they say, a pause that loses or repeats an iteration, a second run that differs.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

LESSON = "lessons/watch-it-learn.html"


@pytest.mark.parametrize("base", [pytest.param("http", marks=pytest.mark.full), "file"], indirect=True)
def test_start_three_samples_pause_resume_reset_and_the_same_again(base: str, visit) -> None:
    visit.go(f"{base}/{LESSON}")
    assert visit.counter == "iter 0 / 2000"
    visit.pause_at_sample(50)
    visit.press("Start")
    visit.wait("session.samples.length === 1")
    first = visit.session("session.samples[0]")
    assert first["iteration"] == 0 and len(first["text"]) == 80 and len(first["prompt"]) == 32
    assert first["text"] in visit.page.locator(".ps-samples .ps-stage").first.text_content()
    visit.wait("session.samples.length === 2")
    visit.press("Pause")
    assert visit.session("session.status") == "paused"
    visit.page.wait_for_timeout(400)  # lets the running iteration end
    stopped = visit.session("[session.iteration, session.elapsed_ms, session.train_nll]")
    assert visit.badge == f"paused at iteration {stopped[0]}"
    assert visit.counter == f"iter {stopped[0]} / 2000"
    assert visit.readout("train NLL") == f"{stopped[2]:.4f}"
    assert visit.readout("val NLL") == f"{visit.session('session.val_nll'):.4f}"
    visit.page.wait_for_timeout(600)
    assert visit.session("[session.iteration, session.elapsed_ms, session.train_nll]") == stopped

    visit.press("Resume")
    visit.wait("session.samples.length === 3 && session.status === 'paused'")
    samples = visit.session("session.samples")
    assert [(sample["iteration"], len(sample["text"])) for sample in samples] == [(0, 80), (25, 40), (50, 40)]
    expect(visit.page.locator(".ps-log .ps-script")).to_have_count(2)  # the newest is on the stage
    losses = visit.session("session.history.train.slice(0, 50)")
    assert len(losses) == 50 and None not in losses

    visit.press("Reset")
    assert visit.session("[session.status, session.iteration, session.samples.length]") == ["idle", 0, 0]
    stage = visit.page.locator(".ps-samples .ps-stage").first
    expect(stage).to_contain_text("the prompt: the model will go on from here")
    expect(visit.page.locator("[data-readout='train NLL']").first).to_have_text("–")
    visit.pause_at_sample(25)
    visit.press("Start")
    visit.wait("session.samples.length === 2 && session.status === 'paused'")
    assert visit.session("session.samples") == samples[:2]
    assert visit.session("session.history.train.slice(0, 25)") == losses[:25]
    assert visit.complaints == []


@pytest.mark.full
def test_a_run_ends_with_the_loss_on_the_whole_validation_text(served: str, visit) -> None:
    visit.go(f"{served}/trials/tiny-120.html")
    visit.press("Start")
    visit.wait("session.status === 'done'")
    history = visit.session("session.history")
    assert history["iteration"] == list(range(121))
    assert None not in history["train"][:120] and history["train"][120] is None
    measured = {0: 80, 25: 40, 50: 40, 100: 40, 120: 80}
    assert [i for i, val in enumerate(history["val"]) if val is not None] == [*measured]
    samples = visit.session("session.samples")
    assert {sample["iteration"]: len(sample["text"]) for sample in samples} == measured
    assert [sample["val"] for sample in samples] == [history["val"][iteration] for iteration in measured]
    assert history["val"][120] < history["val"][0]
    whole = visit.session("session.whole_val_nll")
    assert visit.badge == f"done: 120 iterations; {whole:.4f} nats per character on the whole validation text"
    # 256 windows represent the whole text, so their loss may differ a little.
    assert abs(whole - history["val"][120]) < 0.1
    visit.press_when_read("Start again")
    visit.press_when_read("Replace it")
    visit.wait("session.samples.length === 1")
    assert visit.session("session.samples[0]") == samples[0]
    assert visit.complaints == []


def test_reset_in_the_middle_of_an_iteration_leaves_nothing_behind(served: str, visit) -> None:
    """The last losses of the previous run must not arrive in the new one."""
    visit.go(f"{served}/trials/tiny.html")
    visit.session("session.start()")
    visit.wait("session.iteration > 30")
    samples = visit.session("session.samples.slice(0, 1)")
    counts = "[session.iteration, session.history.iteration.length]"
    assert visit.session(f"(session.reset(), session.start(), {counts})") == [0, 0]
    visit.wait("session.samples.length > 0")
    assert visit.session("session.samples.slice(0, 1)") == samples
    # There is a row for the next iteration if the val loss was measured before it.
    assert visit.session("session.history.iteration.length - session.iteration") in (0, 1)


@pytest.mark.full
def test_another_seed_is_another_run_but_a_stray_space_is_not(served: str, visit) -> None:
    visit.go(f"{served}/trials/tiny.html")
    texts = []
    for seed in ("hamlet", "ophelia", "  ophelia "):
        visit.page.locator(".ps-seed").fill(seed)
        visit.press("Start")
        visit.wait("session.samples.length > 0")
        texts.append(visit.session("session.samples[0].text"))
        visit.press("Reset")
    assert texts[0] != texts[1] == texts[2]
    visit.session("session.reset('yorick')")
    expect(visit.page.locator(".ps-seed").first).to_have_value("yorick")
    visit.press_when_read("Start")  # must not undo it
    assert visit.session("session.seed") == "yorick"


@pytest.mark.parametrize("moment", ["session.speaking", "session.iteration > 3"])
def test_widgets_unmounted_and_mounted_again_show_the_same(served: str, visit, moment: str) -> None:
    visit.go(f"{served}/trials/tiny.html")
    visit.press("Start")
    visit.wait(moment)
    visit.session("session.pause()")
    visit.page.wait_for_timeout(400)
    parts = "'[data-ps] :is(dl, blockquote, li, p:not(.ps-unseen))'"
    look = f"[...document.querySelectorAll({parts})].map((part) => part.innerText)"
    before = visit.page.evaluate(look)
    visit.page.evaluate("for (const root of document.querySelectorAll('[data-ps]')) pressStart.mount(root)")
    assert visit.page.evaluate(look) == before
