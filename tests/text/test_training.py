# ruff: noqa: E402
"""How the accurate tier is trained: what is shipped can be gone on from, and rounding loses
little. Needs what trains it (torch, onnx), and is left out without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("sklearn")

import onnx
import torch
from onnx import numpy_helper

from manyi.text import encoder
from manyi.text.normal import batch
from manyi.text.pieces import BEGIN, END, PAD, UNKNOWN
from training import own
from training.accurate import examples, graph, loud, shipped, train
from training.accurate.model import Encoder, Layer

HIDDEN, INNER, PIECES = 24, 96, 40
TEXTS = [
    "酒店位置不错，但是房间太小，隔音很差。",
    "The food was great but the service is horrible!",
    "好吃",
    "外卖送了两个小时，打电话没人接，以后不会再点了",
]


def arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return an encoder of one layer in which one inner channel reaches far."""
    normal = lambda *shape: rng.normal(0, 0.3, shape).astype(np.float32)  # noqa: E731
    found = {"words": normal(PIECES, HIDDEN), "places": normal(64, HIDDEN)}
    found |= {"types": normal(1, HIDDEN), "0.fo.weight": normal(HIDDEN, INNER)}
    for name in ("norm", "0.aln", "0.oln"):
        found |= {f"{name}.weight": np.ones(HIDDEN, np.float32), f"{name}.bias": normal(HIDDEN)}
    for name in ("q", "k", "v", "ao"):
        found |= {f"0.{name}.weight": normal(HIDDEN, HIDDEN), f"0.{name}.bias": normal(HIDDEN)}
    found |= {"0.fi.weight": normal(INNER, HIDDEN), "0.fi.bias": normal(INNER)}
    found["0.fo.bias"] = normal(HIDDEN)
    found["0.fi.bias"][FAR] = 400.0
    found["0.fo.weight"][:, FAR] *= 0.01
    return found


FAR = 17


def made() -> tuple[Encoder, dict[str, np.ndarray]]:
    model = Encoder(arrays(np.random.default_rng(7))).eval()
    return model, {k: v.numpy() for k, v in model.state_dict().items()}


NUMBERS = [[BEGIN, *range(4, 4 + size), END] for size in (6, 11, 30)]


def likeness(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


def said(path: Path, pieces: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"pieces": pieces})[0])


def test_a_loud_channel_drowns_no_other(tmp_path: Path) -> None:
    model, state = made()
    found = loud.channels(model, NUMBERS)
    assert FAR in found["0.fo"] and len(found["0.fi"]) == loud.COUNT
    graph.write(state, tmp_path / "loud.onnx", found)
    graph.write(state, tmp_path / "plain.onnx", {})
    pieces = np.array([NUMBERS[-1]])
    with torch.no_grad():
        true = model(torch.from_numpy(pieces)).states.numpy()
    close, far = (likeness(said(tmp_path / f"{k}.onnx", pieces), true) for k in ("loud", "plain"))
    assert close.min() > 0.999 > far.min()


def test_what_was_written_reads_back(tmp_path: Path) -> None:
    model, state = made()
    graph.write(state, tmp_path / "a.onnx", loud.channels(model, NUMBERS))
    kept = {
        x.name: numpy_helper.to_array(x) for x in onnx.load(tmp_path / "a.onnx").graph.initializer
    }
    found = shipped._layer(kept, 0)
    for name, true in Layer(HIDDEN, INNER).state_dict().items():
        was = state[f"layers.0.{name}"]
        assert found[name].shape == true.shape
        assert found[name] == pytest.approx(was, abs=float(np.abs(was).max()) / 63), name
    assert found["fo.weight"][:, FAR] == pytest.approx(state["layers.0.fo.weight"][:, FAR])


