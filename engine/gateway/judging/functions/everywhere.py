"""Functions that mean the same in every dialect that has them."""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

_AGGREGATES = """
    any_value avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every
    group_concat grouping json_arrayagg json_objectagg listagg max median min mode percentile_cont
    percentile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
    regr_sxy regr_syy std stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance
"""

_WINDOWS = """
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank
    row_number
"""

_CONDITIONS = "coalesce greatest if ifnull iif isnull least nullif nvl nvl2"

_NUMBERS = """
    abs acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh cot degrees div exp floor
    ln log log10 log2 mod pi pow power radians rand random round sign sin sinh sqrt tan tanh trunc
    truncate
"""

_TEXTS = """
    ascii bit_length btrim char char_length character_length chr concat concat_ws format hex initcap
    instr lcase left len length locate lower lpad ltrim md5 octet_length overlay position quote
    regexp_count regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right
    rpad rtrim sha1 sha256 soundex split_part strpos substr substring to_hex translate trim ucase
    unhex unicode upper
"""

_TIMES = """
    age current_date current_time current_timestamp date date_add date_diff date_format date_part
    date_sub date_trunc datediff datetime day dayname dayofmonth dayofweek dayofyear extract hour
    last_day localtime localtimestamp make_date minute month monthname now quarter second strftime
    time timestamp to_char to_date to_timestamp week weekofyear year yearweek
"""

_DOCUMENTS = """
    json json_array json_array_length json_exists json_extract json_keys json_object json_query
    json_type json_valid json_value
"""

_OTHERS = "cast convert current_user session_user user uuid version"

FUNCTIONS: Final = words(_AGGREGATES, _WINDOWS, _CONDITIONS, _NUMBERS, _TEXTS, _TIMES) | words(
    _DOCUMENTS, _OTHERS
)
