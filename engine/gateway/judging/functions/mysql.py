"""Functions of MySQL and MariaDB that compute or read."""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

_TEXTS = """
    bin bin_to_uuid char_length character_length charset coercibility collation compress conv crc32
    crc32c elt export_set field find_in_set from_base64 insert is_uuid make_set mid ord
    natural_sort_key oct sha sha2 space statement_digest strcmp substring_index to_base64 uncompress
    uncompressed_length uuid_short uuid_to_bin uuid_v4 uuid_v7 uuidv4 uuidv7 weight_string
"""

_TIMES = """
    add_months adddate addtime convert_tz curdate curtime from_days from_unixtime get_format
    makedate maketime microsecond period_add period_diff sec_to_time str_to_date subdate subtime
    sysdate time_format time_to_sec timediff timestampadd timestampdiff to_days to_seconds
    unix_timestamp utc_date utc_time utc_timestamp weekday
"""

_NUMBERS = "bit_count format_bytes format_pico_time interval"

_DOCUMENTS = """
    json_array_append json_array_insert json_array_intersect json_compact json_contains
    json_contains_path json_depth json_detailed json_equals json_insert json_length json_loose
    json_merge json_merge_patch json_merge_preserve json_normalize json_overlaps json_pretty
    json_quote json_remove json_replace json_schema_valid json_schema_validation_report json_search
    json_set json_storage_size json_table json_unquote extractvalue updatexml column_check
    column_create column_exists column_get column_json column_list
"""

_NETWORK = """
    inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6
"""

_OTHERS = """
    aes_decrypt aes_encrypt binary current_role database decode default distance match nullif
    random_bytes row schema string_to_vector system_user to_number vec_distance
    vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext vector_dim vector_to_string
"""

_PLACES = """
    geometrycollection linestring mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequals
    mbrintersects mbroverlaps mbrtouches mbrwithin multilinestring multipoint multipolygon point
    polygon st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid
    st_collect st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint
    st_distance st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_geohash
    st_geomcollfromtext st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext
    st_geomfromwkb st_interiorringn st_intersection st_intersects st_isclosed st_isempty
    st_issimple st_isvalid st_latfromgeohash st_latitude st_length st_linefromtext
    st_lineinterpolatepoint st_longfromgeohash st_longitude st_makeenvelope st_numgeometries
    st_numinteriorrings st_numpoints st_overlaps st_pointfromgeohash st_pointfromtext st_pointn
    st_polyfromtext st_polygonfromtext st_simplify st_srid st_startpoint st_swapxy st_symdifference
    st_touches st_transform st_union st_validate st_within st_x st_y
"""

FUNCTIONS: Final = words(_TEXTS, _TIMES, _NUMBERS, _DOCUMENTS, _NETWORK, _OTHERS, _PLACES)
