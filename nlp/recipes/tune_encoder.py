"""Tune MiniLM's upper layers on labelled comments; see README.md beside this file.

Writes `encoder.onnx`, `tuning.safetensors` (heads, and what encoders said of texts new to them), `labels.json`, and
`minilm-int8.onnx` with its plan, which gives the token states where the tuned layers begin.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from earshot_nlp.criticality import MARKS, Marked, read_marked
from earshot_nlp.features import normal, plain, question_key
from earshot_nlp.train import Columns, Examples, folds, read_examples
from encoder_graph import encoder, whole
from minilm import FROZEN, LAYERS, WIDTH, Layer, lower, padded, tokens, weights
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as f

SEED, EPOCHS, BATCH = 0, 6, 32
FEWEST = 8
"""Labels with fewer comments than this are not learned."""

NO_QUESTION = 0.15
"""How often the question is hidden while training, so that comments without one are understood too."""

RATES = (3e-4, 3e-3)
"""Learning rates of the layers and of the heads."""

MARKED, PAIRED = 0.5, 0.5
"""The share of marked comments, and of pairs, that each epoch sees."""

RATINGS, MARK_COUNT = 5, len(MARKS)

Part = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Task:
    """Texts with all there is to learn from them.

    `parts` holds, for each text, the stretches of tokens that are read apart: all of it, or the two comments of a pair.
    `themes` has shape (n, parts, labels), or no labels where none are known. `classes` holds for some heads the first
    output, the number of classes, the weight in the loss, and class numbers of shape (n, parts), -1 where unknown.
    """

    states: list[Tensor]
    parts: list[list[Part]]
    asked: Tensor
    themes: Tensor
    classes: list[tuple[int, int, float, Tensor]]
    share: float = 1.0

    def take(self, rows: np.ndarray) -> Task:
        """Give some of the texts."""
        classes = [(at, size, weight, values[rows]) for at, size, weight, values in self.classes]
        states, parts = [self.states[row] for row in rows], [self.parts[row] for row in rows]
        return Task(states, parts, self.asked[rows], self.themes[rows], classes, self.share)


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

    def forward(self, states: Tensor, mask: Tensor, asked: Tensor, within: Tensor) -> Tensor:
        """Give all heads' log-odds of all parts, shape (texts, parts, outputs).

        Args:
            within: which tokens each part is drawn from, shape (texts, parts, tokens).
        """
        states = states + self.wq(asked)[:, None]
        for layer in self.layers:
            states = layer(states, mask)
        weights = self.att(states)[..., 0][:, None].expand_as(within)
        share = weights.masked_fill(within == 0, -1e4).softmax(dim=2)
        return self.head(f.dropout(share @ states, 0.1, self.training))

    def written(self) -> dict[str, np.ndarray]:
        """Give the weights of all but the heads, as `encoder_graph.encoder` names them."""
        out = {"question.weight": self.wq.weight.detach().numpy(), "share.weight": self.att.weight.detach().numpy()}
        for number, layer in enumerate(self.layers, FROZEN):
            out |= layer.written(number)
        return out


def train(tasks: Sequence[Task], outputs: int) -> Net:
    """Learn all tasks at once, from MiniLM."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    net = Net(outputs, weights())
    steps = EPOCHS * sum(int(task.share * len(task.states)) // BATCH + 1 for task in tasks)
    optimiser = _optimiser(net)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (0.06 * steps)) * max(0.02, 1 - step / steps)
    )
    rare = _rare(tasks[0].themes[:, 0])
    for epoch in range(EPOCHS):
        net.train()
        said = 0.0
        for task, rows in _batches(tasks, rng):
            part = task.take(rows)
            asked = part.asked * torch.tensor(rng.random(len(rows)) > NO_QUESTION)[:, None]
            loss = _loss(net(*padded(part.states), asked, _within(part)), part, rare) / len(rows)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            said += loss.item()
        sys.stderr.write(f"epoch {epoch + 1}: loss {said:.0f}\n")
    return net.eval()


def _rare(themes: Tensor) -> Tensor:
    positives = themes.sum(dim=0)
    return ((len(themes) - positives) / positives.clamp(min=1)).sqrt().clamp(1, 10)


