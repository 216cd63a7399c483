"""The deep tier: the encoder fine-tuned with eight heads on the same examples as the linear tier.

Resumable: every ``SAVE_EVERY`` steps the whole state goes to the folder, and a run that finds one goes on from it. Each
epoch draws its own disguises and its own order from (seed, epoch), so that a resumed run sees what it would have seen.
"""

from __future__ import annotations

import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from service.domain.plain import plain
from training.data import Examples
from training.encoder import Encoder
from training.linear import group_matrix, weighed
from training.noise import disguised

TOKENS = 128
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
    """The tokenizer of a ``tokenizer.json``, cutting at ``TOKENS`` and padding nothing."""
    made = Tokenizer.from_file(str(path))
    made.enable_truncation(TOKENS)
    made.no_padding()
    return made


def _window(text: str, draw: random.Random) -> str:
    """Of a long text now its beginning, now another part: what is labelled may stand anywhere."""
    words = text.split(" ")
    if len(words) <= 110 or draw.random() < 0.6:
        return text
    at = draw.randrange(len(words) - 90)
    return " ".join(words[at:])


def _epoch(examples: Examples, cut: Tokenizer, seed: int, number: int, noise: float, budget: int):
    """Batches of (ids, mask, rows), as many tokens in each, for one pass over the examples."""
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
        text = _window(examples.texts[row], draw)
        if draw.random() < noise:
            text = disguised(text, draw, share=draw.choice((0.15, 0.4, 0.8)))
        texts.append(plain(text).text)
    ids = [found.ids for found in cut.encode_batch(texts)]
    # Similar lengths together, in random order otherwise.
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]) + draw.random() * 8)
    batches, batch, longest = [], [], 0
    for i in order:
        longest = max(longest, len(ids[i]))
        if batch and longest * (len(batch) + 1) > budget:
            batches.append(batch)
            batch, longest = [], len(ids[i])
        batch.append(i)
    batches.append(batch)
    draw.shuffle(batches)
    for batch in batches:
        longest = max(len(ids[i]) for i in batch)
        block = torch.full((len(batch), longest), PADS)
        for place, i in enumerate(batch):
            block[place, : len(ids[i])] = torch.tensor(ids[i])
        yield block, block != PADS, [rows[i] for i in batch], len(batches)


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
        for batch, (ids, mask, rows, count) in enumerate(_epoch(examples, cut, seed, epoch, noise, budget)):
            if epoch == first and batch < skip:
                continue
            passed = max((epoch + batch / count) / epochs, (time.time() - started) / seconds)
            if passed >= 1:
                break
            share = min(1.0, passed / 0.06) * (1 - passed)
            for group in optimizer.param_groups:
                group["lr"] = group["top"] * share
            model.train()
            with torch.autocast("cpu", torch.bfloat16):
                said = model(ids, mask).float()
            z = said + intercepts[where[rows]] * (where[rows] > 0)[:, None]
            w = weights[rows]
            loss = (F.binary_cross_entropy_with_logits(z, labels[rows], reduction="none") * w).sum() / w.sum()
            if teacher is not None:
                loss = (loss + F.binary_cross_entropy_with_logits(said, _said(teacher, ids, mask))) / 2
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
                state |= {"done": done, "spent": time.time() - started, "epoch": epoch, "batch": batch + 1}
                state |= {"intercepts": intercepts.data}
                torch.save(state, kept.with_suffix(".new"))
                kept.with_suffix(".new").replace(kept)
    model.load_state_dict(mean)
    return model


@torch.no_grad()
def _said(teacher: Encoder, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        chances: torch.Tensor = teacher.eval()(ids, mask).float().sigmoid()
    return chances


def some_batches(examples: Examples, cut: Tokenizer, *, count: int, budget: int = 3_072, seed: int = 1):
    """The first ``count`` batches of (ids, mask) of a pass over undisguised examples."""
    passing = _epoch(examples, cut, seed, 0, 0.0, budget)
    return [(ids, mask) for (ids, mask, _, _), _ in zip(passing, range(count), strict=False)]


def logits(model: Encoder, texts: list[str], cut: Tokenizer) -> np.ndarray:
    """Of shape (texts, 8); batches by length."""
    ids = [found.ids for found in cut.encode_batch([plain(text).text for text in texts])]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    out = np.zeros((len(ids), model.head.out_features), np.float32)
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for at in range(0, len(order), 32):
            part = order[at : at + 32]
            longest = max(len(ids[i]) for i in part)
            block = torch.full((len(part), longest), PADS)
            for place, i in enumerate(part):
                block[place, : len(ids[i])] = torch.tensor(ids[i])
            out[part] = model(block, block != PADS).float().numpy()
    return out
