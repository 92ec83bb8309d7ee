"""The `earshot-nlp` command: train, predict, evaluate, analyse and card, from files to files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from threadpoolctl import threadpool_limits
from typer.core import TyperGroup

from earshot_nlp import card as cards
from earshot_nlp import evaluate as scoring
from earshot_nlp import train as training
from earshot_nlp.bundle import Bundle, BundleRefused, load_tuning, shipped
from earshot_nlp.criticality import learn as learn_criticality
from earshot_nlp.criticality import read_marked
from earshot_nlp.embed import Embedder
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.types import RedactionFailed, Text
from earshot_nlp.zero_shot import STAFF

Data = Annotated[Path, typer.Option("--data", exists=True, dir_okay=False, help="A CSV file with a header row.")]
TextColumn = Annotated[str, typer.Option("--text", help="The column that holds the comments.")]
Labels = Annotated[
    str | None,
    typer.Option("--labels", help="Columns of 0 and 1: A,B,… (quote a name with a comma), or a JSON file."),
]
Label = Annotated[str | None, typer.Option("--label", help="One column that holds one class a comment.")]
Question = Annotated[str | None, typer.Option("--question", help="The column that holds the question asked.")]
Sentiment = Annotated[str | None, typer.Option("--sentiment", help="The column with ratings 1 (best) to 5 (worst).")]
Source = Annotated[str | None, typer.Option("--across", help="A column of sources: also score each by the others.")]
BundleFolder = Annotated[Path | None, typer.Option("--bundle", help="A bundle's folder; the shipped one if left out.")]
CHUNK = 256
TUNING_NOTE = (
    "MiniLM's upper three layers were tuned further on these comments, on pairs of them and on comments marked with "
    "criticality; what they say is added to the log-odds. For the scores below, five encoders were tuned, each without "
    "the comments it is scored on. The words shown explain the part of the words only, exactly."
)
LINEAR_ONLY = (
    "Five-fold cross-validation of the linear models only, without a tuned encoder. A bundle that was trained with "
    "--tuning is more right than this; its own scores stand in its model card (earshot-nlp card)."
)


class UnreadableLine(Exception):
    """A line of the input is not an object with the fields "id" and "text". Mend that line and run the
    command again.
    """

    status = 422

    def __init__(self, number: int) -> None:
        super().__init__(f'Line {number} is not a JSON object with the fields "id" and "text".')


class _Group(TyperGroup):
    """Tells what the caller can put right in one sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            with threadpool_limits(1):  # texts and labels share the cores already; more threads would only wait
                return super().invoke(ctx)
        except (BundleRefused, training.DataRefused, UnreadableLine) as refused:
            typer.echo(f"{refused}", err=True)
            raise typer.Exit(2) from None


app = typer.Typer(
    cls=_Group, help="Train, try and use Earshot's language models.", no_args_is_help=True, add_completion=False
)


@app.command()
def train(
    data: Data,
    text: TextColumn,
    out: Annotated[Path, typer.Option("--out", help="The folder for the bundle.")],
    labels: Labels = None,
    label: Label = None,
    question: Question = None,
    sentiment: Sentiment = None,
    source: Source = None,
    name: Annotated[str | None, typer.Option("--name", help="The framework's name.")] = None,
    about: Annotated[str | None, typer.Option("--about", help="Where the data comes from, for the card.")] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="The licence of the data, for the card.")] = None,
    scored: Annotated[str | None, typer.Option("--scored", help="The labels to report on, like --labels.")] = None,
    tuning: Annotated[Path | None, typer.Option("--tuning", help="An encoder tuned on this file: a folder.")] = None,
    criticality: Annotated[
        Path | None, typer.Option("--criticality", help="A CSV file with feedback marked -4 to 4 in criticality.")
    ] = None,
) -> None:
    """Train a framework from a CSV file and write its bundle and model card."""
    examples = training.read_examples(data, _columns(text, labels, label, question, sentiment, source))
    embed = Embedder().embed
    facts: dict[str, Any] = {"data": about or data.name, **({"licence": licence} if licence else {})}
    tuned = load_tuning(tuning) if tuning else None
    if tuned:
        facts["tuning"] = TUNING_NOTE
    if source:
        found = training.across(examples, embed(examples.texts), scored=_names(scored))
        facts["across"] = {key: asdict(value) for key, value in found.items()}
    model, themes, ratings = training.train(
        examples,
        embed,
        name=name or out.name,
        meta=facts,
        tuning=tuned,
        scored=_names(scored),
    )
    if criticality:
        marked = read_marked(criticality, text="feedback", mark="criticality")
        model, _ = learn_criticality(model, marked, embed, tuned)
    identity = model.save(out)
    (out / "MODEL_CARD.md").write_text(cards.card(identity, model.meta), encoding="utf-8")
    typer.echo(scoring.readable(themes, ratings, title=f"{identity}, five-fold cross-validation"))


