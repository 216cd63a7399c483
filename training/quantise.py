"""Trained weights as the product reads them: int8, with a manifest of versions and checksums."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from service.domain.plain import READING
from service.scoring.features import HASHING
from service.scoring.labels import LABELS
from service.scoring.spam_signs import SIGNS

if TYPE_CHECKING:
    import torch


def linear(trained: Path, target: Path) -> None:
    """``linear.npz`` of a training folder as int8 roots with one scale for each label."""
    with np.load(trained) as kept:
        weights, intercepts, signs = kept["weights"], kept["intercepts"], kept["signs"]
    # The signed root of each, so that the many small weights keep their differences.
    largest = np.abs(weights).max(axis=0)
    scales = (largest / 127**2).astype(np.float32)
    roots = np.sign(weights) * np.sqrt(np.abs(weights) / scales)
    np.savez_compressed(
        target,
        weights=np.clip(np.rint(roots), -127, 127).astype(np.int8),
        scales=scales,
        intercepts=intercepts.astype(np.float32),
        sign_weights=signs.astype(np.float32),
        labels=np.array(LABELS),
        signs=np.array(SIGNS),
        made_for=np.array([READING, HASHING]),
    )


def deep(trained: Path, target: Path) -> None:
    """``deep-final.pt`` of a training folder as an ONNX graph with int8 weights, for one text without padding at
    a time."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = target.with_suffix(".fp32.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _one_text(trained),
            (torch.ones(1, 16, dtype=torch.int64),),
            str(whole),
            input_names=["ids"],
            output_names=["logits"],
            dynamic_axes={"ids": {1: "tokens"}},
            opset_version=17,
            dynamo=False,
        )
    quantize_dynamic(whole, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=False)
    whole.unlink()


def _one_text(trained: Path) -> torch.nn.Module:
    """The encoder as one text needs it: no mask, no batch, and query, key and value as one sum, the query's scale
    in its weights. It says the same in four fifths of the time."""
    import torch
    import torch.nn.functional as F

    from training.encoder import WIDTH as width
    from training.encoder import with_state

    model = with_state(torch.load(trained, weights_only=True))

    class OneText(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model
            self.joined = torch.nn.ModuleList(torch.nn.Linear(width, 3 * width) for _ in model.layers)
            for layer, joined in zip(model.layers, self.joined, strict=True):
                scale = math.sqrt(width // layer.heads)
                for part in ("weight", "bias"):
                    query, *others = (getattr(each, part) for each in (layer.query, layer.key, layer.value))
                    getattr(joined, part).data = torch.cat([query / scale, *others]).detach()

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            size = ids.shape[1]
            x = self.model.norm(self.model.words(ids[0]) + self.model.places.weight[:size])
            for layer, joined in zip(self.model.layers, self.joined, strict=True):
                split = joined(x).view(size, 3, layer.heads, width // layer.heads).permute(1, 2, 0, 3)
                query, key, value = split.unbind(0)
                seen = (query @ key.transpose(1, 2)).softmax(-1) @ value
                x = layer.first(x + layer.out(seen.transpose(0, 1).reshape(size, width)))
                x = layer.second(x + layer.down(F.gelu(layer.up(x))))
            pooled = torch.cat([x.mean(0, keepdim=True), x.amax(0, keepdim=True)], 1)
            logits: torch.Tensor = self.model.head(pooled)
            return logits

    return OneText().eval()


FILES = {"linear": "linear.npz", "deep": "deep.onnx", "vocabulary": "vocab.txt", "words": "english.txt"}


def manifest(
    folder: Path,
    version: str,
    shares: dict[str, float],
    calibration: dict[str, dict[str, list[float]]],
    thresholds: object,
) -> None:
    """Write ``manifest.json`` beside the weights of ``folder``."""
    files = {}
    for name, file in FILES.items():
        if (folder / file).exists():
            digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            files[name] = {"name": file, "sha256": digest}
    document = {"version": version, "files": files, "shares": shares}
    document |= {"calibration": calibration, "thresholds": thresholds}
    (folder / "manifest.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def vocabulary(base: Path, target: Path) -> None:
    shutil.copyfile(base / "vocab.txt", target)
