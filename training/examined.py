"""Sentences about people that only examine: training never sees their frames, so that they show what it learned of
the words for people rather than of sentences."""

from __future__ import annotations

import random
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
# What long comments are made of, beside the attacks above and these.
CALM = """
I took the early train this morning and it was on time for once.
The committee meets again on Thursday, and the minutes will be online by Friday.
When I was young there was a bakery on that corner.
Whether this will lower the rents remains to be seen.
The article leaves out that the county pays for half of it.
I counted the cars last Sunday between ten and noon.
Both sides have a point, which makes it hard.
My daughter teaches there and says that the heating has been broken since October.
Compare that with what the neighbouring towns spend on their parks.
There was a public hearing, and eleven people came.
It would have been better to ask an engineer first.
The old timetable had a connection every twenty minutes.
As far as I know the judge has not ruled on it yet.
You can read the whole report in the reading room on the second floor.
The water came up to the third step that night.
Prices have doubled since then, and wages have not.
Perhaps the paper could publish a map next time.
I voted against it, and I would do so again.
What happened to the money from the first round?
The trees along the canal were planted in 1961.
Somebody left a box of books at the bus stop, which was kind.
The new doctor speaks three languages and has time for her patients.
Nobody has explained yet why the north entrance is closed.
It rained through the whole concert, and everybody stayed.
They promised a decision before the holidays.
""".strip().splitlines()
RUDE = """
Only a complete imbecile could write such drivel.
What a disgusting little worm you are.
Shut your stupid mouth and crawl back under your rock.
You are as dumb as you are ugly, and that says a lot.
This so-called reporter is a lying sack of filth.
Go back to school, you brainless clown.
He is a spineless coward and a crook, like the rest of his miserable gang.
Every word you write proves what a moron you are.
You make me sick, you pathetic old hag.
Take your idiotic opinions and shove them.
The mayor is a fat, greedy pig who should be ashamed of her face.
Nobody likes you, loser, not even your own mother.
You people are retarded, honestly.
""".strip().splitlines()
SENTENCES_OF_LONG = 12
LONG_COMMENTS = 300


@dataclass(frozen=True, slots=True)
class Examined:
    """``kind`` is everyday, denial or attack, of long comments calm, insult or attack; ``identity`` an adjective or
    empty."""

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


def long_comments() -> list[Examined]:
    """Comments of a dozen calm sentences, some 150 words; as many in which one more, anywhere, is an insult; and as
    many in which it is an attack on people of some kind."""
    draw = random.Random(7)
    attacks = [one.text for one in examined_sentences() if one.kind == "attack"]
    made = []
    for kind, more in (("calm", []), ("insult", RUDE), ("attack", attacks)):
        for _ in range(LONG_COMMENTS):
            parts = draw.sample(CALM, SENTENCES_OF_LONG)
            if more:
                parts.insert(draw.randrange(len(parts) + 1), draw.choice(more))
            made.append(Examined(" ".join(parts), kind, ""))
    return made
