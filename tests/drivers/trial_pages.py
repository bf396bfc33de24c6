"""Pages that the browser tests add to the site: small runs, and each kind of block where a test needs it alone."""

from __future__ import annotations

# A model that trains in milliseconds, for tests where it does not matter what it learns.
TINY = "model: {n_layer: 1, n_head: 2, n_embd: 16, block_size: 16}\nbatch_size: 4\n"
TRIALS = {
    "tiny": (TINY + "iterations: 3000\n", ""),
    "tiny-120": (TINY + "iterations: 120\n", ""),
    # Its batches are larger, so that the page hears of most iterations.
    "resuming": (TINY.replace("batch_size: 4", "batch_size: 64") + "iterations: 300\n", ""),
    "resuming-on-a-card": (TINY + "iterations: 30\nwarmup_iterations: 5\n", ""),
    "tiny-120-without-early-samples": (TINY + "iterations: 120\n", "early: false\n"),
    # Weight decay times this rate is 4, so every update multiplies the weights by -3.
    "too-fast": (TINY + "iterations: 100\nlearning_rate: 40\nwarmup_iterations: 0\n", ""),
}
# A page with a question and a lesson's end, for tests of what a browser remembers.
QUESTION = f"""# question

```runner
{TINY}iterations: 120
```

```quiz
question: Which of these is even?
options:
  - {{text: three, why: Three is odd.}}
  - {{text: four, why: Two and two., correct: true}}
  - {{text: five, why: Five is odd.}}
```

```complete
```
"""
# A question that is asked at the start and again at the end.
TWICE = f"""# twice

```quiz
name: opinion
question: Does $2 n$ understand `this`?
options:
  - {{text: Nothing at all, fits: partly, for: It only counts., against: It counts well.}}
  - {{text: Some of it, fits: well, for: It finds patterns., against: Few of them.}}
  - {{text: All of it, fits: poorly, for: It looks so., against: Looks deceive.}}
```

```runner
{TINY}iterations: 120
```

```quiz
again: opinion
```

```complete
```
"""
# A lesson with a section for each thing that a section can ask of a reader, and two that are only read.
SECTIONS = f"""---
hide: [navigation, toc]
---
# sections

## Run

```runner
{TINY}iterations: 120
```

## Question

```quiz
question: Which of these is even?
options:
  - {{text: three, why: Three is odd.}}
  - {{text: four, why: Two and two., correct: true}}
```

## Reading

{"A paragraph to read. " * 400}

## Last

{"Another paragraph. " * 400}
"""
# A page must have three sections to list them; the others ask for more than a test of one section gives.
SECTIONS_EXPERIMENT = """---
hide: [navigation, toc]
---
# choosing

## Run

```runner
```

## Experiment

```experiment
name: warm-up
ask: true
```

## Question

```quiz
question: Which of these is even?
options:
  - {text: three, why: Three is odd.}
  - {text: four, why: Two and two., correct: true}
```
"""
# Every kind of widget, on the smallest model.
EVERYTHING = f"""# everything

What the model wrote, `code`, a formula, $x^2$, and the seed {{{{ seed }}}}.

```runner
{TINY}iterations: 3000
```

```samples
```

```presets
```

```instruments
```

```replay
```

```quiz
question: Which of these is even, in `code` or $2 n$?
options:
  - {{text: three, why: Three is odd.}}
  - {{text: four, why: Two and two., correct: true}}
```

```shapes
only: [clean]
```

```speed
```

```checkpoint
```

```complete
```
"""
# A run, and presets for which it waits. Their model takes seconds, so that there is time to press a button.
PRESETS = "# presets\n\n```runner\nmodel: {n_layer: 1}\nbatch_size: 8\n```\n\n```presets\n```\n"
EXPERIMENT = "# experiment\n\n```runner\n```\n\n```experiment\nname: warm-up\nask: true\n```\n"

# Two runs that readers can predict, on two texts: a curve, and the loss at an end whose floor is known.
PREDICTIONS = (
    f"# predictions\n\n```runner\n{TINY}iterations: 120\npredict: curve\n```\n\n```samples\n```\n\n"
    f"```runner\nsession: second\ncorpus: play-machine\n{TINY}iterations: 120\npredict: end\n```\n"
)
# A run that diverges, whose reader expects a curve.
DOOMED = f"# doomed\n\n```runner\n{TRIALS['too-fast'][0]}predict: curve\n```\n"


# Presets whose curves the reader names: the second block shares one preset with the first, and has its own mysteries.
NAMING_RUNNER = "```runner\nmodel: {n_layer: 1}\nbatch_size: 8\n```\n\n"
NAMING_BLOCK = "```presets\nask: true\nmystery: true\ndoctor: ../reference/loss-curve-doctor.md\npresets: [%s]\n```\n\n"
NAMING = f"# naming\n\n{NAMING_RUNNER}{NAMING_BLOCK % 'clean, dead, diverge-fast'}"
NAMING_TWICE = f"{NAMING}{NAMING_BLOCK % 'dead, diverge-fast'}"

