"""The deep tier: a small transformer in int8, run by onnxruntime on one thread.

Texts are run one by one. Numbers that flow through an int8 graph are scaled by what is in the batch, so that a
text's score would depend on its neighbours; alone, it is the same on any day, and on one thread a batch would
hardly be quicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.domain.plain import plain
from service.scoring.labels import LABELS
from service.scoring.wordpieces import WordPieces

TOKENS = 128  # as in training
OVERLAP = 16
# Two labels of a comment are explained by much the same six words, with them and without.
KEPT = 28


def windows(ids: list[int]) -> list[list[int]]:
    """What is read of a text's word pieces: all of it, or for a longer one two halves that overlap a little, or the
    beginning and the end."""
    room = TOKENS - 2
    if len(ids) <= room:
        return [ids]
    size = min(room, (len(ids) + OVERLAP + 1) // 2)
    return [ids[:size], ids[-size:]]


class Deep:
    """Raises ``ImportError`` where onnxruntime is not installed (the extra ``deep``)."""

    def __init__(self, graph: Path, vocabulary: Path) -> None:
        import onnxruntime

        self._pieces = WordPieces(vocabulary)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # An arena keeps what the longest text needed for good.
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"]
        )
        self._kept = lru_cache(maxsize=KEPT)(self._run)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits of shape (texts, 8), not calibrated. Of a long text the beginning and the end are read, and
        what is said is their mean."""
        out = np.empty((len(texts), len(LABELS)), np.float32)
        # A text by itself is always read anew; among several, as evidence asks for them, the last ones are remembered.
        read = self._run if len(texts) == 1 else self._kept
        for row, text in enumerate(texts):
            ids = self._pieces.encode(plain(text).text)
            found = [read(tuple(window)) for window in windows(ids)]
            # The worse of them would make a long comment the more suspicious for its length alone.
            out[row] = (found[0] + found[-1]) / 2
        return out

    def _run(self, ids: tuple[int, ...]) -> NDArray[np.float32]:
        given = np.array([[self._pieces.start, *ids, self._pieces.end]], np.int64)
        (found,) = self._session.run(None, {"ids": given})
        return np.asarray(found[0], np.float32)
