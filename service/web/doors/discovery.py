"""The discovery document of the Perspective door, from which Google's clients build their methods."""

from __future__ import annotations

from typing import Any

_STRING: dict[str, Any] = {"type": "string"}
_SCORES: dict[str, Any] = {"type": "object", "additionalProperties": {"$ref": "AttributeScores"}}
_STRINGS: dict[str, Any] = {"type": "array", "items": _STRING}
_PARAMETERS = {
    "key": "Key of this door.",
    "access_token": "The key, as a bearer token.",
    "alt": "json; nothing else is spoken.",
    "fields": "Ignored.",
    "prettyPrint": "Ignored.",
    "quotaUser": "Ignored.",
    "uploadType": "Ignored.",
    "upload_protocol": "Ignored.",
    "$.xgafv": "Ignored.",
}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "TextEntry": {"text": _STRING, "type": _STRING},
    "Score": {"value": {"type": "number", "format": "float"}, "type": _STRING},
    "SpanScore": {
        "begin": {"type": "integer", "format": "int32"},
        "end": {"type": "integer", "format": "int32"},
        "score": {"$ref": "Score"},
    },
    "AttributeScores": {
        "summaryScore": {"$ref": "Score"},
        "spanScores": {"type": "array", "items": {"$ref": "SpanScore"}},
    },
    "AttributeParameters": {"scoreType": _STRING, "scoreThreshold": {"type": "number", "format": "float"}},
    "ArticleAndParentComment": {"article": {"$ref": "TextEntry"}, "parentComment": {"$ref": "TextEntry"}},
    "Context": {
        "entries": {"type": "array", "items": {"$ref": "TextEntry"}},
        "articleAndParentComment": {"$ref": "ArticleAndParentComment"},
    },
    "AnalyzeCommentRequest": {
        "comment": {"$ref": "TextEntry"},
        "requestedAttributes": {"type": "object", "additionalProperties": {"$ref": "AttributeParameters"}},
        "context": {"$ref": "Context"},
        "languages": _STRINGS,
        "doNotStore": {"type": "boolean"},
        "spanAnnotations": {"type": "boolean"},
        "dropUnsupportedAttributes": {"type": "boolean"},
        "clientToken": _STRING,
        "sessionId": _STRING,
        "communityId": _STRING,
    },
    "AnalyzeCommentResponse": {
        "attributeScores": _SCORES,
        "languages": _STRINGS,
        "detectedLanguages": _STRINGS,
        "clientToken": _STRING,
    },
    "SuggestCommentScoreRequest": {
        "comment": {"$ref": "TextEntry"},
        "attributeScores": _SCORES,
        "context": {"$ref": "Context"},
        "languages": _STRINGS,
        "clientToken": _STRING,
        "sessionId": _STRING,
        "communityId": _STRING,
    },
    "SuggestCommentScoreResponse": {
        "clientToken": _STRING,
        "detectedLanguages": _STRINGS,
        "requestedLanguages": _STRINGS,
    },
}


def _method(name: str, verb: str) -> dict[str, Any]:
    return {
        "id": f"commentanalyzer.comments.{verb}",
        "path": f"v1alpha1/comments:{verb}",
        "flatPath": f"v1alpha1/comments:{verb}",
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{name}Request"},
        "response": {"$ref": f"{name}Response"},
    }


def discovery_document(url: str) -> dict[str, Any]:
    """The document for a door at ``url``."""
    root = url + "/"
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "revision": "20261126",
        "title": "Greenroom, in the words of the Perspective Comment Analyzer API",
        "description": "Scores of comments by models that run here.",
        "protocol": "rest",
        "rootUrl": root,
        "baseUrl": root,
        "servicePath": "",
        "basePath": "",
        "batchPath": "batch",
        "parameters": {
            name: {"type": "string", "location": "query", "description": text}
            for name, text in _PARAMETERS.items()
        },
        "schemas": {
            name: {"id": name, "type": "object", "properties": properties}
            for name, properties in _SCHEMAS.items()
        },
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("AnalyzeComment", "analyze"),
                    "suggestscore": _method("SuggestCommentScore", "suggestscore"),
                }
            }
        },
    }