# A run of seconds that can be asked, and twins of its settings.
TALK = f"# talk\n\n```runner\n{TINY}iterations: 3000\n```\n\n```talk\ncharacters: 60\n```\n"
TWINS = f"# twins\n\n```runner\n{TINY}iterations: 3000\n```\n\n```twin-seeds\n```\n"
# Health strips: of a run, of presets on the same small model, and of a preset that the reader has to name first.
HEALTH = f"""# health

```runner
{TINY}iterations: 120
```

```presets
presets: [clean, dead]
```

```instruments
```

```instruments
preset: dead
```
"""
NAMED_HEALTH = (
    f"# covered\n\n```runner\n{TINY}iterations: 120\n```\n\n```presets\npresets: [clean, dead]\nask: true\n```\n"
)
# A run whose surprise on one line is measured at each milestone, and the lesson's, which was recorded.
SURPRISE = f"# surprise\n\n```runner\n{TINY}iterations: 120\n```\n\n```samples\n```\n\n```surprise\n```\n"
LESSON_SURPRISE = "# recorded surprise\n\n```runner\n```\n\n```replay\n```\n\n```surprise\n```\n"
# The lesson's own run, as `python3 build record` trains it.
LESSON_TWINS = "# lesson twins\n\n```runner\n```\n\n```twin-seeds\n```\n\n```talk\n```\n"

# Two runs and a measurement, which a reader may start at the same time.
TOGETHER = (
    f"# together\n\n```runner\n{TINY}iterations: 3000\n```\n\n"
    f"```runner\nsession: second\n{TINY}iterations: 3000\n```\n\n```speed\n```\n"
)
# A second run far below the first, on a text of its own, which the page loads late.
LATE = (
    f"# late\n\n```runner\n{TINY}iterations: 3000\n```\n\n" + "A line.\n\n" * 200 + "```runner\nsession: second\n"
    f"corpus: harbour\n{TINY}iterations: 3000\n```\n"
)

# Two stages far apart, with text between and after them.
FILLER = "Nothing trains here.\n\n" * 60
FAR = (
    f"# far\n\n```runner\n{TINY}iterations: 3000\n```\n\n```samples\n```\n\n{FILLER}## between\n\n{FILLER}"
    f"```runner\nsession: second\n{TINY}iterations: 3000\n```\n\n```samples\nsession: second\n```\n\n{FILLER}"
    f"[a link below the fold](tiny.md)\n\n{FILLER}"
)

# A run, the block that saves and loads it, and a second run whose model and text are other ones.
FILES = (
    f"# files\n\n```runner\n{TINY}iterations: 120\n```\n\n```samples\n```\n\n```checkpoint\n```\n\n"
    f"```runner\nsession: second\ncorpus: harbour\n{TINY}iterations: 150\n```\n"
)

# The lesson's model, and so files as large as its, in batches small enough for many iterations a second.
KEPT = "# kept\n\n```runner\nbatch_size: 2\niterations: 9000\n```\n\n```samples\nearly: false\n```\n"

# Where the heads of a small run look; and of a run on the text whose copies a head can find.
HEADS = f"# heads\n\n```runner\n{TINY}iterations: 3000\n```\n\n```attention\n```\n"
COPIES = (
    f"# copies\n\n```runner\ncorpus: echo\n{TINY.replace('block_size: 16', 'block_size: 48')}iterations: 400\n```\n\n"
    "```attention\nscore: prefix\n```\n\n```copies\n```\n"
)
# The same of the recorded runs.
LESSON_HEADS = "# recorded heads\n\n```runner\n```\n\n```replay\n```\n\n```attention\n```\n"
LESSON_COPIES = (
    "# recorded copies\n\n```runner\ncorpus: echo\n```\n\n```attention\nscore: prefix\n```\n\n```copies\n```\n"
)

# As many layers as the lesson's model, so that what a reader asks about fills as much room.
ASKING = f"# asking\n\n```runner\n{TINY.replace('n_layer: 1', 'n_layer: 4')}iterations: 120\n```\n\n```samples\n```\n"

# By name.
PAGES = {
    name: f"# {name}\n\n```runner\n{runner}```\n\n```samples\n{samples}```\n"
    for name, (runner, samples) in TRIALS.items()
}
PAGES |= {
    "question": QUESTION,
    "twice": TWICE,
    "sections": SECTIONS,
    "sections-experiment": SECTIONS_EXPERIMENT,
    "everything": EVERYTHING,
    "files": FILES,
    "asking": ASKING,
    "presets": PRESETS,
    "experiment": EXPERIMENT,
    "late": LATE,
    "naming": NAMING,
    "naming-twice": NAMING_TWICE,
    "together": TOGETHER,
    "talk": TALK,
    "twins": TWINS,
    "lesson-twins": LESSON_TWINS,
    "health": HEALTH,
    "named-health": NAMED_HEALTH,
    "surprise": SURPRISE,
    "lesson-surprise": LESSON_SURPRISE,
    "predictions": PREDICTIONS,
    "doomed": DOOMED,
    "far": FAR,
    "kept": KEPT,
    "heads": HEADS,
    "copies": COPIES,
    "lesson-heads": LESSON_HEADS,
    "lesson-copies": LESSON_COPIES,
    "gathers": f"{NAMING}```complete\n```\n",
}
