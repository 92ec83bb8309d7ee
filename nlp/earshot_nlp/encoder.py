"""The tuned encoder: MiniLM's upper layers, trained further on patients' comments, on top of its lower ones.

MiniLM's lower layers run once for a text; from their token states its own upper layers give the general embedding, and
the tuned layers give a second one that knows the framework. The question asked goes in as its embedding, so that a new
wording of a question is understood too. A sentence's tuned embedding is drawn from its own tokens, which have heard the
rest of the text: "They were not." is understood, and it costs nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from earshot_nlp.types import Matrix, Vector

States = npt.NDArray[np.float32]
"""Token states after MiniLM's lower layers: shape (1, tokens, 384)."""

Stretch = tuple[int, int]
"""First token and the one after the last."""


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """What the torch recipe hands over: the encoder, its own linear heads, and what it said about unseen texts.

    `graph` is the encoder (ONNX). `themes` has shape (labels, 385), `ratings` (5, 385) and `marks` (9, 385): weights
    on the tuned embedding, the intercept last. `unseen_themes` (n, labels) and `unseen_ratings` (n, 5) are log-odds for
    the training file's distinct texts, in their order, and `unseen_marks` (m, 9) for the comments marked with
    criticality, from encoders that had not seen them; so scores stay honest.
    """

    graph: bytes
    labels: tuple[str, ...]
    themes: Matrix
    ratings: Matrix
    marks: Matrix
    unseen_themes: Matrix
    unseen_ratings: Matrix
    unseen_marks: Matrix


class Encoder:
    """Reads token states and a question into tuned embeddings, float32.

    Args:
        graph: an ONNX graph from `states` (1, tokens, 384) and `question` (1, 384) to `tuned` (1, 384), the tuned token
            states `tokens` (1, tokens, 384) and their log-weights in the embedding, `weights` (1, tokens, 1).
    """

    def __init__(self, graph: bytes) -> None:
        self.graph = graph
        self._session = session(graph)

    def read(self, states: States, question: Vector, stretches: Sequence[Stretch] = ()) -> Matrix:
        """Give the tuned embeddings of one text and of stretches of it: shape (1 + len(stretches), 384).

        `question` has shape (384,), all zeros where none is known. A stretch without any token gets the
        text's embedding.
        """
        feed = {"states": states, "question": question[None]}
        if not stretches:
            whole: Matrix = self._session.run(["tuned"], feed)[0]
            return whole
        tuned, tokens, weights = self._session.run(["tuned", "tokens", "weights"], feed)
        parts = [_drawn(tokens[0, a:b], weights[0, a:b, 0]) if a < b else tuned[0] for a, b in stretches]
        return np.stack([tuned[0], *parts])


def session(graph: bytes, weights: Mapping[str, ort.OrtValue] | None = None) -> ort.InferenceSession:
    """Prepare a graph for one text at a time on one core; texts run beside each other instead.

    Args:
        weights: what the graph itself lacks, by name.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if weights:
        options.add_external_initializers(list(weights), list(weights.values()))
    # The fused node takes five times as long as the sum and the norm that it stands for.
    slow = ["SkipLayerNormFusion"]
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=slow)


def _drawn(tokens: Matrix, weights: Vector) -> Vector:
    """The mean of token states as the graph takes it, over these tokens only."""
    shares = np.exp(weights - weights.max())
    drawn: Vector = (shares / shares.sum()) @ tokens
    return drawn
