"""Functions of DuckDB that compute or read what is in the database."""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

_AGGREGATES = """
    approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null
    arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last argmax argmin array_agg bitstring_agg
    count_if count_star countif entropy favg first fsum geomean geometric_mean histogram
    histogram_exact json_group_array json_group_object json_group_structure kahan_sum kurtosis
    kurtosis_pop last list lttb mad max_by mean min_by product quantile quantile_cont quantile_disc
    reservoir_quantile sem skewness sum_no_overflow sumkahan wavg weighted_avg fill rank_dense
"""

_NUMBERS = """
    add bin bit_count bit_position bitstring divide equi_width_bins even factorial fdiv fmod
    format_bytes from_base64 from_binary from_hex gamma gcd get_bit greatest_common_divisor isfinite
    isinf isnan lcm least_common_multiple lgamma multiply nextafter parse_formatted_bytes
    pg_size_pretty round_even roundbankers set_bit signbit subtract to_base to_binary unbin xor
    is_histogram_other_bin
"""

_TEXTS = """
    array_extract bar base64 contains damerau_levenshtein decode editdist3 encode ends_with
    formatreadabledecimalsize formatreadablesize hamming hash ilike_escape jaccard jaro_similarity
    jaro_winkler_similarity left_grapheme length_grapheme levenshtein like_escape md5_number
    md5_number_lower md5_number_upper mismatches nfc_normalize not_ilike_escape not_like_escape ord
    parse_dirname parse_dirpath parse_filename parse_path path_join prefix printf regexp_escape
    regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_split_to_array
    regexp_split_to_table reverse right_grapheme split starts_with str_split str_split_regex
    string_split string_split_regex string_to_array strip_accents strlen substring_grapheme suffix
    to_base64 url_decode url_encode
"""

_TIMES = """
    ago century current_localtime current_localtimestamp datepart datesub datetrunc days_in_month
    decade epoch epoch_ms epoch_ns epoch_us era get_current_time get_current_timestamp isodow
    isoyear julian make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz
    microsecond millennium millisecond nanosecond normalized_interval strptime time_bucket timezone
    timezone_hour timezone_minute to_centuries to_days to_decades to_hours to_microseconds
    to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_weeks to_years today
    transaction_timestamp try_strptime weekday
"""

_LISTS = """
    aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat
    array_contains array_cosine_distance array_cosine_similarity array_cross_product array_distance
    array_distinct array_dot_product array_filter array_grade_up array_has array_has_all
    array_has_any array_indexof array_inner_product array_intersect array_length
    array_negative_dot_product array_negative_inner_product array_pop_back array_pop_front
    array_position array_prepend array_push_back array_push_front array_reduce array_resize
    array_reverse array_reverse_sort array_select array_slice array_sort array_to_json
    array_to_string array_to_string_comma_default array_transform array_unique array_value
    array_where array_zip element_at filter flatten generate_series generate_subscripts grade_up
    list_aggr list_aggregate list_any_value list_append list_apply list_approx_count_distinct
    list_avg list_bit_and list_bit_or list_bit_xor list_bool_and list_bool_or list_cat list_concat
    list_contains list_cosine_distance list_cosine_similarity list_count list_distance
    list_distinct list_dot_product list_element list_entropy list_extract list_filter list_first
    list_grade_up list_has list_has_all list_has_any list_histogram list_indexof list_inner_product
    list_intersect list_kurtosis list_kurtosis_pop list_last list_mad list_max list_median list_min
    list_mode list_negative_dot_product list_negative_inner_product list_pack list_position
    list_prepend list_product list_reduce list_resize list_reverse list_reverse_sort list_select
    list_sem list_skewness list_slice list_sort list_stddev_pop list_stddev_samp list_string_agg
    list_sum list_transform list_unique list_value list_var_pop list_var_samp list_where list_zip
    range reduce unnest unpivot_list
"""

_STRUCTS_AND_MAPS = """
    cardinality map map_concat map_contains map_contains_entry map_contains_value map_entries
    map_extract map_extract_value map_from_entries map_keys map_values remap_struct row struct
    struct_concat struct_contains struct_extract struct_extract_at struct_has struct_indexof
    struct_insert struct_keys struct_pack struct_position struct_update struct_values union_extract
    union_tag union_value variant_extract variant_keys variant_typeof
"""

_DOCUMENTS = """
    from_json from_json_strict json_contains json_deep_merge json_each json_extract_path
    json_extract_path_text json_extract_string json_insert json_merge_patch json_merge_patch_diff
    json_normalize json_pretty json_quote json_remove json_replace json_set json_strip_nulls
    json_structure json_transform json_transform_strict json_tree row_to_json to_json
"""

_OTHERS = """
    alias can_cast_implicitly columns constant_or_null current_catalog current_database current_role
    current_schema current_schemas enum_code enum_first enum_last enum_range enum_range_boundary
    error gen_random_uuid grouping_id pg_typeof try try_cast typeof uuid_extract_timestamp
    uuid_extract_version uuidv4 uuidv7
"""

_PLACES = """
    st_area st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid st_contains
    st_convexhull st_covers st_crosses st_difference st_disjoint st_distance st_distance_sphere
    st_distance_spheroid st_dwithin st_endpoint st_envelope st_equals st_extent st_geometrytype
    st_geomfromgeojson st_geomfromtext st_geomfromwkb st_intersection st_intersects
    st_intersects_extent st_isempty st_isvalid st_length st_makeenvelope st_makeline st_makepolygon
    st_makevalid st_npoints st_numpoints st_overlaps st_perimeter st_point st_pointn st_simplify
    st_startpoint st_touches st_transform st_union st_within st_x st_xmax st_xmin st_y st_ymax
    st_ymin
"""

FUNCTIONS: Final = words(
    _AGGREGATES,
    _NUMBERS,
    _TEXTS,
    _TIMES,
    _LISTS,
    _STRUCTS_AND_MAPS,
    _DOCUMENTS,
    _OTHERS,
    _PLACES,
)
