"""Reads the weights of the shipped artefact back, so that training goes on from them.

The graph holds them in bytes with a step for each channel: what comes back is what was trained,
less the rounding, which is what users have had all along.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from manyi.text import store
from manyi.text.encoder import GRAPH
from manyi.text.store import TIER_B
from training.accurate.model import SHIPPED
from training.accurate.vocabulary import Vocabulary

Arrays = dict[str, np.ndarray]


def begin() -> tuple[Arrays, Vocabulary]:
    """Return the arrays of encoder and heads as `Encoder` takes them, and the pieces."""
    graph = _constants()
    found = _embedded(graph)
    layers = sum(name.endswith("_qkv_weight") for name in graph)
    for number in range(layers):
        found |= {f"{number}.{k}": v for k, v in _layer(graph, number).items()}
    return found | _heads(), _vocabulary()


def unrounded(state: Path) -> Arrays:
    """Return the arrays of the check-point that the artefact was written from, with the heads
    that are only learnt from."""
    kept = torch.load(state, map_location="cpu", weights_only=True)
    found = {_begun(k): v.float().numpy() for k, v in trained(kept).items()}
    # Already added to the places.
    return found | {"types": np.zeros((1, found["places"].shape[1]), np.float32)}


def _begun(name: str) -> str:
    """Return what an array of the model is called before it is filled in."""
    if name in ("words.weight", "places.weight"):
        return name.removesuffix(".weight")
    return name.removeprefix("layers.")


def trained(state: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Return the weights of a check-point that are shipped: their average where one was kept."""
    return state.get("average", state["model"])


def before() -> dict[str, Any]:
    """Return how the shipped artefact was trained, with its version."""
    said = json.loads((store.MODELS / TIER_B / "manifest.json").read_text("utf-8"))
    return {"version": said["version"], **said["trained"]}


def _constants() -> Arrays:
    model = onnx.load(store.checked(TIER_B, GRAPH))
    return {x.name: numpy_helper.to_array(x) for x in model.graph.initializer}


def _embedded(graph: Arrays) -> Arrays:
    places = graph["places"]
    return {
        "words": graph["words"].astype(np.float32) * graph["words_step"],
        "places": places,
        # Already added to the places.
        "types": np.zeros((1, places.shape[1]), np.float32),
        "norm.weight": graph["norm_weight"],
        "norm.bias": graph["norm_bias"],
    }


def _layer(graph: Arrays, number: int) -> Arrays:
    name = f"l{number}"
    came = f"l{number - 1}_oln" if number else "states_0"
    beside = (np.split(x, 3) for x in _times(graph, f"{name}_qkv"))
    parts = dict(zip("qkv", zip(*beside, strict=True), strict=True))
    parts |= {part: _times(graph, f"{name}_{part}") for part in ("ao", "fi", "fo")}
    found = {}
    for part, (weight, bias) in parts.items():
        found[f"{part}.weight"], found[f"{part}.bias"] = weight, bias
    for part in ("weight", "bias"):
        found[f"aln.{part}"] = graph[f"{came}_aln_{part}"]
        found[f"oln.{part}"] = graph[f"{name}_aln_oln_{part}"]
    return found


def _times(graph: Arrays, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Return weight and bias of what `graph._times` wrote."""
    weight = graph[f"{key}_weight"].T.astype(np.float32) * graph[f"{key}_step"][:, None]
    if f"{key}_loud" in graph:
        weight[:, graph[f"{key}_loud"]] = graph[f"{key}_loud_weight"].T
    return weight, graph[f"{key}_bias"]


def _heads() -> Arrays:
    kept = store.arrays(TIER_B, "heads.npz")
    found = {"nothing": kept["nothing"]}
    for part in ("weight", "bias"):
        found |= {f"heads.{k}.{part}": kept[f"{k}_{part}"] for k in SHIPPED}
        found |= {f"pair_{k}.{part}": kept[f"pair_{k}_{part}"] for k in ("in", "out")}
    return found


def _vocabulary() -> Vocabulary:
    kept = store.arrays(TIER_B, "pieces.npz")
    pieces = kept["pieces"].tobytes().decode().split("\n")
    return Vocabulary(pieces, kept["scores"], np.arange(len(pieces)))
