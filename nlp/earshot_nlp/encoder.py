"""The tuned encoder: MiniLM's upper layers, trained further on patients' comments, on top of its lower ones.

MiniLM's lower layers run once for a text; from their token states its own upper layers give the general embedding, and
the tuned layers give a second one that knows the framework. The question asked goes in as its embedding, so that a new
wording of a question is understood too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from earshot_nlp.types import Matrix, Vector

States = npt.NDArray[np.float32]
"""Token states after MiniLM's fourth layer: shape (1, tokens, 384)."""


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """What the torch recipe hands over: the encoder, its own linear heads, and what it said about unseen texts.

    `graph` is the encoder (ONNX). `themes` has shape (labels, 385) and `ratings` (5, 385): weights on the tuned
    embedding, the intercept last. `unseen_themes` (n, labels) and `unseen_ratings` (n, 5) are log-odds for the training
    file's distinct texts, in their order, from encoders that had not seen them; so scores stay honest.
    """

    graph: bytes
    labels: tuple[str, ...]
    themes: Matrix
    ratings: Matrix
    unseen_themes: Matrix
    unseen_ratings: Matrix


class Encoder:
    """Reads token states and a question into a tuned embedding of shape (384,), float32.

    Args:
        graph: an ONNX graph from `states` (1, tokens, 384) and `question` (1, 384) to `tuned` (1, 384).
    """

    def __init__(self, graph: bytes) -> None:
        self.graph = graph
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1  # texts run beside each other instead
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def read(self, states: States, question: Vector) -> Vector:
        """Give the tuned embedding of one text; `question` has shape (384,), all zeros where none is known."""
        vector: Vector = self._session.run(["tuned"], {"states": states, "question": question[None]})[0][0]
        return vector
