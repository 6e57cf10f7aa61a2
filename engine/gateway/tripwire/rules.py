"""The shapes of an injection, over fingerprints (`grammar.py` says how they are written).

Each begins with a character that is rare or is bound to a place, and no two repetitions beside each
other can match the same: so a search reads each character a fixed number of times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.gateway.tripwire.grammar import pattern

if TYPE_CHECKING:
    import re

    from engine.gateway.tripwire.tokens import Scan


class Rule(NamedTuple):
    """A shape and the code of its alarm."""

    code: str
    shape: re.Pattern[str]


def _rules(code: str, *shapes: str) -> tuple[Rule, ...]:
    return tuple(Rule(code, pattern(shape)) for shape in shapes)


def found(rules: tuple[Rule, ...], seen: Scan) -> str | None:
    """Return the code of the first rule whose shape is anywhere."""
    for rule in rules:
        if rule.shape.search(seen.fingerprint):
            return rule.code
    return None


def begins(rules: tuple[Rule, ...], seen: Scan, at: int) -> str | None:
    """Return the code of the first rule whose shape begins at a token."""
    for rule in rules:
        if rule.shape.match(seen.fingerprint, at):
            return rule.code
    return None


_SELECT = r"SELECT (?:ALL|DISTINCT|DISTINCTROW|TOP n)*"
_FIELD = r"(?:\(*[!mo]*(?:[nskv*SfFg]|:name|p(?=FROM|[,)])))"
_SOURCE = r"FROM\(*(?::name|[gs])"
_UNITE = r"[UNION EXCEPT INTERSECT] (?:ALL|DISTINCT|DISTINCTROW)?"
_KIND = (
    "[TABLE DATABASE SCHEMA VIEW INDEX PROCEDURE FUNCTION TRIGGER USER LOGIN ROLE TABLESPACE"
    " COLUMN]"
)
_TABLE_END = r"(?:\Z|[cC;z]|CASCADE|,)"
_TAUTOLOGY = r":pre* :literal (?:[mo*]:pre*:literal)* [)z]* :equal :pre* (?:[fF]\(|[g(]* :literal)"
_OPERAND = r"(?:m?[nkv]|:name?(?=[)z]))[)z]*"
_VALUE = r"[(]*[nskv]?[)z]*"

# A name alone is prose: union select committee.
_NAMED_ROWS = rf":name(?:[,)zc;]|AS|{_SOURCE}|:name{_SOURCE}|FROM\()|p(?:,|{_SOURCE})"
_SUBQUERY = (
    rf"\({_SELECT} [(!mo]* (?:[sSv*fF]|BINARY|CASE|[nk](?:[),;cCmotaAS=]|:name?FROM|\Z)|SELECT"
    rf"|(?::name|p)(?:,{_FIELD})*+:name?{_SOURCE}|g\([^()]*+\)(?:,{_FIELD})*+:name?{_SOURCE})"
)
_CALL = (
    r"(?:(?<=[taom*=,(!;z])|(?<=[SELECT BY WHEN THEN LIMIT LIKE RLIKE REGEXP IN ON]))F\("
    r"[(mo!]*(?:[nsSkv][^wpx]|[fFgS]|SELECT|:name[,)o=*m])"
)

ANYWHERE = (
    *_rules(
        "union",
        rf"{_UNITE} [(m]* {_SELECT} [(!mo]* (?:[nskv*SfFg]|CASE|SELECT|{_NAMED_ROWS})",
        rf"[nsv)z]{_UNITE} [(m]* {_SELECT} :name? :name? :end",
        r"(?:[mo*][nkv][)z]*|[)z])UNION (?:ALL|DISTINCT)? [(]* :stop(?<!C)",
        rf"{_UNITE} [(]* VALUES \(",
    ),
    *_rules(
        "condition",
        rf":bool {_TAUTOLOGY}",
        r":bool :pre* [nkv] [)z]* IS !? k",
        r":bool :pre* s q s",
    ),
    *_rules(
        "subquery",
        _SUBQUERY,
        r":bool [(!m]*\( SELECT :pre* :call",
        r"\(CASE WHEN :pre* :literal :equal",
        r"[mo*,]IF\( :pre* :literal :equal",
    ),
    *_rules("function", _CALL, "aX"),
    *_rules(
        "clause",
        r"INTO [OUTFILE DUMPFILE] [(]*[sSvfF]",
        r"[nk)z]INTO v",
        rf"[HAVING WHERE] {_TAUTOLOGY}",
        r"PROCEDURE (?:ANALYSE|ANALYZE|g) \(",
    ),
    *_rules(
        "stacked",
        r"WAITFOR [DELAY TIME] [(]*[sSv]",
        r"DECLARE v (?::name|:call)",
        r"[EXEC EXECUTE] X",
    ),
    *_rules("comment", "V"),
    *_rules(
        "statement",
        rf"INSERT INTO :named (?:\([^()]*+[)z])? (?:VALUES\((?!q)|{_SELECT}{_FIELD})",
        r"UPDATE :name SET :name = (?::literal|:call|\()",
        r"DELETE FROM :name WHERE :name :compare",
        r"LOAD DATA (?::name|p)? :name? [sS]",
    ),
)
"""Shapes that no prose has."""

STATEMENTS = _rules(
    "stacked",
    rf"DROP {_KIND} (?:IF EXISTS)? :name{_TABLE_END}",
    rf"DELETE :name? FROM :name (?:{_TABLE_END}|WHERE)",
    rf"TRUNCATE TABLE? :name {_TABLE_END}",
    r"[INSERT REPLACE] (?:INTO)? :named (?:\(|VALUES|SELECT|SET)",
    r"UPDATE :name SET (?::name|p) :compare",
    r"[EXEC EXECUTE] (?:\((?!\))|F|v|X|AS LOGIN|:name(?:\Z|[c;sSvn]|,))",
    rf"CREATE (?:OR REPLACE|TEMP|TEMPORARY)* {_KIND} (?:IF ! EXISTS)? :named"
    rf" (?:\(|AS|IDENTIFIED|FOR|RETURNING|WITH|{_TABLE_END})",
    rf"ALTER {_KIND} :name [ADD DROP RENAME SET ALTER WITH]",
    r"SHUTDOWN (?:WITH :name|:name)? (?::stop|END)",
    r"[GRANT REVOKE] (?::name|ALL|SELECT|EXECUTE|,)+ (?:ON|TO :name:end)",
    r"CALL :call\(",
    r"COPY (?::name|\(SELECT|g\()[^;]* [TO FROM] (?:[sSp]|:name)",
    r"[ATTACH DETACH] DATABASE [sSw]",
    r"PRAGMA (?::name(?::compare|:stop)|:call\()",
    r"VACUUM INTO [sS]",
    r"BEGIN [DECLARE SHUTDOWN EXEC WAITFOR SELECT INSERT UPDATE DELETE DROP GOTO]",
    r"BEGIN (?::name SELECT|[fF]\()",
    r"SET (?:v (?::compare|o)|:name :compare (?::literal|:call))",
    r"DO (?:[sS]|[fF]?\()",
    r"[HANDLER PREPARE MERGE] .{0,2} [OPEN FROM INTO]",
    r"WAITFOR [DELAY TIME]",
    r"[BACKUP RESTORE] DATABASE :name (?:TO|FROM|[c;]|\Z)",
    r"GOTO :name (?:[^wpx]|\Z)",
    r"DECLARE (?:v|:name)",
    r"RENAME TABLE? (?::name|p) TO (?::name|p)",
)
"""Statements, where one may begin: after a semicolon, or after closed quotes."""

AFTER_SEMICOLON = STATEMENTS + _rules(
    "stacked",
    r"[IF WHILE] (?:!|EXISTS|\()* (?:[nkv!]|:call|SELECT|:name:compare)",
    r"IF (?:!|EXISTS)+ \(",
    r"[INSTALL LOAD] (?::name|s) :stop",
    r"VACUUM :name? :stop",
    r"[COMMIT ROLLBACK RECONFIGURE] :stop",
    r"(?:KILL n|PRINT s):end",
    rf"\(* {_SELECT} [(!mo]* (?:[nskvS*fF]|g\(|SELECT|CASE|:name (?:,|[c;S)]|{_SOURCE}))",
)
"""The same and queries: prose has quoted words before SELECT, but none before `; SELECT 1`."""

WHOLE = (
    *_rules(
        "statement",
        rf"\(* {_SELECT} [(!mo]* (?:[sSvfF*]|[nk](?=[,)o*m])|:name(?=[,)])|[nkg](?=FROM|\()"
        rf"|(?<=\().) .* {_SOURCE} (?:\Z|[c;,)z]|[WHERE LIMIT ORDER GROUP HAVING JOIN AS]"
        r"|:name:stop|:name,)",
        rf"\(* {_SELECT} [(!mo]* [vfFk(s] [^px]* (?:[)z]|:end|{_SOURCE}|:name[cC])",
        rf"\(* {_SELECT} [*] {_SOURCE}",
        r"\(* SELECT :name (?:FROM :name)? (?:WHERE :name :compare|GROUP BY :name HAVING)",
        rf"DROP {_KIND} (?:IF EXISTS)? :name(?:c|;(?![)z]))",
        r"DELETE FROM :name (?:[c;]|WHERE :name :compare)",
        r"TRUNCATE TABLE :name[c;]",
        rf"CREATE (?:OR REPLACE)? {_KIND} :named (?:\(|AS SELECT|IDENTIFIED|WITH :name =)",
        r"[GRANT REVOKE] (?::name|,)+ (?:TO|FROM) :name;",
        rf"ALTER {_KIND} :name (?:[ADD DROP RENAME ALTER] [COLUMN CONSTRAINT TO]|SET :name =)",
        r"[EXEC EXECUTE] (?:F|X|[(][sSv]|v)",
        r"CASE [nskv]? WHEN (?>.*?THEN) .*END",
        r"SHUTDOWN [c;]",
    ),
    *_rules("function", r"[(!mo]*F\([(!mo]*(?:[nskv][^wpx]|[fF])"),
    *_rules(
        "clause",
        rf"{_VALUE}ORDER BY [mo(]* (?:n (?:,[nkfF(])* |[fF]\(.*) (?:[)z]*(?:\Z|[c;,])|\()",
        rf"{_VALUE}GROUP BY (?>.*?HAVING) :pre*:literal",
        rf"{_VALUE}GROUP BY [nw](?:,[nw])*c",
        rf"{_VALUE}LIMIT n(?:[,] n|OFFSET n)*[c;]",
        rf"{_OPERAND} [ORDER GROUP] BY [(mo]* (?:n(?:,n)*:stop|[fF]\(|CASE|IF\()",
        rf"{_OPERAND} LIMIT n(?:,n|OFFSET n)? :stop",
        r":name? HAVING [(!m]* [nk] :bool",
        rf"{_OPERAND} HAVING :pre* [fF]\(",
    ),
    *_rules(
        "condition",
        rf"{_OPERAND} :bool !+ [nk] :stop",
        r":bool !*[nk](?:\Z|c)",
        r":bool w=w :stop",
        r"[nskv]a[fF]\(",
        r"[(]*[nsv][)z]* :bool [(!]*k[)z]*(?:\Z|c)",
    ),
    *_rules("union", r"UNION (?:ALL|DISTINCT)? SELECT \Z"),
    *_rules("expression", r"[(]*[nskv]?[*][(!mo]*[nskv][)z]*c"),
)
"""What a value may be as a whole, from its beginning."""

_NEXT_ROWS = rf"{_SELECT} (?:{_FIELD} (?:[,)zcCom*S]|\Z|{_SOURCE}|:name:stop)|:end)"
CLAUSES = (
    *_rules(
        "clause",
        r"ORDER BY [mo(]* (?:n|[fF]\(|\(|CASE|:name:stop|:name,|k)",
        r"GROUP BY [(]* (?:n|[fF]\(|:name (?:[c,;]|HAVING))",
        r"HAVING [(!mo]* (?::literal (?:[c;]|:equal|\Z)|:call|:name :equal)",
        r"LIMIT [(mo]* n (?:[,] n|OFFSET n)* (?:\Z|[cC;]|INTO|UNION|PROCEDURE)",
        r"FROM :name [cC;]",
    ),
    *_rules("union", rf"{_UNITE} [(]* (?:VALUES|{_NEXT_ROWS})"),
    *_rules("condition", r":bool :pre* (?:MATCH|EXISTS \()"),
    *_rules(
        "function",
        r"F\([(!mo]*(?:[nskv][^wp]|[fF])",
        r"[,om*a] [(!mo]* [Ff]\( .* c\Z",
    ),
    *_rules("subquery", rf",? \( {_SELECT} {_FIELD}"),
    *_rules("stacked", rf"{_SELECT} {_FIELD} .* c\Z"),
)
"""What may follow closed quotes besides an operator."""
