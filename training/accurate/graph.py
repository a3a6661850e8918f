"""Writes the encoder as an ONNX graph: 8 bits a weight, one step for each channel.

What goes into a product is rounded to bytes too, with one step for all of it; the few channels
that would take that step for themselves (`loud`) are multiplied in 32 bits beside the others.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from manyi.text.pieces import PAD
from training.accurate.model import ATTENTION_HEADS, EPSILON

OPSET = 17
_OWN = "com.microsoft"  # operators that onnxruntime adds
# Seven bits: processors without VNNI add two products of bytes in 16 bits.
_LARGEST = 63
Arrays = dict[str, np.ndarray]


class _Graph:
    """Nodes and constants, each named once."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **how: object
    ) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], output, domain=domain, **how))
        return output


def write(arrays: Arrays, path: Path, loud: Arrays) -> None:
    """Write the graph; `arrays` are those of the model's state, named as there, and `loud` are
    channels as `loud.channels` names them."""
    graph = _Graph()
    states = _embedded(graph, arrays)
    layers = 1 + max(int(k.split(".")[1]) for k in arrays if k.startswith("layers."))
    for number in range(layers):
        layer = {k.split(".", 2)[2]: v for k, v in arrays.items() if k[:9] == f"layers.{number}."}
        layer |= {
            f"{k.partition('.')[2]}.loud": v for k, v in loud.items() if k.startswith(f"{number}.")
        }
        states = _layer(graph, layer, states, f"l{number}", last=number + 1 == layers)
    onnx.save(_model(graph, arrays["words.weight"].shape[1]), path)


def _embedded(graph: _Graph, arrays: Arrays) -> str:
    words = arrays["words.weight"]
    step = np.abs(words).max(axis=1, keepdims=True) / 127 + 1e-9
    rounded = graph.constant("words", np.round(words / step).astype(np.int8))
    steps = graph.constant("words_step", step.astype(np.float32))
    coarse = graph.add("Gather", [rounded, "pieces"], "word_codes", axis=0)
    coarse = graph.add("Cast", [coarse], "word_numbers", to=TensorProto.FLOAT)
    scale = graph.add("Gather", [steps, "pieces"], "word_steps", axis=0)
    word = graph.add("Mul", [coarse, scale], "word_states")
    shape = graph.add("Shape", ["pieces"], "length", start=1, end=2)
    zero = graph.constant("zero", np.zeros(1, np.int64))
    places = graph.constant("places", arrays["places.weight"][:512])
    place = graph.add("Slice", [places, zero, shape, zero], "place_states")
    both = graph.add("Add", [word, place], "embedded")
    weight = graph.constant("norm_weight", arrays["norm.weight"])
    bias = graph.constant("norm_bias", arrays["norm.bias"])
    pad = graph.constant("pad", np.array(PAD, np.int64))
    same = graph.add("Equal", ["pieces", pad], "is_pad")
    known = graph.add("Not", [same], "is_known")
    number = graph.add("Cast", [known], "known_number", to=TensorProto.INT32)
    one = graph.constant("one", np.ones(1, np.int64))
    graph.add("ReduceSum", [number, one], "sizes", keepdims=0)
    return graph.add(
        "LayerNormalization", [both, weight, bias], "states_0", axis=-1, epsilon=EPSILON
    )


def _layer(graph: _Graph, layer: Arrays, x: str, name: str, *, last: bool) -> str:
    heard = _attention(graph, _times(graph, layer, x, name, "q", "k", "v"), name)
    x = _norm(graph, layer, _times(graph, layer, heard, name, "ao"), x, f"{name}_aln")
    inner = graph.add("Gelu", [_times(graph, layer, x, name, "fi")], f"{name}_inner", _OWN)
    output = "states" if last else f"{name}_oln"
    return _norm(graph, layer, _times(graph, layer, inner, name, "fo"), x, output)


def _times(graph: _Graph, layer: Arrays, source: str, name: str, *parts: str) -> str:
    """Multiply by one or more weights side by side, in bytes, and add their bias."""
    key = f"{name}_{''.join(parts)}"
    weight = np.concatenate([layer[f"{p}.weight"] for p in parts])
    loud = layer.get(f"{parts[0]}.loud")
    few = None if loud is None else _few(graph, source, key, weight, loud)
    if loud is not None:
        weight, source = _quiet(graph, source, key, weight, loud)
    step = np.abs(weight).max(axis=1, keepdims=True) / _LARGEST + 1e-9
    constants = (
        ("weight", np.round(weight / step).astype(np.int8).T),
        ("step", step[:, 0].astype(np.float32)),
        ("zero", np.zeros(len(weight), np.int8)),
        ("bias", np.concatenate([layer[f"{p}.bias"] for p in parts])),
    )
    names = [graph.constant(f"{key}_{k}", value) for k, value in constants]
    if few is None:
        return graph.add("DynamicQuantizeMatMul", [source, *names], key, _OWN)
    many = graph.add("DynamicQuantizeMatMul", [source, *names], f"{key}_many", _OWN)
    return graph.add("Add", [many, few], key)


def _few(graph: _Graph, source: str, key: str, weight: np.ndarray, loud: np.ndarray) -> str:
    """Multiply the loud channels alone, in 32 bits."""
    at = graph.constant(f"{key}_loud", loud.astype(np.int64))
    taken = graph.add("Gather", [source, at], f"{key}_taken", axis=-1)
    own = graph.constant(f"{key}_loud_weight", weight[:, loud].T)
    return graph.add("MatMul", [taken, own], f"{key}_few")


def _quiet(
    graph: _Graph, source: str, key: str, weight: np.ndarray, loud: np.ndarray
) -> tuple[np.ndarray, str]:
    """Return weight and source without the loud channels: what is 0 stays 0 in bytes."""
    keep = np.ones(weight.shape[1], np.float32)
    keep[loud] = 0
    mask = graph.constant(f"{key}_quiet", keep)
    return weight * keep, graph.add("Mul", [source, mask], f"{key}_left")


def _norm(graph: _Graph, layer: Arrays, source: str, skip: str, output: str) -> str:
    key = "oln" if output == "states" else output.rpartition("_")[2]
    constants = [
        graph.constant(f"{skip}_{key}_{k}", layer[f"{key}.{k}"]) for k in ("weight", "bias")
    ]
    inputs = [source, skip, *constants]
    return graph.add("SkipLayerNormalization", inputs, output, _OWN, epsilon=EPSILON)


def _attention(graph: _Graph, mixed: str, name: str) -> str:
    parts = [f"{name}_{k}" for k in ("queries", "keys", "values")]
    # Three outputs of one node: `add` gives one.
    graph.nodes.append(helper.make_node("Split", [mixed], parts, f"{name}_split", axis=-1))
    inputs = [*parts, "", "sizes"]
    heads = ATTENTION_HEADS
    return graph.add("MultiHeadAttention", inputs, f"{name}_heard", _OWN, num_heads=heads)


def _model(graph: _Graph, hidden: int) -> onnx.ModelProto:
    made = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info("pieces", TensorProto.INT64, ["texts", "length"])],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["texts", "length", hidden])],
        graph.constants,
    )
    sets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_OWN, 1)]
    return helper.make_model(made, opset_imports=sets, ir_version=9, producer_name="manyi")