@app.command()
def evaluate(
    data: Data,
    text: TextColumn,
    labels: Labels = None,
    label: Label = None,
    question: Question = None,
    sentiment: Sentiment = None,
    source: Source = None,
    bundle: Annotated[Path | None, typer.Option("--bundle", help="Score this bundle; else cross-validate.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Score a bundle on labelled comments, or cross-validate on them when no bundle is given.

    Cross-validation trains the linear models only, as `train` does without --tuning: a tuned encoder cannot be scored
    on the comments that it was tuned on.
    """
    examples = training.read_examples(data, _columns(text, labels, label, question, sentiment, source))
    embeddings = Embedder().embed(examples.texts)
    if bundle:
        pipeline = Pipeline.load(bundle)
        vectors = pipeline.vectors([Text(*pair) for pair in zip(examples.texts, examples.questions, strict=True)])
        themes, ratings = training.score(pipeline.model, examples, vectors)
    else:
        themes, ratings = training.report(examples, training.out_of_fold(examples, embeddings))
    found = {"scored": bundle.name if bundle else LINEAR_ONLY, **scoring.as_json(themes, ratings)}
    across = training.across(examples, embeddings) if source else {}
    found["across"] = {key: asdict(value) for key, value in across.items()}
    typer.echo(json.dumps(found, ensure_ascii=False))
    if not as_json:
        typer.echo(scoring.readable(themes, ratings, title=str(found["scored"])))
        for key, value in across.items():
            typer.echo(scoring.readable(value.before, None, title=f"{key}, by the others"))
            if value.after:
                title = f"{key}, after {value.corrections} corrections there"
                typer.echo(scoring.readable(value.after, None, title=title))


@app.command()
def predict(
    data: Data,
    text: TextColumn,
    out: Annotated[Path, typer.Option("--out", help="The CSV file to write.")],
    bundle: BundleFolder = None,
    question: Question = None,
) -> None:
    """Write each comment's labels and every label's probability as CSV, in the order of the file."""
    pipeline = Pipeline.load(bundle)
    model = pipeline.model
    with data.open(encoding="utf-8-sig", newline="") as read, out.open("w", newline="") as write:
        rows = csv.DictReader(read)
        missing = [column for column in (text, question) if column and column not in (rows.fieldnames or [])]
        if missing:
            raise training.DataRefused(f"The file has no column {missing[0]!r}.")
        writer = csv.writer(write)
        writer.writerow(["row", "labels", *(f"p: {label}" for label in model.labels)])
        number = 0
        for chunk in _chunks(rows):
            texts = [Text(row[text] or "", row[question] if question else None) for row in chunk]
            for p in pipeline.probabilities(texts):
                number += 1
                chosen = pipeline.choose(p)
                named = json.dumps([model.labels[index] for index, _ in chosen], ensure_ascii=False)
                writer.writerow([number, named, *(f"{value:.4f}" for value in p)])


@app.command()
def analyse(
    source: Annotated[
        Path, typer.Option("--in", exists=True, dir_okay=False, help="JSON lines: id, text, question?, audience?")
    ],
    out: Annotated[Path, typer.Option("--out", help="The JSON lines to write.")],
    bundle: BundleFolder = None,
) -> None:
    """De-identify and analyse comments: one JSON object in, one out. A text that cannot be de-identified is
    not written out.
    """
    pipeline = Pipeline.load(bundle)
    with source.open("rb") as lines, out.open("wb") as write:
        for chunk in _chunks(_objects(lines)):
            for line in _analysed(pipeline, chunk):
                write.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


@app.command()
def card(bundle: BundleFolder = None) -> None:
    """Print a bundle's model card in Markdown; without one, the cards of both frameworks that ship."""
    loaded = Bundle.load(bundle)
    if loaded.meta["name"] == STAFF:
        typer.echo(cards.described_card(loaded.id, loaded.meta))
        return
    typer.echo(cards.card(loaded.id, loaded.meta))
    if bundle is None:
        staff = Bundle.load(shipped(STAFF))
        typer.echo(cards.described_card(staff.id, staff.meta))


def _analysed(pipeline: Pipeline, chunk: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    redactions = pipeline.redact([item["text"] for item in chunk])
    texts = [
        Text("" if isinstance(done, RedactionFailed) else done.text, item.get("question"), item.get("audience"))
        for item, done in zip(chunk, redactions, strict=True)
    ]
    for item, done, found in zip(chunk, redactions, pipeline.analyse(texts), strict=True):
        failed = isinstance(done, RedactionFailed)
        yield {
            "id": item["id"],
            "language": asdict(found.language),
            "redacted": None if isinstance(done, RedactionFailed) else done.text,
            "identifiers": [] if isinstance(done, RedactionFailed) else [asdict(one) for one in done.identifiers],
            "sentences": [asdict(sentence) for sentence in found.sentences],
            "sentiment": asdict(found.sentiment),
            "framework": found.framework,
            "themes": [asdict(theme) for theme in found.themes],
            "considered": [asdict(theme) for theme in found.considered],
            "criticality": asdict(found.criticality) if found.criticality else None,
            "safety": asdict(found.safety),
            "needs_person": "redaction" if failed else found.needs_person,
            "bundle": found.bundle,
        }


def _columns(
    text: str, labels: str | None, label: str | None, question: str | None, sentiment: str | None, source: str | None
) -> training.Columns:
    return training.Columns(text, _names(labels), label, question, sentiment, source)


def _names(labels: str | None) -> tuple[str, ...]:
    if not labels:
        return ()
    if labels.endswith(".json"):
        return tuple(json.loads(Path(labels).read_text(encoding="utf-8")))
    return tuple(name.strip() for name in next(csv.reader([labels], skipinitialspace=True)))


def _objects(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise UnreadableLine(number) from None
        if not isinstance(item, dict) or "id" not in item or not isinstance(item.get("text"), str):
            raise UnreadableLine(number)
        yield item


def _chunks(items: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


if __name__ == "__main__":
    app()
