"""Sentences about people that only examine: training never sees their frames, so that they show what it learned of
the words for people rather than of sentences."""

from __future__ import annotations

from dataclasses import dataclass

from training.frames_people import IDENTITIES
from training.sentences import filled

EVERYDAY = """
There are {many} in my family.
The {adj} kid next door fixed my bike.
Ask {one}, they will tell you the same.
Did you see that {one} won the marathon?
{many} were among the first to settle here.
We hired {one} in March.
Let {many} speak for themselves.
He is {adj}, she is not, and they get along fine.
Could somebody recommend a {adj} author?
The pastor greeted {many} at the door.
You don't have to be {adj} to care about this.
My boss is {one} with three kids.
How many {many} live in this county?
{many} need jobs, too.
It must be hard to be {one} in a small town.
Thank you to the {adj} volunteers who came.
""".strip().splitlines()
DENIALS = """
No, {many} did not cause this.
I refuse to laugh at jokes about {many}.
My uncle kept insulting {many} at dinner and I left the table.
Saying that {many} are dangerous is just wrong.
They would not rent to her because she is {adj}; that is against the law.
Whoever beats up {one} belongs in court.
Not all {many} think alike, and why should they?
I hate it when people are rude to {many}.
""".strip().splitlines()
ATTACKS = """
Get rid of {many} once and for all.
{many} ruin every place they move to.
A {adj} brain can't do better than that.
I would never sit next to {one}.
{many} make me want to throw up.
Nothing good ever came from {many}.
{many} belong in cages.
Send every {adj} family back.
{many} only know how to cheat and beg.
The world would be cleaner without {many}.
What a typical {adj} liar.
{many} are beneath us.
""".strip().splitlines()


@dataclass(frozen=True, slots=True)
class Examined:
    """``kind`` is everyday, denial or attack; ``identity`` an adjective."""

    text: str
    kind: str
    identity: str


def examined_sentences() -> list[Examined]:
    """Every frame with every identity."""
    kinds = (("everyday", EVERYDAY), ("denial", DENIALS), ("attack", ATTACKS))
    return [
        Examined(filled(frame, {"one": one, "many": many, "adj": adjective}), kind, adjective)
        for kind, frames in kinds
        for frame in frames
        for one, many, adjective in IDENTITIES
    ]
