"""The encoder that the deep tier is fine-tuned from, in plain torch: BERT's architecture, six layers of 384.

The starting weights are those of all-MiniLM-L6-v2 (Apache-2.0), read from a folder with ``model.safetensors`` and
``vocab.txt``. Written out here instead of imported, so that the graph that is exported is exactly what stands here.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH, LAYERS, HEADS, INNER, WORDS, PLACES = 384, 6, 12, 1536, 30522, 512


class Layer(nn.Module):
    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out, self.first = nn.Linear(width, width), nn.LayerNorm(width, eps=1e-12)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.second = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, size, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(batch, size, self.heads, width // self.heads).transpose(1, 2)

        # Written out: torch's fused attention takes longer on the way back for texts as short as comments.
        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        near = query @ key.transpose(2, 3) / math.sqrt(width // self.heads)
        seen = near.masked_fill(~mask, -1e4).softmax(-1).to(value.dtype) @ value
        seen = self.out(seen.transpose(1, 2).reshape(batch, size, width))
        x = self.first(x + seen)
        return self.second(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """``forward(ids, mask)`` of shape (texts, tokens) gives logits of shape (texts, labels)."""

    def __init__(
        self,
        labels: int,
        *,
        width: int = WIDTH,
        layers: int = LAYERS,
        heads: int = HEADS,
        inner: int = INNER,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, width), nn.Embedding(PLACES, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, heads, inner) for _ in range(layers))
        self.head = nn.Linear(2 * width, labels)
        self.dropout = dropout
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.words(ids) + self.places(torch.arange(ids.shape[1]))
        x = F.dropout(self.norm(x), self.dropout if self.training else 0.0)
        seen = mask[:, None, None, :]
        for layer in self.layers:
            x = layer(x, seen)
        there = mask[:, :, None]
        mean = (x * there).sum(1) / there.sum(1)
        most = x.masked_fill(~there, -1e4).amax(1)
        pooled = torch.cat([mean, most], 1)
        logits: Tensor = self.head(F.dropout(pooled, self.dropout if self.training else 0.0))
        return logits


def started_from(folder: Path, labels: int) -> Encoder:
    """An encoder with the weights of all-MiniLM-L6-v2. Raises ``FileNotFoundError`` where they are not in
    ``folder``."""
    from safetensors.torch import load_file

    given = load_file(folder / "model.safetensors")
    model = Encoder(labels)
    e = "embeddings."
    taken = {
        # All texts are of the first segment: its embedding is part of each place's.
        "places.weight": given[e + "position_embeddings.weight"]
        + given[e + "token_type_embeddings.weight"][0],
        "words.weight": given[e + "word_embeddings.weight"],
        "norm.weight": given[e + "LayerNorm.weight"],
        "norm.bias": given[e + "LayerNorm.bias"],
    }
    names = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "out": "attention.output.dense",
        "first": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "second": "output.LayerNorm",
    }
    for number in range(LAYERS):
        for ours, theirs in names.items():
            for part in ("weight", "bias"):
                taken[f"layers.{number}.{ours}.{part}"] = given[f"encoder.layer.{number}.{theirs}.{part}"]
    missing, unexpected = model.load_state_dict(taken, strict=False)
    if unexpected or {name.split(".")[0] for name in missing} != {"head"}:
        raise ValueError(f"these are not the expected weights: {missing} {unexpected}")
    return model


def with_state(state: dict[str, Tensor]) -> Encoder:
    """An encoder, whole or narrow, that was kept with ``state_dict``."""
    model = Encoder(len(state["head.bias"]), inner=len(state["layers.0.up.bias"]))
    model.load_state_dict(state)
    return model
