"""Tune MiniLM's upper layers on labelled comments; see README.md beside this file.

Writes `encoder.onnx`, `tuning.safetensors` (heads, and what encoders said of texts new to them) and `labels.json`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from earshot_nlp.criticality import MARKS
from earshot_nlp.features import normal, plain, question_key
from earshot_nlp.train import Columns, Examples, folds, read_examples
from encoder_graph import encoder
from minilm import FROZEN, LAYERS, WIDTH, Layer, lower, padded, weights
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as f

SEED, EPOCHS, BATCH = 0, 3, 32
FEWEST = 8
"""Labels with fewer comments than this are not learned."""

NO_QUESTION = 0.15
"""How often the question is hidden while training, so that comments without one are understood too."""

MARKED, LABELLED = (2e-4, 2e-3), (3e-4, 3e-3)
"""Learning rates of the layers and of the heads, on marked and on labelled comments."""


@dataclass(frozen=True, eq=False)
class Task:
    """Texts with all there is to learn from them. `themes` (n, labels) may be empty; `classes` holds one row of class
    numbers a head (-1: unknown) with the head's size and weight in the loss.
    """

    states: list[Tensor]
    asked: Tensor
    themes: Tensor
    classes: list[tuple[Tensor, int, float]]

    def take(self, rows: np.ndarray) -> Task:
        """Give some of the texts."""
        classes = [(values[rows], size, weight) for values, size, weight in self.classes]
        return Task([self.states[row] for row in rows], self.asked[rows], self.themes[rows], classes)


class Net(nn.Module):
    """MiniLM's upper layers, the question added to every token state, attention over tokens, and linear heads."""

    def __init__(self, outputs: int, found: dict[str, Tensor]) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer.read(found, number) for number in range(FROZEN, LAYERS)])
        self.wq, self.att = nn.Linear(WIDTH, WIDTH, bias=False), nn.Linear(WIDTH, 1, bias=False)
        nn.init.zeros_(self.wq.weight)
        nn.init.zeros_(self.att.weight)
        self.head = nn.Linear(WIDTH, outputs)
        self.head.weight.data *= 0.3

    def forward(self, states: Tensor, mask: Tensor, asked: Tensor) -> Tensor:
        """Give all heads' log-odds, shape (texts, outputs)."""
        states = states + self.wq(asked)[:, None]
        for layer in self.layers:
            states = layer(states, mask)
        share = self.att(states)[..., 0].masked_fill(mask == 0, -1e4).softmax(dim=1)
        return self.head(f.dropout((states * share[..., None]).sum(dim=1), 0.1, self.training))


def train(task: Task, rates: tuple[float, float], start: Net | None = None) -> Net:
    """Learn a task, from MiniLM or from the layers of an earlier net."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    net = Net(task.themes.shape[1] + sum(size for _, size, _ in task.classes), weights())
    if start:
        kept = {name: value for name, value in start.state_dict().items() if not name.startswith("head")}
        net.load_state_dict(kept, strict=False)
    steps = EPOCHS * (len(task.states) // BATCH + 1)
    optimiser = _optimiser(net, rates)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (0.06 * steps)) * max(0.02, 1 - step / steps)
    )
    positives = task.themes.sum(dim=0)
    rare = ((len(task.themes) - positives) / positives.clamp(min=1)).sqrt().clamp(1, 10)
    for epoch in range(EPOCHS):
        net.train()
        for rows in _batches([len(one) for one in task.states], rng):
            part = task.take(rows)
            asked = part.asked * torch.tensor(rng.random(len(rows)) > NO_QUESTION)[:, None]
            loss = _loss(net(*padded(part.states), asked), part, rare) / len(rows)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        sys.stderr.write(f"epoch {epoch + 1}: loss {loss.item():.3f}\n")
    return net.eval()


def _optimiser(net: Net, rates: tuple[float, float]) -> torch.optim.Optimizer:
    layers = list(net.layers.parameters())
    others = [*net.wq.parameters(), *net.att.parameters(), *net.head.parameters()]
    return torch.optim.AdamW(
        [
            {"params": [one for one in layers if one.ndim > 1], "lr": rates[0], "weight_decay": 0.01},
            {"params": [one for one in layers if one.ndim == 1], "lr": rates[0], "weight_decay": 0.0},
            {"params": others, "lr": rates[1], "weight_decay": 0.01},
        ]
    )


def _batches(lengths: Sequence[int], rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Batches of texts of like length, in random order: little is padded."""
    rows, sizes, out = rng.permutation(len(lengths)), np.asarray(lengths), []
    for start in range(0, len(rows), BATCH * 16):
        chunk = rows[start : start + BATCH * 16]
        chunk = chunk[np.argsort(sizes[chunk] + rng.random(len(chunk)), kind="stable")]
        out += [chunk[at : at + BATCH] for at in range(0, len(chunk), BATCH)]
    return iter([out[number] for number in rng.permutation(len(out))])


