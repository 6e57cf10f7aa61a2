"""Functions of PostgreSQL, 13 to 18, that compute or read."""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

_AGGREGATES = """
    array_agg json_agg json_agg_strict json_object_agg json_object_agg_strict json_object_agg_unique
    jsonb_agg jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique
    range_agg range_intersect_agg xmlagg
"""

_NUMBERS = """
    acosd asind atan2d atand cosd cotd erf erfc factorial float4 float8 gamma gcd int2 int4 int8 lcm
    lgamma min_scale numeric random_normal scale sind tand to_bin to_number to_oct trim_scale
    width_bucket
"""

_TEXTS = """
    bit_count bpchar casefold convert_from convert_to crc32 crc32c decode encode get_bit get_byte
    is_normalized normalize parse_ident pg_client_encoding quote_ident quote_literal quote_nullable
    regexp_match regexp_matches regexp_split_to_array regexp_split_to_table set_bit set_byte sha224
    sha384 sha512 starts_with string_to_array string_to_table text to_ascii unistr varchar
    unicode_assigned unicode_version icu_unicode_version
"""

_TIMES = """
    clock_timestamp date_bin date_subtract interval isfinite justify_days justify_hours
    justify_interval make_interval make_time make_timestamp make_timestamptz pg_timezone_abbrevs
    pg_timezone_names statement_timestamp timeofday timestamptz timetz timezone
    transaction_timestamp
"""

_ARRAYS = """
    array array_append array_cat array_dims array_fill array_length array_lower array_ndims
    array_position array_positions array_prepend array_remove array_replace array_reverse
    array_sample array_shuffle array_sort array_to_json array_to_string array_upper cardinality
    generate_series generate_subscripts trim_array unnest
"""

_RANGES = """
    datemultirange daterange int4multirange int4range int8multirange int8range isempty lower_inc
    lower_inf multirange nummultirange numrange range_merge tsmultirange tsrange tstzmultirange
    tstzrange upper_inc upper_inf
"""

_DOCUMENTS = """
    json_array_elements json_array_elements_text json_build_array json_build_object json_each
    json_each_text json_extract_path json_extract_path_text json_object_keys json_populate_record
    json_populate_recordset json_scalar json_serialize json_strip_nulls json_table json_to_record
    json_to_recordset json_typeof jsonb jsonb_array_elements jsonb_array_elements_text
    jsonb_array_length jsonb_build_array jsonb_build_object jsonb_concat jsonb_contained
    jsonb_contains jsonb_delete jsonb_delete_path jsonb_each jsonb_each_text jsonb_exists
    jsonb_exists_all jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_insert
    jsonb_object jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz jsonb_path_match
    jsonb_path_match_tz jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz
    jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
    jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record
    jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb
"""

_MARKUP = """
    xml xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlcomment
    xmlconcat xmlelement xmlexists xmlforest xmlattributes xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable xmltext xpath xpath_exists
"""

_SEARCH = """
    array_to_tsvector get_current_ts_config json_to_tsvector jsonb_to_tsvector numnode
    phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_debug
    ts_delete ts_filter ts_headline ts_lexize ts_parse ts_rank ts_rank_cd ts_token_type
    tsquery_phrase tsvector_to_array websearch_to_tsquery
"""

_NETWORK = """
    abbrev broadcast cidr family host hostmask inet inet_merge inet_same_family macaddr
    macaddr8_set7bit masklen netmask network set_masklen
"""

_SHAPES = """
    area bound_box box center circle diagonal diameter height isclosed ishorizontal isopen
    isparallel isperp isvertical line lseg npoints path pclose point polygon popen radius slope
    width
"""

_OTHERS = """
    bool current_catalog current_database current_role current_schema current_schemas enum_first
    enum_last enum_range format_type gen_random_uuid hashint4 hashint8 hashtext hashtextextended
    num_nonnulls num_nulls pg_collation_for pg_column_size pg_input_is_valid pg_size_bytes
    pg_size_pretty pg_typeof row uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7
"""

FUNCTIONS: Final = words(
    _AGGREGATES,
    _NUMBERS,
    _TEXTS,
    _TIMES,
    _ARRAYS,
    _RANGES,
    _DOCUMENTS,
    _MARKUP,
    _SEARCH,
    _NETWORK,
    _SHAPES,
    _OTHERS,
)
