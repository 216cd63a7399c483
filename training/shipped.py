"""The deep tier that is shipped, read back from its int8 graph: training can go on from it.

What was rounded stays rounded, by half of a 255th of a weight's range at most, and training smooths that over. Whoever
has other labels or more of them so needs minutes instead of hours, and nothing but what is in this repository.

What goes on for long forgets what was general: on sources that it never saw it ranks worse than before. Weights between
those of before and those of after rank as well there and better here (M. Wortsman et al., "Robust fine-tuning of
zero-shot models", 2022).
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch

from training.encoder import HEADS, LAYERS, WIDTH, Encoder, with_state


def read_back(graph: Path) -> Encoder:
    """The encoder whose weights ``quantise.deep`` wrote into ``graph``.

    Raises ``KeyError`` where the graph is none of ours.
    """
    import onnx
    from onnx import numpy_helper

    kept = {one.name: numpy_helper.to_array(one) for one in onnx.load(graph).graph.initializer}

    def rounded(name: str) -> np.ndarray:
        quantised = kept[f"{name}_quantized"].astype(np.float32)
        whole = (quantised - kept[f"{name}_zero_point"].astype(np.float32)) * kept[f"{name}_scale"]
        return np.asarray(whole, np.float32)

    def linear(name: str) -> tuple[np.ndarray, np.ndarray]:
        """Weights of shape (outputs, inputs), and the bias."""
        return rounded(f"{name}.weight_Transposed").T, kept[f"{name}.bias"]

    state = {"words.weight": rounded("model.words.weight")}
    for name in ("places.weight", "norm.weight", "norm.bias"):
        state[name] = kept[f"model.{name}"]
    state["head.weight"], state["head.bias"] = linear("model.head")
    for number in range(LAYERS):
        layer = f"layers.{number}"
        for name in ("out", "up", "down"):
            state[f"{layer}.{name}.weight"], state[f"{layer}.{name}.bias"] = linear(f"model.{layer}.{name}")
        for name in ("first", "second"):
            for part in ("weight", "bias"):
                state[f"{layer}.{name}.{part}"] = kept[f"model.{layer}.{name}.{part}"]
        for part, joined in zip(("weight", "bias"), linear(f"joined.{number}"), strict=True):
            query, key, value = np.split(joined, 3)
            # The query's scale was put into its weights.
            state[f"{layer}.query.{part}"] = query * math.sqrt(WIDTH // HEADS)
            state[f"{layer}.key.{part}"], state[f"{layer}.value.{part}"] = key, value
    return with_state({name: torch.tensor(np.array(each)) for name, each in state.items()})


def between(
    earlier: dict[str, torch.Tensor], later: list[dict[str, torch.Tensor]], share: float
) -> dict[str, torch.Tensor]:
    """Weights of which ``share`` is the mean of the ``later`` ones and the rest the ``earlier``, from which those all
    went on.

    Raises ``ValueError`` where they are not of one shape, or the share is not from 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share is from 0 to 1, and not {share}")
    shapes = {name: value.shape for name, value in earlier.items()}
    if any({name: value.shape for name, value in one.items()} != shapes for one in later):
        raise ValueError("these are not trainings of one model")
    means = {name: torch.stack([one[name] for one in later]).mean(0) for name in shapes}
    return {name: earlier[name].lerp(means[name], share) for name in shapes}
