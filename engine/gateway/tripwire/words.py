"""The words of SQL that matter to the tripwire, and the words that only prose has.

Keywords stand for themselves. A name before an opening parenthesis is a call: of a function that
attacks live on (`ATTACKING`), of one that SQL knows (`KNOWN`), or of any other. The lists are by
what a database does with a word, not by which attack had it.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


KEYWORDS = _words(
    """
    union all distinct distinctrow except intersect select top from where having group order
    by limit offset fetch into outfile dumpfile values set table database schema view index
    procedure function trigger user login role tablespace insert update delete drop truncate
    alter create replace exec execute declare shutdown waitfor delay time grant revoke call
    copy load data attach detach pragma vacuum begin if while merge handler prepare do
    commit rollback goto case when then else end exists like rlike regexp ilike glob similar
    sounds in between is as div mod binary for analyse analyze against match escape asc desc
    join on using any some with recursive temporary temp backup restore add column
    constraint rename only reconfigure print kill deallocate open returning cascade
    identified to collate install
    """
)
"""Each is a sign of its own to the grammar."""

BOOLEANS = _words("and or xor")
CONSTANTS = _words(r"null true false unknown \n current_user session_user")
NEGATIONS = _words("not")

PROSE = _words(
    """
    a about after also am an are at be because been before being but can could did does don
    during each every had has have he her here him his how i isn it it's its just let lets
    may me more most must my of our over per please she should so than that the their them
    there these they this those too until us very via was we were what which who why will
    would you your
    """
)
"""Words of English that are no name of a table or column, next to SQL."""

ATTACKING = _words(
    """
    aes_decrypt benchmark concat_ws current_setting database_to_xml dblink dblink_connect
    dblink_exec elt extractvalue filetoclob fn_listextendedproperty generate_series
    geometrycollection get_host_address get_host_name get_lock group_concat gtid_subset
    gtid_subtract httpuritype json_keys linestring listagg lo_export lo_from_bytea lo_import
    load_extension load_file makeset master_pos_wait multilinestring multipoint multipolygon
    name_const opendatasource openquery openrowset pg_backend_pid pg_client_encoding
    pg_ls_dir pg_read_binary_file pg_read_file pg_sleep pg_sleep_for pg_sleep_until
    procedure_analyse query_to_xml randomblob receive_message set_config sleep
    sqlite_compileoption_get sqlite_version st_latfromgeohash st_pointfromgeohash string_agg
    sys_context sys_eval sys_exec table_to_xml unistr updatexml wm_concat xmlagg xmlelement
    xmltype xp_cmdshell zeroblob
    """
)
"""Functions that wait, read files, reach out or carry a result in an error or a single field."""

ATTACKING_PREFIXES = _words(
    """
    xp_ sp_ dbms_ utl_ ctxsys. sys.dbms sys.utl sys.ctxsys sys.xp_ sys.fn_ master..
    master.dbo pg_catalog.pg_
    """
)
"""How procedures begin that reach out of the database."""

KNOWN = _words(
    """
    abs acos array_to_string ascii asin atan atan2 avg bin bit_length cast ceil ceiling char
    char_length chr coalesce col_length column_name concat conv convert cos cot count crc32
    current_database current_user database date_format datediff day db_name decode degrees
    dump exp field find_in_set floor format from_base64 getdate greatest group_id
    has_dbaccess hex host_name ifnull iif inet_aton insert instr is_member is_srvrolemember
    isnull json_array json_extract json_object last_insert_id lcase least left len length ln
    locate log lower lpad ltrim make_set max md5 mid min mod month now nullif num_nonnulls
    nvl nvl2 object_id octet_length ord patindex pi position power quote quotename radians
    rand random regexp_like regexp_replace regexp_substr repeat replace replicate reverse
    right rnd round row row_count rpad rtrim schema schema_name session_user sha sha1 sha2
    sign sin soundex space sqrt stddev str strcmp string_to_array stuff substr substring
    substring_index suser_name suser_sname sysdate system_user tan to_base64 to_char to_date
    to_number to_timestamp translate trim typeof ucase uid unhex unicode unnest upper user
    user_id user_name userenv uuid varchar version xmltable year
    """
)
"""Functions of SQL that an expression of an attack calls."""

CATALOGS = _words(
    """
    all_tab_columns all_tables all_users dba_tables dba_users duckdb_settings duckdb_tables
    information_schema msysaccessobjects msysobjects performance_schema pg_authid pg_catalog
    pg_class pg_database pg_roles pg_shadow pg_stat_activity pg_tables pg_user rdb$fields
    rdb$relations rdb$types sqlite_master sqlite_schema sqlite_temp_master syscat syscolumns
    sysdatabases sysibm syslogins sysobjects sysprocesses sysusers user_tab_columns
    user_tables v$session v$version
    """
)
"""Parts of names that are a catalogue wherever they stand."""

CATALOG_NAMES = _words(
    """
    global_name mysql.db mysql.func mysql.user sys.all_objects sys.columns sys.databases
    sys.objects sys.schemas sys.servers sys.sql_logins sys.tables sys.user$
    """
)
"""Whole names of catalogues."""