def _within(task: Task) -> Tensor:
    out = torch.zeros(len(task.states), len(task.parts[0]), max(len(one) for one in task.states))
    for row, parts in enumerate(task.parts):
        for part, (first, last) in enumerate(parts):
            out[row, part, first:last] = 1
    return out


def _optimiser(net: Net) -> torch.optim.Optimizer:
    layers = list(net.layers.parameters())
    others = [*net.wq.parameters(), *net.att.parameters(), *net.head.parameters()]
    return torch.optim.AdamW(
        [
            {"params": [one for one in layers if one.ndim > 1], "lr": RATES[0], "weight_decay": 0.01},
            {"params": [one for one in layers if one.ndim == 1], "lr": RATES[0], "weight_decay": 0.0},
            {"params": others, "lr": RATES[1], "weight_decay": 0.01},
        ]
    )


def _batches(tasks: Sequence[Task], rng: np.random.Generator) -> list[tuple[Task, np.ndarray]]:
    """Batches of texts of like length, of all tasks in random order: little is padded."""
    out = []
    for task in tasks:
        sizes = np.asarray([len(one) for one in task.states])
        rows = rng.permutation(len(sizes))[: max(1, int(task.share * len(sizes)))]
        for start in range(0, len(rows), BATCH * 16):
            chunk = rows[start : start + BATCH * 16]
            chunk = chunk[np.argsort(sizes[chunk] + rng.random(len(chunk)), kind="stable")]
            out += [(task, chunk[at : at + BATCH]) for at in range(0, len(chunk), BATCH)]
    return [out[number] for number in rng.permutation(len(out))]


def _loss(said: Tensor, task: Task, rare: Tensor) -> Tensor:
    labels = task.themes.shape[2]
    loss = (
        f.binary_cross_entropy_with_logits(said[..., :labels], task.themes, pos_weight=rare[:labels], reduction="sum")
        / 8
    )
    for at, size, weight, values in task.classes:
        known = values >= 0
        own = said[known][:, at : at + size]
        loss = loss + weight * f.cross_entropy(own, values[known], reduction="sum", label_smoothing=0.05)
    return loss / said.shape[1]


@torch.no_grad()
def say(net: Net, task: Task) -> np.ndarray:
    """Give the log-odds of every head for every text as a whole, each text alone: shape (n, outputs)."""
    out = []
    for states, asked in zip(task.states, task.asked, strict=True):
        out.append(net(*padded([states]), asked[None], torch.ones(1, 1, len(states)))[0].numpy())
    return np.concatenate(out)


def labelled_task(examples: Examples) -> Task:
    """Themes and sentiment of labelled comments."""
    states = lower(examples.texts)[0]
    ratings = torch.tensor(examples.ratings.astype(np.int64))[:, None] - 1
    themes = torch.tensor(examples.targets, dtype=torch.float32)[:, None]
    at = len(examples.labels)
    return Task(states, _whole(states), _asked(examples.questions), themes, [(at, RATINGS, 0.7, ratings)])