def test_the_shipped_encoder_reads_back_and_answers_as_it_was_trained() -> None:
    begun, chosen = shipped.begin()
    model = Encoder({k: v.copy() for k, v in begun.items()}).eval()
    assert chosen.known().cut(batch(TEXTS)) == encoder.pieces().cut(batch(TEXTS))
    for cut in chosen.known().cut(batch(TEXTS)):
        pieces = np.array([[BEGIN, *(n for n, _, _ in cut), END, PAD]])
        with torch.no_grad():
            true = model(torch.from_numpy(pieces)).states.numpy()[0, :-1]
        heard = encoder._session().run(None, {"pieces": pieces})[0][0, :-1]
        assert likeness(heard, true).min() > 0.98


def test_own_clauses_are_learnt_alone_and_among_others() -> None:
    train = {c.text: c.sense for c in own.clauses("train")}
    held = {c.text for c in own.clauses("dev")}
    found = list(examples._own("train", 0))
    assert {e.text for e in found if len(e.clauses) == 1} == set(train)
    among = [e for e in found if len(e.clauses) > 1]
    assert sum(len(e.clauses) for e in among) > 0.95 * len(train)
    for example in found:
        for (start, end), sense in example.clauses:
            assert train[example.text[start:end]] == sense
            assert example.text[start:end] not in held
    assert {e.text for e in examples._own("dev", 0)} == held
    assert [e.text for e in among] != [
        e.text for e in examples._own("train", 1) if len(e.clauses) > 1
    ]


def test_what_is_hidden_is_never_the_frame_of_a_text() -> None:
    pieces = torch.full((50, 40), 9)
    pieces[:, 0], pieces[:, 30], pieces[:, 31:] = BEGIN, END, PAD
    torch.manual_seed(1)
    found = train.hidden(pieces, 0.1)
    inside = found[:, 1:30]
    assert 0.06 < (inside == UNKNOWN).float().mean() < 0.14
    assert set(inside.unique().tolist()) == {9, UNKNOWN}
    assert torch.equal(found[:, 0], pieces[:, 0]) and torch.equal(found[:, 30:], pieces[:, 30:])


def test_a_smooth_label_stops_pushing() -> None:
    """Told to be surer than the labels are, a head has to pay; a hard label asks for ever more."""
    labels = torch.tensor([1, 0])
    sure, surer = (torch.tensor([[x], [-x]]) for x in (3.0, 9.0))
    whole = lambda x, s: float(train._whole_loss("polarity", x, labels, s))  # noqa: E731
    assert whole(surer, 0.0) < whole(sure, 0.0) and whole(surer, 0.1) > whole(sure, 0.1)
    one, more = (torch.tensor([[-x, x], [x, -x]]) for x in (1.5, 9.0))
    said = lambda x, s: float(train._class_loss(x, labels, s))  # noqa: E731
    assert said(more, 0.0) < said(one, 0.0) and said(more, 0.1) > said(one, 0.1)


def test_the_average_of_the_steps_is_what_is_shipped() -> None:
    model, _ = made()
    average = train.Average(model, 0.75)
    begun, steps = model.pair_out.bias.detach().clone(), []
    for step in range(1, 9):
        with torch.no_grad():
            model.pair_out.bias += step
        average.hear(model, step)
        steps.append(model.pair_out.bias.detach().clone())
    true = begun
    for step, now in enumerate(steps, 1):
        kept = min(0.75, step / (step + 1))
        true = kept * true + (1 - kept) * now
    state = {"model": model.state_dict(), "average": average.weights}
    assert shipped.trained(state)["pair_out.bias"].tolist() == pytest.approx(true.tolist())
    assert not torch.equal(true, steps[-1])
    assert torch.equal(average.weights["words.weight"], model.words.weight)
    assert torch.equal(shipped.trained({"model": model.state_dict()})["pair_out.bias"], steps[-1])


def test_a_check_point_is_gone_on_from_without_rounding(tmp_path: Path) -> None:
    model, _ = made()
    torch.save({"model": model.state_dict()}, tmp_path / "state.pt")
    again = Encoder(shipped.unrounded(tmp_path / "state.pt")).state_dict()
    for name, true in model.state_dict().items():
        assert torch.equal(again[name], true), name
