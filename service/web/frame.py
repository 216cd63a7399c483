"""The comments in a frame, for sites that let no foreign script onto their pages.

The page in the frame is ours: a story's comments and nothing else. Pages of the site's registered origins may frame it,
and no other page of ours may be framed by anybody. It tells the page around it how high it is, and listens to nobody
(``static/frame.js``). What that page does with it is a script of the publisher's own, which stands here (``lines``).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from service.domain.errors import AddressNotAllowed, FieldError, InvalidSubmission, SiteUnknown
from service.domain.stories import canonical_url
from service.web.answers import framed_page
from service.web.identity import rooms
from service.web.languages import in_language, kept, spoken_here
from service.web.pages import no_thread
from service.web.public_query import asked_story

door = Blueprint("frame", __name__)

THEMES = frozenset({"light", "dark"})
UNKNOWN_THREAD = "Nothing is known of this thread yet: please give the story's url as well."

_ELEMENTS = """\
<script src="/comments-frame.js"></script>
<iframe id="comments-frame" src="@service@/@site@/frame?url=ADDRESS-OF-THE-STORY" title="Comments"
  width="100%" height="700" loading="lazy" allow="clipboard-write; web-share"></iframe>
"""
_SCRIPT = """\
// /comments-frame.js on your own host: the frame gets the height that the comments need, and links to one open it.
(() => {
  const service = "@service@";
  const frame = () => document.querySelector("#comments-frame");
  const top = () => frame().getBoundingClientRect().top;
  const isLength = (number) => Number.isFinite(number) && number > 0 && number < 500_000;
  addEventListener("message", ({ data, origin, source }) => {
    // Any page may send anything to any other: only ours is heard, and only from this frame.
    if (origin !== service || source !== frame()?.contentWindow) return;
    if (data?.greenroom === "height" && isLength(data.height)) frame().height = Math.ceil(data.height);
    if (data?.greenroom === "comment" && isLength(data.top)) scrollTo(0, scrollY + top() + data.top);
  });
  const handOn = () => {
    if (!frame() || !location.hash.startsWith("#greenroom-")) return;
    frame().loading = "eager";
    frame().contentWindow.location.replace(frame().src + location.hash);
  };
  addEventListener("DOMContentLoaded", handOn);
  addEventListener("hashchange", handOn);
})();
"""


@door.get("/<site>/frame")
def frame_page(site: str) -> Response:
    """The comments of one story, for a frame on its page."""
    lang = request.args.get("lang")
    spoken = spoken_here(lang)
    asked = asked_story(site=site, external_id=request.args.get("thread"))
    try:
        document, _ = rooms().read_thread.page(asked)
    except (SiteUnknown, AddressNotAllowed) as error:
        return no_thread(error, spoken)
    # As it was asked for: a thread may have begun under another address, but that is not the page around us.
    story = canonical_url(asked.url) if asked.url is not None else document["url"]
    if story is None:
        raise InvalidSubmission([FieldError("/url", UNKNOWN_THREAD)])
    found = rooms().sites.get(site)
    theme = request.args.get("theme")
    return framed_page(
        "frame.html",
        spoken,
        found.origins,
        site={"key": found.key, "name": found.name},
        story=story,
        thread=asked.external_id,
        # Never shown: a link to us must not be able to put words into our mouth.
        title=request.args.get("title"),
        theme=theme if theme in THEMES else None,
        page_url=in_language(document["links"]["page"], kept(lang)),
    )


def lines(public_url: str, site: str) -> str:
    """What a publisher writes into a page, an empty line, and the file that goes beside it."""
    both = f"{_ELEMENTS}\n{_SCRIPT}"
    return both.replace("@service@", public_url).replace("@site@", site)