def paired_task(examples: Examples, fold_of: np.ndarray) -> tuple[Task, np.ndarray]:
    """Two comments of one fold written as one, each with its own themes and sentiment: so a sentence is judged by what
    it says, and not by what stands beside it. Gives the task and each pair's fold.
    """
    rng = np.random.default_rng(SEED)
    pairs: list[np.ndarray] = []
    for fold in range(fold_of.max() + 1):
        rows = rng.permutation(np.flatnonzero(fold_of == fold))
        pairs += list(rows[: len(rows) // 2 * 2].reshape(-1, 2))
    texts = [[ended(examples.texts[row]) for row in pair] for pair in pairs]
    states = lower([" ".join(both) for both in texts])[0]
    # A pair is cut where the second comment begins; what the limit leaves of it may be nothing, and then it has no say.
    cuts = [min(len(one) - 2, tokens(both[0])) for one, both in zip(states, texts, strict=True)]
    parts = [[(1, cut + 1), (cut + 1, len(one) - 1)] for cut, one in zip(cuts, states, strict=True)]
    rows = np.stack(pairs)
    ratings = torch.tensor(examples.ratings[rows].astype(np.int64)) - 1
    themes = torch.tensor(examples.targets[rows], dtype=torch.float32)
    kept = np.asarray([first < last for _, (first, last) in parts])
    asked = torch.zeros(len(rows), WIDTH)
    task = Task(states, parts, asked, themes, [(len(examples.labels), RATINGS, 0.7, ratings)], PAIRED)
    return task.take(np.flatnonzero(kept)), fold_of[rows[kept, 0]]


def ended(text: str) -> str:
    """A comment that ends as a sentence does."""
    return text if text.endswith((".", "!", "?")) else text + "."


def marked_task(path: Path, marked: Marked, first: int) -> Task:
    """Criticality, theme and sub-category of marked comments."""
    rows: dict[str, dict[str, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(normal(plain(row["feedback"])), row)
    own = [rows[normal(text)] for text in marked.texts]
    states = lower(marked.texts)[0]
    heads = [(first, MARK_COUNT, 1.0, torch.tensor(marked.marks.astype(np.int64))[:, None] - MARKS.start)]
    first += MARK_COUNT
    for column in ("label", "subcategory"):
        names = sorted({row[column] for row in own})
        heads.append((first, len(names), 0.5, torch.tensor([[names.index(row[column])] for row in own])))
        first += len(names)
    asked = _asked([question_key(row["question"]) for row in own])
    return Task(states, _whole(states), asked, torch.zeros(len(own), 1, 0), heads, MARKED)


def _whole(states: Sequence[Tensor]) -> list[list[Part]]:
    return [[(0, len(one))] for one in states]


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
    marked = read_marked(asked.marked, text="feedback", mark="criticality")
    at = len(examples.labels) + RATINGS
    labelled, serious = labelled_task(examples), marked_task(asked.marked, marked, at)
    outputs = sum(serious.classes[-1][:2])
    fold_of = np.zeros(len(examples.texts), dtype=int)
    for number, (_, held) in enumerate(folds(examples)):
        fold_of[held] = number
    paired, pair_fold = paired_task(examples, fold_of)
    marked_fold = folds_of_marked(marked, examples, fold_of)
    unseen = np.zeros((len(fold_of), outputs), dtype=np.float32)
    unseen_marks = np.zeros((len(marked_fold), outputs), dtype=np.float32)
    for number in range(fold_of.max() + 1):
        split = ((labelled, fold_of), (serious, marked_fold), (paired, pair_fold))
        net = train([task.take(np.flatnonzero(own != number)) for task, own in split], outputs)
        for task, own, said in ((labelled, fold_of, unseen), (serious, marked_fold, unseen_marks)):
            held = np.flatnonzero(own == number)
            said[held] = say(net, task.take(held))
    heads = {"themes": (0, len(examples.labels)), "ratings": (len(examples.labels), at), "marks": (at, at + MARK_COUNT)}
    write(asked.out, train([labelled, serious, paired], outputs), examples.labels, heads, unseen, unseen_marks)


def folds_of_marked(marked: Marked, examples: Examples, fold_of: np.ndarray) -> np.ndarray:
    """Each marked comment's fold: that of the labelled comment which reads the same, else one after the other."""
    known = {normal(text): fold for text, fold in zip(examples.texts, fold_of, strict=True)}
    return np.asarray([known.get(normal(text), row % (fold_of.max() + 1)) for row, text in enumerate(marked.texts)])


def write(
    folder: Path,
    net: Net,
    labels: Sequence[str],
    heads: dict[str, tuple[int, int]],
    unseen: np.ndarray,
    unseen_marks: np.ndarray,
) -> None:
    """Write the encoder, its heads and what others said of texts they had not seen."""
    rows = torch.cat([net.head.weight, net.head.bias[:, None]], dim=1).detach().numpy()
    arrays = {name: rows[slice(*place)] for name, place in heads.items()}
    for name, (first, last) in heads.items():
        arrays[f"unseen_{name}"] = (unseen_marks if name == "marks" else unseen)[:, first:last]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "encoder.onnx").write_bytes(encoder(net.written()))
    graph, plan = whole({name: value.numpy() for name, value in weights().items()})
    (folder / "minilm-int8.onnx").write_bytes(graph)
    (folder / "minilm-int8.json").write_text(plan, encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps(list(labels)), encoding="utf-8")
    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / "tuning.safetensors")


if __name__ == "__main__":
    main()
