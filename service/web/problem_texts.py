"""What each problem means and what to do: shown at /docs/problems, and written to docs/problems.md.

``python -m service.web.problem_texts > docs/problems.md`` writes the page; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemText:
    slug: str
    status: int
    title: str
    meaning: str
    remedy: str


PROBLEMS = (
    ProblemText(
        "invalid-submission",
        422,
        "Some fields need attention",
        "The request was read, but its content breaks rules. `errors` lists every fault with a JSON pointer to"
        " the field and a sentence for the person who typed it. The input itself is never repeated.",
        "Show each sentence beside its field and send again.",
    ),
    ProblemText(
        "malformed-request",
        400,
        "The request could not be read",
        "Truncated or invalid JSON, a key twice, NaN, invalid UTF-8, nesting without end, or a body whose length"
        " is not what its headers say.",
        "Send one JSON document in UTF-8 with a correct Content-Length.",
    ),
    ProblemText(
        "length-needed",
        411,
        "A Content-Length is needed",
        "The body came in chunks (Transfer-Encoding).",
        "Send the whole body with a Content-Length.",
    ),
    ProblemText(
        "too-large",
        413,
        "The request is too large",
        "The body is larger than GREENROOM_BODY_BYTES.",
        "Shorten it. Nothing is ever cut silently.",
    ),
    ProblemText(
        "format-unknown",
        415,
        "This format is not understood",
        "The Content-Type is neither application/json nor (for comments) application/x-www-form-urlencoded, or"
        " the body is compressed.",
        "Send uncompressed JSON with the right Content-Type.",
    ),
    ProblemText(
        "site-unknown",
        404,
        "No such site",
        "The site key is not registered here.",
        "Check the `site` attribute; an operator adds sites with `greenroom site set`.",
    ),
    ProblemText(
        "address-not-allowed",
        403,
        "This page is not one of the site's",
        "The story's URL, or the page that sent the request, is not on one of the site's registered origins.",
        "Add the origin with `greenroom site set KEY --origin …`.",
    ),
    ProblemText(
        "thread-closed",
        409,
        "Comments are closed",
        "The thread under this story takes no more comments.",
        "Nothing to do; what was approved stays readable.",
    ),
    ProblemText(
        "comment-not-found",
        404,
        "No such comment",
        "There is no such comment, or it is not for the asker's eyes; the two look alike on purpose.",
        "Check the id and the edit token.",
    ),
    ProblemText(
        "edit-window-closed",
        409,
        "The comment cannot be changed any more",
        "The site's edit window is over, or the comment was rejected or withdrawn.",
        "Withdraw it and write a new one.",
    ),
    ProblemText(
        "revision-conflict",
        409,
        "The comment has changed",
        "Its author edited it, or another moderator decided, since you looked. `detail` says what happened;"
        " `revision` and `comment_status` are the present ones.",
        "Look at the comment again and decide about what it says now.",
    ),
    ProblemText(
        "illegal-move",
        409,
        "This decision is not possible",
        "The comment is in a status that this decision cannot change: withdrawn by its author, or erased.",
        "Nothing to do.",
    ),
    ProblemText(
        "nothing-to-appeal",
        409,
        "Nothing was decided against it",
        "Only a comment that was rejected or is held can be looked at again, and none that its author withdrew.",
        "Look at the comment: `statement` says what was decided.",
    ),
    ProblemText(
        "already-appealed",
        409,
        "A person was asked already",
        "Each decision can be appealed once, and what a person decides upon an appeal is the last word. `detail` says"
        " which of the two it is.",
        "Wait for the answer, or read it: `appeal` and `statement` of the comment tell.",
    ),
    ProblemText(
        "not-on-stage",
        409,
        "Readers do not see this comment",
        "Only a comment that is shown can be an editor's pick, or be answered for the newsroom.",
        "Approve the comment first.",
    ),
    ProblemText(
        "standing-not-found",
        404,
        "No such ban or trust",
        "There is no such ban or trust, or it is of another site.",
        "Check the id.",
    ),
    ProblemText(
        "standing-impossible",
        409,
        "The author cannot be known by that",
        "The comment came without an address, its origin has been forgotten by now, or it was erased.",
        "Ban by something else, or from a newer comment of the same author.",
    ),
    ProblemText(
        "already-standing",
        409,
        "This runs already",
        "The author of this comment is banned, or trusted, by the same name, address or origin already.",
        "Lift that one first where another end or cause is wanted.",
    ),
    ProblemText(
        "standing-over",
        409,
        "This is over",
        "The ban or trust was lifted, or has ended by itself. That is for good.",
        "Make a new one where it is still needed.",
    ),
    ProblemText(
        "canned-reason-not-found",
        404,
        "No such canned reason",
        "There is no such canned reason, or it is of another site.",
        "Read the list again.",
    ),
    ProblemText(
        "title-taken",
        409,
        "The title is taken",
        "The site has a canned reason with this title.",
        "Choose another title, or change that one.",
    ),
    ProblemText(
        "cannot-be-undone",
        409,
        "This cannot be taken back",
        "Only a person's decision that is the last about its comment can be taken back, and a bulk only once."
        " `detail` says what stands in the way.",
        "Look at the comment again, and decide anew if it is needed.",
    ),
    ProblemText(
        "bulk-not-found",
        404,
        "No such bulk",
        "There is no bulk with this id, it is one of a site that your token is not for, or it is a draft that nobody"
        " started within an hour.",
        "Check the id, or make the bulk anew.",
    ),
    ProblemText(
        "proof-needed",
        428,
        "A proof of work is needed",
        "Many comments come from this network or to this site just now. `proof` is a challenge of the ALTCHA protocol"
        " (version 1): a number up to `maxnumber` whose SHA-256 together with `salt` is `challenge`. It holds for ten"
        " minutes, for whoever it was given to, and once. Nothing was stored.",
        "Find the number and send the same body again, under the same Idempotency-Key, with ALTCHA's base64 in the"
        " header `Greenroom-Proof`. The embed does this by itself; our own page without scripts is never asked.",
    ),
    ProblemText(
        "idempotency-mismatch",
        422,
        "The key was used for another body",
        "The same Idempotency-Key came before with a different body.",
        "Use a new key for a new comment.",
    ),
    ProblemText(
        "rate-limited",
        429,
        "Too many requests",
        "Too many comments or edits from one place, by one author, or on the whole site, in a short time; or too"
        " many wrong tokens from one place.",
        "Wait as many seconds as Retry-After says.",
    ),
    ProblemText(
        "unavailable",
        503,
        "Not possible just now",
        "The database could not take the comment, or too many bodies were on their way at once. Nothing of it was"
        " stored.",
        "Try again after Retry-After seconds; an Idempotency-Key makes that safe in every case.",
    ),
    ProblemText(
        "token-invalid",
        401,
        "A valid token is needed",
        "The Authorization header holds no token, or one that does not exist or was revoked.",
        "Send `Authorization: Bearer …`. Tokens in URLs are ignored.",
    ),
    ProblemText(
        "forbidden",
        403,
        "Not allowed",
        "The token is valid but has not the role for it, or is narrowed to another site.",
        "Ask the operator for another token.",
    ),
    ProblemText(
        "csrf-refused",
        403,
        "Load the page again",
        "A browser that is signed in sent a change without the `X-CSRF-Token` (or the form field `csrf`) of its"
        " session, or from a page that is not at GREENROOM_PUBLIC_URL. Nothing was changed.",
        "Load the page again and repeat it. Scripts find the token as `csrf` of `/v1/admin/me`; a bearer token needs"
        " none.",
    ),
    ProblemText(
        "person-not-found",
        404,
        "Nobody of this name",
        "No token has this name, it was revoked, it is a key of a door where a role was asked for, or it belongs to a"
        " site that is not the asker's.",
        "Look at the list of people.",
    ),
    ProblemText(
        "last-administrator",
        409,
        "The last administrator stays",
        "The last administrator who is not narrowed to a site can neither be revoked nor given a smaller role.",
        "Make somebody else an administrator of all sites first.",
    ),
    ProblemText(
        "invalid-policy",
        422,
        "The policy is not valid",
        "A rule of policies is broken. `errors` lists every fault with a JSON pointer into the document (`/toml` where"
        " the text is no TOML at all) and a sentence.",
        "Mend them and send again; docs/policy.md explains each entry.",
    ),
    ProblemText(
        "policy-conflict",
        409,
        "The policy has changed",
        "Another version came into force since the one that `base_version` names. `policy_version` is the present one."
        " Nothing was set.",
        "Look at the present policy, make the change there, and send it with its version.",
    ),
    ProblemText(
        "thread-not-found",
        404,
        "No such thread",
        "The id is unknown, or of a site that is not the token's; the answer is the same.",
        "Check the id: it stands with each comment.",
    ),
    ProblemText(
        "name-taken", 409, "The name is taken", "A token with this name exists.", "Choose another name."
    ),
    ProblemText(
        "name-unfit",
        422,
        "This is no name for a token",
        "The name holds a slash, is `.` or `..`, or is one under which somebody or something else stands in the"
        " journal: the operator, an author, the screening.",
        "Choose another name.",
    ),
    ProblemText("not-found", 404, "There is nothing here", "No such address.", "Check the URL."),
    ProblemText(
        "method-not-allowed",
        405,
        "This method is not possible here",
        "The address exists and takes other methods (see Allow).",
        "Check the method.",
    ),
    ProblemText(
        "internal-error",
        500,
        "Something went wrong here",
        "A fault of ours. The log has a line with the same `request_id`, without anything that was typed.",
        "Report the request id to the operator.",
    ),
)


def as_markdown() -> str:
    """docs/problems.md."""
    parts = [
        "# Problems",
        "",
        "Errors are answered as `application/problem+json` (RFC 9457). `type` ends in one of the names below and"
        " does not change between releases; `request_id` leads to the log line. No problem repeats what was sent.",
    ]
    for problem in PROBLEMS:
        parts += [
            "",
            f"## {problem.slug}",
            "",
            f"**{problem.status}** {problem.title}. {problem.meaning}",
            "",
        ]
        parts += [f"*What to do:* {problem.remedy}"]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")
