"""The deep tier: the encoder fine-tuned with eight heads on the same examples as the linear tier.

Resumable: every ``SAVE_EVERY`` steps the whole state goes to the folder, and a run that finds one goes on from it. Each
epoch draws its own disguises and its own order from (seed, epoch), so that a resumed run sees what it would have seen.
"""

from __future__ import annotations

import math
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from service.domain.plain import plain
from service.scoring.deep import windows
from training.data import Examples
from training.encoder import Encoder
from training.linear import group_matrix, weighed
from training.noise import disguised

SAVE_EVERY = 200
# How often an epoch shows an example: what is rare more often, what is plentiful and clean less.
SHOWN = {"openai_moderation_half": 2.0, "tg_spam": 4.0, "youtube_spam": 1.0, "cat_wiki": 0.4, "sms_spam": 0.5}
PADS = 0


def keep_memory() -> None:
    """Tell the C library to keep what was freed: a step frees and takes gigabytes, and giving them back to the
    kernel each time took half of the machine."""
    import ctypes

    if sys.platform == "linux":
        library = ctypes.CDLL("libc.so.6")
        for setting, value in ((-4, 0), (-1, 2**31 - 1), (-2, 2**28)):  # mmap_max, trim_threshold, top_pad
            library.mallopt(setting, value)


def tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of a ``tokenizer.json``, cutting and padding nothing."""
    made = Tokenizer.from_file(str(path))
    made.no_truncation()
    made.no_padding()
    return made


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids`` and ``mask`` are of shape (windows, tokens), ``halves`` of shape (texts, 2): the windows of each text,
    which for a short one are the same. ``rows`` are the texts' among the examples."""

    ids: torch.Tensor
    mask: torch.Tensor
    halves: torch.Tensor
    rows: list[int]


def _read(texts: list[str], cut: Tokenizer) -> list[list[list[int]]]:
    """Of each text the windows that the product reads, with the marks of beginning and end."""
    made = []
    for found in cut.encode_batch([plain(text).text for text in texts]):
        begin, *ids, end = found.ids
        made.append([[begin, *window, end] for window in windows(ids)])
    return made


def _block(read: list[list[list[int]]], rows: list[int]) -> Batch:
    halves, flat = [], []
    for parts in read:
        halves.append((len(flat), len(flat) + len(parts) - 1))
        flat += parts
    block = torch.full((len(flat), max(len(ids) for ids in flat)), PADS)
    for place, ids in enumerate(flat):
        block[place, : len(ids)] = torch.tensor(ids)
    return Batch(block, block != PADS, torch.tensor(halves), rows)


def as_one(said: torch.Tensor, halves: torch.Tensor) -> torch.Tensor:
    """What a text's two windows say, taken together as the product does: of shape (texts, labels)."""
    return said[halves].mean(1)


def _epoch(examples: Examples, cut: Tokenizer, seed: int, number: int, noise: float, budget: int):
    """Batches, of as many tokens each, and how many there are, for one pass over the examples."""
    draw = random.Random(seed * 1000 + number)
    rows = []
    for row, source in enumerate(examples.sources):
        shown = SHOWN.get(source, 1.0)
        # A clean encyclopedia comment says little; half of them in each pass.
        if source == "jigsaw_wiki" and examples.labels[row, 0] < 0.5:
            shown = 0.6
        rows += [row] * (int(shown) + (draw.random() < shown % 1))
    texts = []
    for row in rows:
        text = examples.texts[row]
        if draw.random() < noise:
            text = disguised(text, draw, share=draw.choice((0.15, 0.4, 0.8)))
        texts.append(text)
    read = _read(texts, cut)
    # Similar lengths together, in random order otherwise.
    order = sorted(range(len(read)), key=lambda i: len(read[i][0]) + draw.random() * 8)
    batches, batch, longest, count = [], [], 0, 0
    for i in order:
        longest, count = max(longest, len(read[i][0])), count + len(read[i])
        if batch and longest * count > budget:
            batches.append(batch)
            batch, longest, count = [], len(read[i][0]), len(read[i])
        batch.append(i)
    batches.append(batch)
    draw.shuffle(batches)
    for batch in batches:
        yield _block([read[i] for i in batch], [rows[i] for i in batch]), len(batches)


