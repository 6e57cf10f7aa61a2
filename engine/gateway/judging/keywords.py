"""The bare words that a reading statement is made of; every other one must be somebody's name.

A parser that knows many dialects passes over words that it gives no meaning to. So each bare word
of a template is accounted for: as a name where the parser found a name, as a function that is
allowed, or as one of these.
"""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

_CLAUSES = """
    select distinct distinctrow all as from where group by having order asc desc nulls first last
    limit offset fetch next row rows only with ties percent union intersect except minus values on
    using natural inner left right full outer cross join lateral recursive materialized window over
    partition range groups unbounded preceding following current exclude no others filter within
    respect ignore search depth breadth cycle set to default grouping sets cube rollup ordinality
    tablesample system bernoulli repeatable reservoir sample qualify pivot unpivot asof positional
    semi anti name include seed
"""

_OPERATORS = """
    and or not xor in is null true false unknown like ilike similar regexp rlike glob match escape
    between symmetric asymmetric exists any some case when then else end cast try_cast convert
    isnull notnull overlaps collate collation div mod binary sounds member of against natural
    language mode boolean query expansion placing for both leading trailing normalized nfc nfd nfkc
    nfkd array row struct map list lambda if at time zone local interval document content unique
    variadic
"""

_UNITS = """
    microsecond millisecond second minute hour day week month quarter year decade century millennium
    microseconds milliseconds seconds minutes hours days weeks months quarters years decades
    centuries millennia dow doy isodow isoyear isoweek epoch julian timezone timezone_hour
    timezone_minute nanosecond nanoseconds weekday dayofweek dayofyear dayofmonth weekofyear
    yearweek second_microsecond minute_microsecond minute_second hour_microsecond hour_second
    hour_minute day_microsecond day_second day_minute day_hour year_month sql_tsi_second
    sql_tsi_minute sql_tsi_hour sql_tsi_day sql_tsi_week sql_tsi_month sql_tsi_quarter sql_tsi_year
    era usr jis iso eur us internal
"""

_MOMENTS_AND_PEOPLE = """
    current_date current_time current_timestamp current_user current_role current_catalog
    current_schema session_user user localtime localtimestamp utc_date utc_time utc_timestamp
    system_time period
"""

_DOCUMENTS = """
    path passing returning wrapper without conditional unconditional keys key value values quotes
    keep omit error empty absent columns nested format json encoding utf8 scalar object string
    strict lax plan strip whitespace preserve version standalone yes ref root text
"""

_HINTS = """
    indexed use force ignore index straight_join sql_no_cache sql_small_result sql_big_result dual
    primary separator character charset
"""

TYPES: Final = words(
    """
    array bigint bigserial binary bit bitstring blob bool boolean box bpchar bytea byteint bytes
    char character cidr circle citext clob cube date datemultirange daterange datetime dec decimal
    double enum fixed float float4 float8 geography geometry geometrycollection guid halfvec hstore
    hugeint inet int int1 int128 int16 int2 int32 int4 int4multirange int4range int64 int8
    int8multirange int8range integer interval json jsonb jsonpath line linestring list logical long
    longblob longtext lseg ltree lquery macaddr macaddr8 map mediumblob mediumint mediumtext money
    multilinestring multipoint multipolygon name national nchar null numeric nummultirange numrange
    nvarchar oid path point polygon precision real regclass regconfig regnamespace regproc regrole
    regtype row serial set short signed smallint sparsevec string struct text tid time timestamp
    timestamp_ms timestamp_ns timestamp_s timestamptz timetz tinyblob tinyint tinytext tsmultirange
    tsquery tsrange tstzmultirange tstzrange tsvector ubigint uhugeint uint128 uint16 uint32 uint64
    uint8 uinteger union unsigned usmallint utinyint uuid varbinary varbit varchar variant varying
    vector with without xml year zone
    """
)

# Types that may have a size, or parts, in brackets.
SIZED: Final = words(
    """
    bigint binary bit bpchar char character datetime dec decimal double enum fixed float geography
    geometry halfvec int integer interval map mediumint nchar numeric nvarchar real smallint
    sparsevec string struct text time timestamp timestamptz timetz tinyint union varbinary varbit
    varchar varying vector
    """
)

KEYWORDS: Final = (
    words(_CLAUSES, _OPERATORS, _UNITS, _MOMENTS_AND_PEOPLE, _DOCUMENTS, _HINTS) | TYPES
)

# Reserved words that stand before a bracket without calling anything.
BEFORE_BRACKETS: Final = words(
    """
    select distinct all as from where having limit offset values on using and or not in is like
    ilike between exists any some when then else case union except intersect join lateral only array
    row interval unique collate cube rollup bigint binary bit char character dec decimal float int
    integer nchar numeric real smallint time timestamp varbinary varchar
    """
)

# Words that do so only after certain others; elsewhere they would be calls.
AFTER: Final = {
    "bernoulli": words("tablesample sample"),
    "by": words("group order partition first"),
    "for": words("collation"),
    "group": words("within"),
    "index": words("use force ignore"),
    "key": words("use force ignore using"),
    "materialized": words("as not"),
    "of": words("member"),
    "reservoir": words("tablesample sample"),
    "sample": words("using"),
    "sets": words("grouping"),
    "system": words("tablesample sample"),
    "to": words("similar"),
    "zone": words("time"),
}

# Words that do so only after an operand, where no call can stand.
AFTER_OPERANDS: Final = words(
    """
    over filter columns exclude rename against passing escape repeatable xor rlike regexp glob div
    pivot unpivot qualify partition similar minus overlaps tablesample sample percent seed for
    placing sounds mod match
    """
)

# Types and clauses of one dialect alone that take brackets.
BRACKETS_OF: Final = {
    "duckdb": words("struct map union enum pivot unpivot qualify columns"),
}

# After these the next word is a name or a unit, whatever it is.
NAMING: Final = words("as collate charset character name using")

# A bare word of these may not even be a name, unless it follows AS or a full stop.
NEVER: Final = words(
    """
    into outfile dumpfile insert update delete drop alter create grant truncate share locked nowait
    """
)

# Words that begin other statements, some of which DuckDB takes in the place of a table too.
STATEMENTS: Final = words(
    "show describe desc summarize explain pragma call execute copy attach checkpoint table analyze"
)

BEGINNINGS: Final = {
    "duckdb": words("select with values from pivot unpivot"),
}
USUAL_BEGINNINGS: Final = words("select with values")
