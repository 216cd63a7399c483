"""A narrower deep tier from a trained one: the hidden units that matter least go, the rest learns from the whole one.

Two thirds of an encoder's sums are in its inner layers. Which of their units may go is seen on real texts: a unit
matters by the mean square of what it says, times the length of its row in the next sum (the idea of optimal brain
damage, LeCun et al. 1990, with the identity for the curvature). What a lost unit said on average goes into the bias.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from training.encoder import Encoder


def narrowed(whole: Encoder, batches: list[tuple[Tensor, Tensor]], inner: int) -> Encoder:
    """``whole`` with ``inner`` hidden units in each layer, chosen on batches of (ids, mask).

    Raises ``ValueError`` where ``whole`` has fewer.
    """
    width = whole.layers[0].up.out_features
    if inner > width:
        raise ValueError(f"there are {width} units, and {inner} were asked for")
    said, loud = _spoken(whole, batches)
    made = Encoder(whole.head.out_features, inner=inner)
    state = dict(whole.state_dict())
    for number, layer in enumerate(whole.layers):
        weighs = loud[number] * layer.down.weight.square().sum(0)
        kept = weighs.topk(inner).indices.sort().values
        lost = torch.ones(width, dtype=torch.bool)
        lost[kept] = False
        name = f"layers.{number}"
        state[f"{name}.up.weight"] = layer.up.weight[kept]
        state[f"{name}.up.bias"] = layer.up.bias[kept]
        state[f"{name}.down.weight"] = layer.down.weight[:, kept]
        state[f"{name}.down.bias"] = layer.down.bias + layer.down.weight[:, lost] @ said[number][lost]
    made.load_state_dict(state)
    return made


@torch.no_grad()
def _spoken(whole: Encoder, batches: list[tuple[Tensor, Tensor]]) -> tuple[list[Tensor], list[Tensor]]:
    """The mean and the mean square of each unit's output, layer by layer, over all tokens that are there."""
    sums: list[Tensor] = [torch.zeros(layer.up.out_features) for layer in whole.layers]
    squares = [torch.zeros_like(each) for each in sums]
    there = torch.ones(0, dtype=torch.bool)

    def listens(number: int):
        def hook(_module: object, _given: object, found: Tensor) -> None:
            said = F.gelu(found)[there]
            sums[number] += said.sum(0)
            squares[number] += said.square().sum(0)

        return hook

    hooks = [layer.up.register_forward_hook(listens(number)) for number, layer in enumerate(whole.layers)]
    whole.eval()
    count = 0
    for ids, mask in batches:
        there = mask
        count += int(mask.sum())
        whole(ids, mask)
    for hook in hooks:
        hook.remove()
    return [each / count for each in sums], [each / count for each in squares]
