"""Turns a check-point into the artefact: graph, pieces and heads, then weights of the mix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from manyi.text.encoder import GRAPH
from manyi.text.store import MODELS, TIER_B
from training import polarity
from training.accurate import graph
from training.accurate.batches import prepare
from training.accurate.examples import Example
from training.accurate.loud import channels
from training.accurate.model import SHIPPED, Encoder
from training.accurate.shipped import trained
from training.accurate.train import Plan, kept
from training.accurate.vocabulary import Vocabulary
from training.artefact import write

# Reviews that show which channels are loud.
_TEXTS = 320


def export(folder: Path, name: str = "state.pt") -> None:
    """Write encoder.onnx, pieces.npz and heads.npz without any weight of the mix."""
    state = torch.load(folder / name, map_location="cpu", weights_only=True)
    arrays = {k: v.float().numpy() for k, v in trained(state).items()}
    (MODELS / TIER_B).mkdir(exist_ok=True)
    began, chosen = kept(folder, Plan(**state["plan"]))
    model = Encoder(began)
    model.load_state_dict(trained(state))
    graph.write(arrays, MODELS / TIER_B / GRAPH, channels(model, _some(chosen)))
    pieces = np.frombuffer("\n".join(chosen.pieces).encode(), np.uint8)
    write(TIER_B, "pieces.npz", pieces=pieces, scores=chosen.scores.astype(np.float32))
    write(TIER_B, "heads.npz", **heads(arrays))


def heads(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays of the heads as `manyi.text.accurate` names them."""
    found = {"nothing": arrays["nothing"]}
    for part in ("weight", "bias"):
        found |= {f"{k}_{part}": arrays[f"heads.{k}.{part}"] for k in SHIPPED}
        found |= {f"pair_{k}_{part}": arrays[f"pair_{k}.{part}"] for k in ("in", "out")}
    return {k: v.astype(np.float32) for k, v in found.items()}


def _some(chosen: Vocabulary) -> list[list[int]]:
    """Return training reviews of every set in pieces."""
    rows = polarity.rows("train")
    found = [Example(r.text, r.source) for r in rows[:: len(rows) // _TEXTS]]
    return [made.numbers for made in prepare(found, chosen.known())]
