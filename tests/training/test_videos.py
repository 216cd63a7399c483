"""What the deep tier is trained on to be measured under a video that it never saw."""

from __future__ import annotations

import numpy as np
import pytest

from service.scoring.labels import LABELS
from training import videos
from training.data import Examples

SOURCES = ["youtube_spam"] * 40 + ["sms_spam"] * 900 + ["jigsaw_wiki"] * 900 + ["own"] * 30


@pytest.fixture(scope="module")
def everything() -> Examples:
    shape = (len(SOURCES), len(LABELS))
    extras = [
        {"video": "first" if number % 2 else "second"} if source == "youtube_spam" else {}
        for number, source in enumerate(SOURCES)
    ]
    texts = [f"{source} {number}" for number, source in enumerate(SOURCES)]
    return Examples(texts, np.zeros(shape, np.float32), np.ones(shape, np.float32), list(SOURCES), extras)


def test_no_comment_of_the_unseen_video_is_shown_and_all_of_the_others_are(everything: Examples) -> None:
    shown = videos.shown(everything, "first")
    assert [extra["video"] for extra in shown.extras if "video" in extra] == ["second"] * 20


def test_all_other_spam_is_shown_and_some_of_everything_else(everything: Examples) -> None:
    shown = videos.shown(everything, "first")
    counted = {source: shown.sources.count(source) for source in set(shown.sources)}
    assert counted == {"youtube_spam": 20, "sms_spam": 900, "jigsaw_wiki": videos.OTHERS, "own": 30}


def test_the_same_is_shown_each_time(everything: Examples) -> None:
    assert videos.shown(everything, "second").texts == videos.shown(everything, "second").texts
