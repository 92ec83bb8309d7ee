"""From texts to analyses: the one way through the language library, batch first, without I/O after loading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from earshot_nlp.bundle import Bundle
from earshot_nlp.types import Analysis, Redaction, RedactionFailed, Text


class Pipeline:
    """De-identifies and analyses batches of texts with one loaded bundle of weights.

    Attributes:
        bundle_id: name and hash of the weights, stored with every analysis.
        labels: the themes of the framework, in the bundle's order.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle_id: str = bundle.id
        self.labels: tuple[str, ...] = bundle.labels

    @classmethod
    def load(cls, bundle_dir: Path | None = None) -> Pipeline:
        """Load a bundle of weights (None: the shipped patient-experience bundle); raises BundleRefused when it was altered."""
        return cls(Bundle.load(bundle_dir))

    def redact(self, texts: Sequence[str]) -> list[Redaction | RedactionFailed]:
        """De-identify texts; a text that cannot be de-identified gives a RedactionFailed in its place, never its text."""
        raise NotImplementedError

    def analyse(self, texts: Sequence[Text]) -> list[Analysis]:
        """Analyse de-identified texts; the result for a text does not depend on its neighbours in the batch."""
        raise NotImplementedError
