"""Functions of SQLite that compute or read, those of its usual extensions among them."""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

_TEXTS = """
    concat format glob like printf randomblob regexp replace sqlite_version string_agg typeof
    unistr unistr_quote zeroblob subtype
"""

_NUMBERS = "likelihood likely percentile stdev total unlikely"

_TIMES = "julianday timediff unixepoch"

_DOCUMENTS = """
    generate_series json_array_insert json_each json_error_position json_group_array
    json_group_object json_insert json_patch json_pretty json_quote json_remove json_replace
    json_set json_tree jsonb jsonb_array jsonb_array_insert jsonb_each jsonb_extract
    jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove
    jsonb_replace jsonb_set jsonb_tree
"""

_SEARCH = "bm25 highlight match matchinfo offsets snippet"

_SHAPES = """
    geopoly_area geopoly_bbox geopoly_blob geopoly_ccw geopoly_contains_point geopoly_group_bbox
    geopoly_json geopoly_overlap geopoly_regular geopoly_svg geopoly_within geopoly_xform
"""

FUNCTIONS: Final = words(_TEXTS, _NUMBERS, _TIMES, _DOCUMENTS, _SEARCH, _SHAPES)
