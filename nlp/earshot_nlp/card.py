"""The model card of a bundle, written from its manifest: what it was trained on, how right it is, what it
cannot do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def card(bundle_id: str, meta: Mapping[str, Any]) -> str:
    """Write a bundle's model card in Markdown."""
    return "\n".join(
        [
            f"# Model card: {meta['name']}",
            "",
            f"Bundle `{bundle_id}`. {len(meta['labels'])} labels, trained on {meta.get('texts', 'some')} "
            "different comments.",
            "",
            "## What it does",
            "",
            "It reads a de-identified comment and says which themes of the framework it speaks of, with a calibrated "
            "probability and the words that mattered, and how positive or negative it is (1 very positive to 5 very "
            "negative), for the comment and for each sentence. It is meant to help people find and count comments. It "
            "must not decide anything about a person.",
            "",
            "## How it works",
            "",
            "TF-IDF of words, pairs of words and the letters inside words, a MiniLM-L6 sentence embedding and the "
            "question asked go into one logistic regression a label. Thresholds and calibration "
            "come from cross-validation scores, and so does a band around each threshold: a theme in its lower part is "
            "shown as considered and counted nowhere.",
            *([meta["tuning"]] if "tuning" in meta else []),
            "",
            "## Data and licence",
            "",
            str(meta.get("data", "Not recorded.")),
            "",
            f"Licence of the data: {meta.get('licence', 'not recorded')}.",
            "",
            *_scores(meta.get("scores")),
            *_across(meta.get("across")),
            *_criticality(meta.get("criticality")),
            "## Limits",
            "",
            *_unscored(meta),
            "- A label with few examples is less sure; see its line above. "
            "A theme that is not in the framework is not seen.",
            "- It was trained on English. Comments in other languages are marked and go to a person.",
            "- On a trust that it has not seen it is clearly less right, see above. "
            "Correct it locally before relying on counts.",
            "- Sarcasm and mixed comments are often misread. "
            "Sentiment of one sentence is less sure than that of a comment.",
            "- It does not look for danger: the bundle `safety` does. "
            "Neither may be the only thing that reads urgent comments.",
            "",
        ]
    )


def described_card(bundle_id: str, meta: Mapping[str, Any]) -> str:
    """Write the model card of a framework that is heard without labelled comments, in Markdown."""
    scores = meta["scores"]
    return "\n".join(
        [
            f"# Model card: {meta['name']} framework",
            "",
            f"Bundle `{bundle_id}`, version {meta['version']}. {len(meta['labels'])} labels. **Zero-shot: there are no "
            "public comments that are labelled by this framework, so it was not trained on any.**",
            "",
            "## What it does",
            "",
            "It reads a de-identified comment that staff wrote and says which elements it speaks of, with a "
            "probability and what it went by. It is meant to help people find and count comments. It must not decide "
            "anything about a person. It does not make a comment a Freedom to Speak Up case: only a guardian does.",
            "",
            "## How it works",
            "",
            "Each label is described by sentences that staff might write (anchors) and by words that go with it. A "
            "comment, and each of its sentences, is compared with the anchors by MiniLM-L6 sentence embeddings. "
            "Likeness, likeness over that of the other labels and words are weighed by the same few constants for "
            f"every label. Those and one threshold were fitted on {meta['tuned_on']} comments written for the purpose.",
            "",
            f"Source of the labels: {meta['source']}",
            "",
            "## How right it is",
            "",
            f"On {scores['texts']} other comments, by another writer, that were labelled and scored once the anchors, "
            "words and constants were fixed. In brackets: 95 % bootstrap interval.",
            "",
            "| measure | value |",
            "|---|---|",
            *(f"| {name} | {_shown(scores[key])} |" for name, key in _THEME_ROWS),
            "",
            *_label_rows(scores["labels"]),
            "",
            "## Limits",
            "",
            "- The comments that it was measured on were invented for the demonstration, not sent in by staff of a "
            "trust, and one person labelled them. Expect it to be less right on real ones.",
            "- It misses understatement and irony more often than it invents a theme. Read the comments; correct them.",
            "- Neighbouring labels overlap: what makes staff ill is both “We are safe and healthy” and “Worker safety "
            "or wellbeing”.",
            "- What people correct is shown and counted at once, but this framework does not learn from it yet.",
            "- Probabilities are rough: a few constants were fitted for all labels together.",
            "- It was made for English. Comments in other languages are marked and go to a person.",
        ]
    )


def _scores(scores: Mapping[str, Any] | None) -> list[str]:
    if not scores:
        return []
    themes, sentiment = scores["themes"], scores.get("sentiment")
    lines = [
        "## How right it is",
        "",
        "Five-fold cross-validation; equal wordings stay in one fold; each comment's thresholds "
        "were chosen without it. In brackets: 95 % bootstrap interval.",
        "",
        "| measure | value |",
        "|---|---|",
        *(f"| {name} | {_shown(themes[key])} |" for name, key in _THEME_ROWS),
    ]
    if sentiment:
        lines += [f"| {name} | {_shown(sentiment[key])} |" for name, key in _SENTIMENT_ROWS]
    return [*lines, "", *_label_rows(themes["labels"]), ""]


def _label_rows(labels: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["| label | examples | precision | recall | F1 |", "|---|---|---|---|---|"]
    for row in labels:
        figures = " | ".join(f"{row[key]:.2f}" for key in ("precision", "recall", "f1"))
        lines.append(f"| {row['label']} | {row['support']} | {figures} |")
    return lines


def _unscored(meta: Mapping[str, Any]) -> list[str]:
    """Labels that are learned though too few comments have them to say how right they are."""
    scored = {row["label"] for row in meta.get("scores", {}).get("themes", {}).get("labels", [])}
    rare = [label for label in meta["labels"] if label not in scored]
    return [f"- Learned from so few comments that no score can be given: {', '.join(rare)}."] if scored and rare else []


_THEME_ROWS = (
    ("themes, macro F1", "macro_f1"),
    ("themes, micro F1", "micro_f1"),
    ("themes, all labels of a comment right", "exact_match"),
)
_SENTIMENT_ROWS = (
    ("sentiment, 5 classes, accuracy", "accuracy"),
    ("sentiment, 5 classes, macro F1", "macro_f1"),
    ("sentiment, 3 classes, accuracy", "three_class_accuracy"),
    ("sentiment, 3 classes, macro F1", "three_class_macro_f1"),
)


def _across(across: Mapping[str, Any] | None) -> list[str]:
    if not across:
        return []
    lines = [
        "Scored on one source by a model (without tuned encoder) that saw only the others; and after it learned from "
        "some corrections at that source. Both are scored on the same other comments there.",
        "",
        "| source | macro F1 | micro F1 | corrections | macro F1 after | micro F1 after |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in across.items():
        before = " | ".join(_shown(row["before"][key]) for key in ("macro_f1", "micro_f1"))
        after = " | ".join(_shown(row["after"][key]) if row["after"] else "–" for key in ("macro_f1", "micro_f1"))
        lines.append(f"| {name} | {before} | {row['corrections']} | {after} |")
    return [*lines, ""]


def _criticality(found: Mapping[str, Any] | None) -> list[str]:
    if not found:
        return []
    return [
        f"Criticality (-4 very serious to 4 warm praise; {found['texts']} comments of three trusts, marked by hand; "
        f"five-fold cross-validation): accuracy {_shown(found['accuracy'])}, mean over the nine classes "
        f"{_shown(found['balanced_accuracy'])}, right or one step off {_shown(found['within_one'])}.",
        "",
    ]


def _shown(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"
