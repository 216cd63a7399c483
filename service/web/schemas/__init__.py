"""The forms of requests and answers: validated here, and published as OpenAPI from the same classes."""

from service.web.schemas.base import (
    Given,
    Problem,
    Taken,
    schema_of,
)
from service.web.schemas.bulks import (
    BulkList,
    BulkMeant,
    BulkPreview,
    BulkShown,
    BulkTaken,
)
from service.web.schemas.canned import (
    CannedReasonChange,
    CannedReasonShown,
    CannedReasonsShown,
    CannedReasonTaken,
)
from service.web.schemas.case import (
    CaseFile,
    NoteShown,
    NoteTaken,
)
from service.web.schemas.figures import (
    FiguresShown,
)
from service.web.schemas.public import (
    Accepted,
    Contract,
    Counts,
    Edit,
    Flag,
    Flagged,
    Health,
    OwnComment,
    Readiness,
    Submission,
    Thread,
)
from service.web.schemas.queue import (
    ChoiceTaken,
    ClaimGiven,
    DecisionGiven,
    DecisionTaken,
    Me,
    Queue,
    QueueCounts,
    Sites,
    UndoTaken,
    Views,
    ViewTaken,
)
from service.web.schemas.standings import (
    StandingPreview,
    StandingShown,
    StandingsShown,
    StandingTaken,
)

__all__ = [
    "Accepted",
    "BulkList",
    "BulkMeant",
    "BulkPreview",
    "BulkShown",
    "BulkTaken",
    "CannedReasonChange",
    "CannedReasonShown",
    "CannedReasonTaken",
    "CannedReasonsShown",
    "CaseFile",
    "ChoiceTaken",
    "ClaimGiven",
    "Contract",
    "Counts",
    "DecisionGiven",
    "DecisionTaken",
    "Edit",
    "FiguresShown",
    "Flag",
    "Flagged",
    "Given",
    "Health",
    "Me",
    "NoteShown",
    "NoteTaken",
    "OwnComment",
    "Problem",
    "Queue",
    "QueueCounts",
    "Readiness",
    "Sites",
    "StandingPreview",
    "StandingShown",
    "StandingTaken",
    "StandingsShown",
    "Submission",
    "Taken",
    "Thread",
    "UndoTaken",
    "ViewTaken",
    "Views",
    "schema_of",
]
