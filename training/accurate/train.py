"""Trains encoder and heads in pieces that can be stopped and gone on with.

    python -m training.accurate train FOLDER --pieces 3000000 [--fade 600000] [--device cuda]

The folder keeps `state.pt` (written every few minutes) and `stable.pt`, the state before the
rate of learning began to fade: to train longer later, copy it over state.pt and go on. The same
seed, pieces, and kind of machine give the same weights.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from manyi.text.pieces import BEGIN, END, PAD, UNKNOWN
from training.accurate import shipped, vocabulary, weights
from training.accurate.batches import Prepared, Tensors, batches, prepare, tensors
from training.accurate.examples import examples
from training.accurate.model import STATES, Encoder, spans
from training.cars import CODES

SEED = 20_261_122
_WARM = 60
_BEFORE = "before.json"
_EVERY = 240  # seconds between check-points
# How much a head is heard; chosen so that all learn at a like pace.
SHARES = {
    **{"polarity": 1.0, "emotion": 1.5, "cars": 4.0, "cars_polarity": 1.0, "clause": 0.6},
    **{"aspect": 0.8, "terms": 3.0, "entities": 3.0, "news": 1.0, "pair": 1.5},
}


@dataclass(frozen=True)
class Plan:
    """How to train: stops after `pieces`, the rate falling to nothing over the last `fade`."""

    pieces: int
    fade: int = 0
    layers: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    rate: float = 1.5e-4
    head_rate: float = 1e-3
    drop: float = 0.0  # more than one pass over the texts wants 0.1
    batch: int = 1_400
    device: str = "cpu"
    from_shipped: bool = False  # go on from the artefact instead of beginning with the source
    from_state: str = ""  # go on from this check-point of the artefact: the same, not yet rounded
    # Against learning the texts by heart, once their losses are near nothing:
    # the share of pieces that are hidden, so that no label hangs on one word alone;
    hide: float = 0.0
    # how much of a label (of a text, a clause, a term) is left to the other classes;
    smooth: float = 0.0
    # the share of the average of all steps that each step leaves; the average is what is exported.
    average: float = 0.0


def begin(layers: tuple[int, ...]) -> tuple[dict[str, np.ndarray], vocabulary.Vocabulary]:
    """Return the arrays the encoder starts from, and its vocabulary."""
    source = weights.read()
    chosen = vocabulary.choose(source)
    special = [source.special[k] for k in ("begin", "pad", "end", "unknown")]
    rows = np.concatenate([np.array(special), chosen.rows])
    return weights.arrays(source, rows, list(layers)), chosen


def hidden(pieces: Tensor, share: float) -> Tensor:
    """Return the pieces with some of them unknown; beginnings and ends stay."""
    word = (pieces != PAD) & (pieces != BEGIN) & (pieces != END)
    lost = torch.rand(pieces.shape, device=pieces.device) < share
    return pieces.masked_fill(word & lost, UNKNOWN)


def loss(model: Encoder, one: Tensors, smooth: float = 0.0) -> dict[str, Tensor]:
    """Return the sum of losses of each head over the batch."""
    found = model(one.pieces)
    heads, losses = model.heads, {}
    for name, (rows, labels) in one.whole.items():
        scores = heads[name](found.text[rows])
        losses[name] = _whole_loss(name, scores, labels, smooth)
    for name, table in one.spans.items():
        if len(table):
            row, first, last, label = table.unbind(1)
            said = heads[name](spans(found.states, row, first, last))
            losses[name] = _class_loss(said, label, smooth)
    for name, (rows, labels) in one.tags.items():
        said = heads[name](found.states[rows]).reshape(-1, STATES[name])
        each = functional.cross_entropy(said, labels.reshape(-1), reduction="sum")
        losses[name] = each * len(rows) / (labels >= 0).sum().clamp(min=1) * 4
    if len(one.pairs):
        losses["pair"] = _pair_loss(model, found.states, one.pairs)
    return losses


def _whole_loss(name: str, scores: Tensor, labels: Tensor, smooth: float) -> Tensor:
    if name == "polarity":
        target = labels.float() * (1 - smooth) + smooth / 2
        return functional.binary_cross_entropy_with_logits(scores[:, 0], target, reduction="sum")
    if name == "cars":
        target = labels.float()
        return functional.binary_cross_entropy_with_logits(scores, target, reduction="sum")
    return _class_loss(scores, labels, smooth)


def _class_loss(scores: Tensor, labels: Tensor, smooth: float) -> Tensor:
    return functional.cross_entropy(scores, labels, reduction="sum", label_smoothing=smooth)


def _pair_loss(model: Encoder, states: Tensor, table: Tensor) -> Tensor:
    row, a0, a1, o0, o1, label = table.unbind(1)
    aspects = spans(states, row, a0, a1)
    aspects = torch.where((a1 == 0)[:, None], model.nothing, aspects)
    said = model.pair(aspects, spans(states, row, o0, o1))
    return functional.cross_entropy(said, label, reduction="sum")


class Trainer:
    """Holds what a check-point keeps: weights, moments of the optimiser, how far it came."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        torch.manual_seed(SEED)
        torch.use_deterministic_algorithms(mode=True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False
        self.folder, self.plan = folder, plan
        self.device = torch.device(plan.device)
        folder.mkdir(parents=True, exist_ok=True)
        arrays, self.vocabulary = kept(folder, plan)
        self.before = went_before(folder)
        self.model = Encoder(arrays, plan.drop).to(self.device)
        kind = torch.optim.AdamW
        self.optimiser = kind(self._groups(), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        self.step, self.within, self.pieces = 0, 0, 0
        # No pass over the texts is like one that went before.
        self.epoch = self.before["epochs"] + 1 if self.before else 0
        self.faded_from: int | None = None
        self.told: dict[str, list[float]] = {}
        self.average = Average(self.model, plan.average) if plan.average else None
        if (folder / "state.pt").exists():
            self._restore(folder / "state.pt")

    def _groups(self) -> list[dict[str, Any]]:
        named = [(k, p) for k, p in self.model.named_parameters() if p.requires_grad]
        body = [p for k, p in named if k.startswith(("layers.", "norm."))]
        rest = [p for k, p in named if not k.startswith(("layers.", "norm."))]
        return [
            {"params": body, "base": self.plan.rate},
            {"params": rest, "base": self.plan.head_rate},
        ]

    def run(self) -> None:
        """Train until the pieces of the plan are read."""
        saved = time.monotonic()
        while self.pieces < self.plan.pieces:
            made = self._prepared()
            order = batches(made, self.plan.batch, SEED + self.epoch)
            while self.within < len(order) and self.pieces < self.plan.pieces:
                self._one([made[i] for i in order[self.within]])
                self.within += 1
                if time.monotonic() - saved > _EVERY:
                    self.save("state.pt")
                    saved = time.monotonic()
            if self.within >= len(order):
                self.epoch, self.within = self.epoch + 1, 0
        self.save("state.pt")

    def _prepared(self) -> list[Prepared]:
        return prepare(examples("train", self.epoch), self.vocabulary.known())

    def _one(self, chosen: list[Prepared]) -> None:
        torch.manual_seed(SEED + self.step)
        rate = self._rate()
        for group in self.optimiser.param_groups:
            group["lr"] = group["base"] * rate
        one = tensors(chosen, tuple(CODES.values()), self.device)
        if self.plan.hide:
            one.pieces = hidden(one.pieces, self.plan.hide)
        self.model.train()
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            losses = loss(self.model, one, self.plan.smooth)
        total = torch.as_tensor(sum(SHARES[k] * v for k, v in losses.items())) / len(chosen)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        if self.average:
            self.average.hear(self.model, self.step)
        self.pieces += int(sum(len(p.numbers) for p in chosen))
        self._tell(losses, len(chosen))

    def _rate(self) -> float:
        fade = self.plan.fade
        begins = self.plan.pieces - fade
        if fade and self.pieces >= begins:
            if self.faded_from is None:
                self.faded_from = self.pieces
                self.save("stable.pt")
            return max(0.02, (self.plan.pieces - self.pieces) / fade)
        return min(1.0, (self.step + 1) / _WARM)

    def _tell(self, losses: dict[str, Tensor], rows: int) -> None:
        for name, value in losses.items():
            self.told.setdefault(name, []).append(float(value.detach()) / rows)
        if self.step % 50 == 0:
            said = {k: round(float(np.mean(v)), 3) for k, v in sorted(self.told.items())}
            cpu = round(time.process_time())
            facts = {"step": self.step, "pieces": self.pieces, "cpu": cpu, **said}
            print(json.dumps(facts), flush=True)
            self.told.clear()

    def save(self, name: str) -> None:
        """Write a check-point, never half of one."""
        keep = ("step", "epoch", "within", "pieces", "faded_from")
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "plan": asdict(self.plan),
            "before": self.before,
            **{k: getattr(self, k) for k in keep},
        }
        if self.average:
            state["average"] = self.average.weights
        part = self.folder / f"{name}.part"
        torch.save(state, part)
        part.replace(self.folder / name)

    def _restore(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        bases = [g["base"] for g in self.optimiser.param_groups]
        self.optimiser.load_state_dict(state["optimiser"])
        for group, base in zip(self.optimiser.param_groups, bases, strict=True):
            group["base"] = base
        if self.average:
            self.average.weights = state["average"]
        for key in ("step", "epoch", "within", "pieces", "faded_from"):
            setattr(self, key, state[key])


class Average:
    """The weights averaged over the steps, the last ones most: nearer to what all batches want
    than the weights after any one of them."""

    def __init__(self, model: Encoder, kept: float) -> None:
        self.kept = kept
        self.weights = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def hear(self, model: Encoder, step: int) -> None:
        """Take the weights of this step in; of the first steps each counts as much."""
        kept = min(self.kept, step / (step + 1))
        now = {k: v for k, v in model.named_parameters() if v.requires_grad}
        torch._foreach_lerp_([self.weights[k] for k in now], list(now.values()), 1 - kept)


def kept(folder: Path, plan: Plan) -> tuple[dict[str, np.ndarray], vocabulary.Vocabulary]:
    """Return what training begins with, kept beside the check-points: choosing takes a while,
    and an export replaces the artefact that training went on from."""
    path = folder / "begin.npz"
    if not path.exists():
        arrays, chosen = shipped.begin() if goes_on(plan) else begin(plan.layers)
        if plan.from_state:
            arrays = shipped.unrounded(Path(plan.from_state))
        if goes_on(plan):
            (folder / _BEFORE).write_text(json.dumps(shipped.before()), "utf-8")
        pieces = np.frombuffer("\n".join(chosen.pieces).encode(), np.uint8)
        arrays |= {"pieces": pieces, "scores": chosen.scores, "rows": chosen.rows}
        np.savez(path, allow_pickle=False, **arrays)
    with np.load(path, allow_pickle=False) as found:
        arrays = {k: found[k] for k in found.files}
    pieces_found = arrays.pop("pieces").tobytes().decode().split("\n")
    kept = vocabulary.Vocabulary(pieces_found, arrays.pop("scores"), arrays.pop("rows"))
    return arrays, kept


def goes_on(plan: Plan) -> bool:
    """Tell whether training goes on from what is shipped."""
    return plan.from_shipped or bool(plan.from_state)


def went_before(folder: Path) -> dict[str, Any]:
    """Return how the artefact was trained that training goes on from; nothing where it began."""
    path = folder / _BEFORE
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