def train(
    model: Encoder,
    examples: Examples,
    cut: Tokenizer,
    folder: Path,
    *,
    epochs: int = 4,
    rate: float = 1.2e-4,
    noise: float = 0.3,
    budget: int = 3_072,
    seed: int = 1,
    seconds: float = math.inf,
    intercepts_before: torch.Tensor | None = None,
    teacher: Encoder | None = None,
) -> Encoder:
    """The model, trained; its state is kept in ``folder/deep.pt``. ``budget`` is tokens a batch.

    A model that goes on from an earlier version brings the sources' ``intercepts_before``, of shape (groups, 8). With
    a ``teacher`` it learns half from the labels and half from what that one says, to all eight labels of every text.

    ``seconds`` bounds the time: the rate falls to nothing by then, if the epochs would take longer.
    """
    keep_memory()
    torch.manual_seed(seed)
    examples = weighed(examples)
    where, groups = group_matrix(examples.sources)
    intercepts = torch.zeros(len(groups), examples.labels.shape[1], requires_grad=True)
    if intercepts_before is not None:
        intercepts.data.copy_(intercepts_before)
    labels = torch.tensor(np.nan_to_num(examples.labels))
    asked = ~np.isnan(examples.labels)
    # Each label counts alike over the whole, within bounds: threats are rare and worth as much as insults.
    per_label = np.clip(
        (asked.sum(1).mean() * len(examples) / 8 / np.maximum(1, asked.sum(0))) ** 0.5, 0.7, 3
    )
    weights = torch.tensor((asked * examples.weights * per_label).astype(np.float32))
    where = torch.tensor(where)
    body = [p for n, p in model.named_parameters() if not n.startswith("head") and p.ndim > 1]
    flat = [p for n, p in model.named_parameters() if not n.startswith("head") and p.ndim == 1]
    head = [p for n, p in model.named_parameters() if n.startswith("head")]
    optimizer = torch.optim.AdamW(
        [
            {"params": body, "lr": rate, "weight_decay": 0.01, "top": rate},
            {"params": flat, "lr": rate, "weight_decay": 0.0, "top": rate},
            {"params": head, "lr": 1e-3, "weight_decay": 0.01, "top": 1e-3},
            {"params": [intercepts], "lr": 2e-2, "weight_decay": 0.0, "top": 2e-2},
        ],
        betas=(0.9, 0.98),
        fused=True,
    )
    mean = {name: value.detach().clone() for name, value in model.state_dict().items()}
    kept = folder / "deep.pt"
    done, spent, first, skip = 0, 0.0, 0, 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        intercepts.data.copy_(state["intercepts"])
        mean, done, spent = state["mean"], state["done"], state["spent"]
        first, skip = state["epoch"], state["batch"]
    started = time.time() - spent
    running: list[float] = []
    for epoch in range(first, epochs):
        for number, (batch, count) in enumerate(_epoch(examples, cut, seed, epoch, noise, budget)):
            if epoch == first and number < skip:
                continue
            passed = max((epoch + number / count) / epochs, (time.time() - started) / seconds)
            if passed >= 1:
                break
            share = min(1.0, passed / 0.06) * (1 - passed)
            for group in optimizer.param_groups:
                group["lr"] = group["top"] * share
            model.train()
            with torch.autocast("cpu", torch.bfloat16):
                said = model(batch.ids, batch.mask).float()
            source, w = where[batch.rows], weights[batch.rows]
            z = as_one(said, batch.halves) + intercepts[source] * (source > 0)[:, None]
            loss = F.binary_cross_entropy_with_logits(z, labels[batch.rows], reduction="none")
            loss = (loss * w).sum() / w.sum()
            if teacher is not None:
                loss = (loss + F.binary_cross_entropy_with_logits(said, _said(teacher, batch))) / 2
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*body, *flat, *head], 1.0)
            optimizer.step()
            running.append(loss.item())
            done += 1
            if done % 10 == 0:
                for name, value in model.state_dict().items():
                    mean[name].lerp_(value, max(0.02, 10 / (done + 10)))
            if done % 50 == 0:
                print(
                    f"deep: epoch {epoch + 1}/{epochs}, {done} steps, {passed:.0%}, "
                    f"loss {np.mean(running[-200:]):.4f}, {time.time() - started:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
            if done % SAVE_EVERY == 0:
                state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "mean": mean}
                state |= {"done": done, "spent": time.time() - started, "epoch": epoch, "batch": number + 1}
                state |= {"intercepts": intercepts.data}
                torch.save(state, kept.with_suffix(".new"))
                kept.with_suffix(".new").replace(kept)
    model.load_state_dict(mean)
    return model


@torch.no_grad()
def _said(teacher: Encoder, batch: Batch) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        chances: torch.Tensor = teacher.eval()(batch.ids, batch.mask).float().sigmoid()
    return chances


def some_batches(examples: Examples, cut: Tokenizer, *, count: int, budget: int = 3_072, seed: int = 1):
    """(ids, mask) of the first ``count`` batches of a pass over undisguised examples."""
    passing = _epoch(examples, cut, seed, 0, 0.0, budget)
    return [(batch.ids, batch.mask) for (batch, _), _ in zip(passing, range(count), strict=False)]


def logits(model: Encoder, texts: list[str], cut: Tokenizer) -> np.ndarray:
    """Of shape (texts, 8); batches by length."""
    read = _read(texts, cut)
    order = sorted(range(len(read)), key=lambda i: len(read[i][0]))
    out = np.zeros((len(read), model.head.out_features), np.float32)
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for at in range(0, len(order), 32):
            part = order[at : at + 32]
            batch = _block([read[i] for i in part], part)
            out[part] = as_one(model(batch.ids, batch.mask).float(), batch.halves).numpy()
    return out
