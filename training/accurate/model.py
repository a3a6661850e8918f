"""The encoder and its heads in PyTorch; the run-time beside `manyi.text.encoder` needs neither."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from manyi.text.pieces import PAD

ATTENTION_HEADS = 12
EPSILON = 1e-12
PAIR_WIDTH = 128
# Kinds of span that are tagged, each by one head; those of the news are only learnt from.
KINDS = {
    "terms": ("aspect", "opinion"),
    "entities": ("name", "address"),
    "news": (
        *("name", "address", "organization", "company", "government"),
        *("scene", "position", "book", "movie", "game"),
    ),
}
# States of a character: outside, and the first or a later one of each kind of span.
STATES = {name: 1 + 2 * len(kinds) for name, kinds in KINDS.items()}
# A piece holds up to two Han characters, which may belong to different spans.
PLACES = 2
# Name → (what it reads, how many numbers it says).
HEADS = {
    "polarity": ("text", 1),
    "emotion": ("text", 6),
    "cars": ("text", 10),
    "cars_polarity": ("text", 3),
    "clause": ("span", 3),
    "aspect": ("span", 3),
    **{name: ("token", states * PLACES) for name, states in STATES.items()},
}
# What an encoder has to know to tell a city from a part of a name is heard by no text.
SHIPPED = tuple(name for name in HEADS if name != "news")


class Layer(nn.Module):
    """One layer of a BERT encoder, norm after each half."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.q, self.k, self.v, self.ao = (nn.Linear(hidden, hidden) for _ in range(4))
        self.fi, self.fo = nn.Linear(hidden, inner), nn.Linear(inner, hidden)
        self.aln = nn.LayerNorm(hidden, eps=EPSILON)
        self.oln = nn.LayerNorm(hidden, eps=EPSILON)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        rows, length, hidden = x.shape
        shape = (rows, length, ATTENTION_HEADS, hidden // ATTENTION_HEADS)
        q, k, v = (f(x).view(shape).transpose(1, 2) for f in (self.q, self.k, self.v))
        # Written out: on a CPU the fused attention of 16 bits takes ten times as long.
        near = (q @ k.transpose(2, 3)) * (q.shape[-1] ** -0.5) + mask
        heard = near.softmax(dim=-1).to(v.dtype) @ v
        heard = self.ao(heard.transpose(1, 2).reshape(rows, length, hidden))
        x = self.aln(x + self._dropped(heard, drop))
        inner = self.fo(functional.gelu(self.fi(x)))
        return self.oln(x + self._dropped(inner, drop))

    def _dropped(self, x: Tensor, drop: float) -> Tensor:
        return functional.dropout(x, drop) if self.training and drop else x


@dataclass
class Encoded:
    """States of the pieces, and their mean over each text."""

    states: Tensor
    text: Tensor


class Encoder(nn.Module):
    """Word embeddings (frozen), layers, and linear heads over texts, spans and pieces."""

    def __init__(self, arrays: dict[str, np.ndarray], drop: float = 0.0) -> None:
        super().__init__()
        size, hidden = arrays["words"].shape
        layers = 1 + max(int(k.partition(".")[0]) for k in arrays if k[0].isdigit())
        self.drop = drop
        self.words = nn.Embedding(size, hidden)
        self.places = nn.Embedding(len(arrays["places"]), hidden)
        self.norm = nn.LayerNorm(hidden, eps=EPSILON)
        inner = len(arrays["0.fi.bias"])
        self.layers = nn.ModuleList(Layer(hidden, inner) for _ in range(layers))
        self.heads = nn.ModuleDict({k: nn.Linear(hidden, n) for k, (_, n) in HEADS.items()})
        self.pair_in = nn.Linear(2 * hidden, PAIR_WIDTH)
        self.pair_out = nn.Linear(PAIR_WIDTH, 4)
        self.nothing = nn.Parameter(torch.zeros(hidden))
        self._fill(arrays)

    def _fill(self, arrays: dict[str, np.ndarray]) -> None:
        # The type of every piece is 0: its row is added to the places once and for all.
        places = arrays["places"] + arrays["types"][:1]
        found = {"words.weight": arrays["words"], "places.weight": places}
        for key, value in arrays.items():
            if key.startswith(("norm.", "heads.", "pair_", "nothing")):
                found[key] = value
            elif key[0].isdigit():
                found[f"layers.{key}"] = value
        shapes = self.state_dict()
        tensors = {k: torch.from_numpy(v).view(shapes[k].shape) for k, v in found.items()}
        self.load_state_dict(tensors, strict=False)
        self.words.requires_grad_(requires_grad=False)
        self.places.requires_grad_(requires_grad=False)

    def forward(self, pieces: Tensor) -> Encoded:
        known = pieces != PAD
        x = self.words(pieces) + self.places.weight[: pieces.shape[1]]
        x = self.norm(x)
        mask = torch.where(known, 0.0, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask, self.drop)
        x = x.float()
        weight = known[..., None].float()
        return Encoded(x, (x * weight).sum(1) / weight.sum(1))

    def pair(self, aspects: Tensor, opinions: Tensor) -> Tensor:
        """Return scores of: no pair, negative, neutral, positive."""
        inner = self.pair_in(torch.cat([aspects, opinions], dim=-1))
        return self.pair_out(functional.gelu(inner))


def spans(states: Tensor, rows: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """Return the mean state of each span of pieces, `last` exclusive."""
    sums = functional.pad(states.cumsum(dim=1), (0, 0, 1, 0))
    size = (last - first).clamp(min=1)[:, None]
    return (sums[rows, last] - sums[rows, first]) / size
