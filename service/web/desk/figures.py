"""The figures of moderation as drawings with their tables."""

from __future__ import annotations

from flask import Response, request
from markupsafe import Markup

from service.domain.figures import Share
from service.domain.roles import Power
from service.web.admin.door import site_asked
from service.web.admin.figures import days_asked
from service.web.answers import answer
from service.web.desk.door import door
from service.web.desk.frame import desk_page, here, needs
from service.web.drawings import DRAWINGS
from service.web.identity import rooms


@door.get("/figures")
@needs(Power.READ)
def figures() -> Response:
    """How much comes and is decided, how fast, by whom, and how well machines and people agree."""
    who = here()
    told = rooms().figures.of(who, site=site_asked(), days=days_asked())
    drawings = [draw(told) for draw in DRAWINGS.values()]
    return desk_page(
        "desk/figures.html",
        "figures",
        figures=told,
        chosen=request.args.get("site", ""),
        # Our own markup, with all that is foreign in it escaped (``service.plots``).
        drawings=[(drawing, Markup(drawing.svg)) for drawing in drawings],
        loads=told.team if told.team is not None else (told.own,),
        share=_share,
        nudge=told.own.rest,
    )


@door.get("/rest")
@needs(Power.READ)
def rest() -> Response:
    """JSON {rest}: a sentence that asks whoever is signed in to take a break; empty where there is no reason."""
    # What is told here is kept for a minute, as all figures are: asking often costs the database nothing.
    return answer({"rest": rooms().figures.load_of(here()).rest})


def _share(one: Share) -> str:
    """ "12 % of 340", or that there is too little to say."""
    if one.share is None:
        return "nothing yet"
    return f"{one.share:.0%} of {one.whole:,}" + ("" if one.enough else " (too few to say)")