def _loss(said: Tensor, task: Task, rare: Tensor) -> Tensor:
    at = task.themes.shape[1]
    loss = f.binary_cross_entropy_with_logits(said[:, :at], task.themes, pos_weight=rare, reduction="sum") / 8
    for values, size, weight in task.classes:
        known = values >= 0
        own = said[known, at : at + size]
        loss = loss + weight * f.cross_entropy(own, values[known], reduction="sum", label_smoothing=0.05)
        at += size
    return loss


@torch.no_grad()
def say(net: Net, task: Task) -> np.ndarray:
    """Give the log-odds of every head for every text, each text alone."""
    rows = zip(task.states, task.asked, strict=True)
    return np.concatenate([net(*padded([states]), asked[None]).numpy() for states, asked in rows])


def labelled_task(examples: Examples) -> Task:
    """Themes and sentiment of labelled comments."""
    ratings = torch.tensor(examples.ratings.astype(np.int64)) - 1
    return Task(
        lower(examples.texts)[0],
        _asked(examples.questions),
        torch.tensor(examples.targets, dtype=torch.float32),
        [(ratings, 5, 0.7)],
    )


def marked_task(path: Path, left_out: set[str]) -> Task:
    """Criticality, theme and sub-category of marked comments, each wording once a question."""
    kept: dict[tuple[str, str], dict[str, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            wording = normal(row["feedback"])
            if wording and wording not in left_out:
                kept.setdefault((wording, question_key(row["question"])), row)
    rows = list(kept.values())
    marks = [int(row["criticality"]) if row["criticality"].lstrip("-").isdecimal() else 99 for row in rows]
    known = torch.tensor([mark - MARKS.start if mark in MARKS else -1 for mark in marks])
    names = [sorted({row[column] for row in rows}) for column in ("label", "subcategory")]
    label, sub = (
        torch.tensor([own.index(row[column]) for row in rows])
        for own, column in zip(names, ("label", "subcategory"), strict=True)
    )
    return Task(
        lower([plain(row["feedback"]) for row in rows])[0],
        _asked([question_key(row["question"]) for row in rows]),
        torch.zeros(len(rows), 0),
        [(known, len(MARKS), 1.0), (label, len(names[0]), 0.5), (sub, len(names[1]), 0.5)],
    )


def _asked(questions: Sequence[str]) -> Tensor:
    distinct = sorted(set(questions))
    embeddings = dict(zip(distinct, lower(distinct)[1], strict=True))
    return torch.stack([embeddings[question] if question else torch.zeros(WIDTH) for question in questions])


def read_labelled(path: Path) -> Examples:
    """Read the labelled comments with every label that enough of them have."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = tuple(next(csv.reader(file)))
    columns = names[names.index("Comment sentiment") + 1 :]
    for _ in range(2):  # first to count the labels once repeats are left out, then with those that are left
        wanted = Columns("FFT answer", columns, None, "FFT question", "Comment sentiment", "Trust")
        examples = read_examples(path, wanted)
        enough = examples.targets.sum(axis=0) >= FEWEST
        columns = tuple(name for name, kept in zip(columns, enough, strict=True) if kept)
    return examples


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data", "--marked", "--out"):
        parser.add_argument(name, type=Path, required=True)
    asked = parser.parse_args()
    examples = read_labelled(asked.data)
    start = train(marked_task(asked.marked, {normal(text) for text in examples.texts}), MARKED)
    task = labelled_task(examples)
    unseen = np.zeros((len(examples.texts), len(examples.labels) + 5), dtype=np.float32)
    for rows, held in folds(examples):
        unseen[held] = say(train(task.take(rows), LABELLED, start), task.take(held))
    write(asked.out, train(task, LABELLED, start), examples.labels, unseen)


def write(folder: Path, net: Net, labels: Sequence[str], unseen: np.ndarray) -> None:
    """Write the encoder, its heads and what others said of texts they had not seen."""
    state = {name: value.numpy() for name, value in net.state_dict().items()}
    heads = np.concatenate([state["head.weight"], state["head.bias"][:, None]], axis=1)
    at = len(labels)
    arrays = {"themes": heads[:at], "ratings": heads[at:], "unseen_themes": unseen[:, :at]}
    arrays["unseen_ratings"] = unseen[:, at:]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "encoder.onnx").write_bytes(encoder(state))
    (folder / "labels.json").write_text(json.dumps(list(labels)), encoding="utf-8")
    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / "tuning.safetensors")


if __name__ == "__main__":
    main()
