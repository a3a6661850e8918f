"""Finds the few channels that drown the others when they are rounded.

A product in bytes has one step for all that goes in. In each layer one channel or two reach ten
times as far as all others, in a few pieces of a text: the step is theirs, and the others lose
most of their digits. `graph` multiplies those few in 32 bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from manyi.text.pieces import PAD
from training.accurate.model import Encoder

COUNT = 4
# What takes its steps from such channels; queries, keys and values hardly do.
PARTS = ("fi", "fo")
Loud = dict[str, np.ndarray]


def channels(model: Encoder, texts: Sequence[list[int]]) -> Loud:
    """Return of each product, such as `0.fi`, the channels that reach furthest in these texts,
    which come as numbers of pieces."""
    reach: dict[str, Tensor] = {}
    hooks = [
        getattr(layer, part).register_forward_pre_hook(_watch(reach, f"{number}.{part}"))
        for number, layer in enumerate(model.layers)
        for part in PARTS
    ]
    model.eval()
    with torch.no_grad():
        for at in range(0, len(texts), 16):
            model(_filled(texts[at : at + 16]))
    for hook in hooks:
        hook.remove()
    return {name: np.sort(far.topk(COUNT).indices.numpy()) for name, far in reach.items()}


def _watch(reach: dict[str, Tensor], name: str):  # type: ignore[no-untyped-def]
    def watch(_: object, given: tuple[Tensor]) -> None:
        far = given[0].abs().amax(dim=(0, 1))
        reach[name] = torch.maximum(reach[name], far) if name in reach else far

    return watch


def _filled(texts: Sequence[list[int]]) -> Tensor:
    made = torch.full((len(texts), max(map(len, texts))), PAD)
    for row, numbers in zip(made, texts, strict=True):
        row[: len(numbers)] = torch.tensor(numbers)
    return made
