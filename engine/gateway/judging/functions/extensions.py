"""Functions of PostgreSQL's widespread extensions that compute or read.

Functions of theirs that run SQL given as text (`crosstab`, `connectby`), reach out (`dblink`), read
files (out-of-database rasters) or change anything are not here.
"""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

_TRIGRAMS_AND_SOUNDS = """
    daitch_mokotoff difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal
    metaphone show_trgm similarity strict_word_similarity unaccent word_similarity
"""

_HSTORE_AND_TREES = """
    akeys avals defined each exist hstore hstore_to_array hstore_to_json hstore_to_jsonb
    hstore_to_matrix index lca ltree2text nlevel skeys slice subltree subpath svals text2ltree
"""

_INTEGERS_AND_CUBES = """
    cube_distance cube_dim cube_ll_coord cube_ur_coord earth earth_box earth_distance icount idx
    intset latitude ll_to_earth longitude normal_rand sort sort_asc sort_desc subarray uniq
"""

_DIGESTS_AND_IDS = """
    digest gen_random_bytes hmac uuid_generate_v1 uuid_generate_v3 uuid_generate_v4 uuid_generate_v5
    uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500
"""

_VECTORS = """
    binary_quantize cosine_distance hamming_distance inner_product jaccard_distance l1_distance
    l2_distance l2_norm l2_normalize subvector vector_dims vector_norm
"""

_SERIES = """
    approx_percentile approx_percentile_rank days_in_month first histogram interpolate last locf
    month_normalize percentile_agg rollup time_bucket time_bucket_gapfill hll_add_agg
    hll_cardinality hll_hash_bigint hll_hash_integer hll_hash_text hll_union hll_union_agg
    tdigest_percentile
"""

_PLACES = """
    geography geometry geometrytype st_3ddistance st_area st_asbinary st_asewkb st_asewkt
    st_asgeojson st_asgml st_askml st_asmvt st_asmvtgeom st_assvg st_astext st_aswkb st_azimuth
    st_boundary st_buffer st_centroid st_closestpoint st_clusterdbscan st_clusterkmeans st_collect
    st_contains st_containsproperly st_convexhull st_coorddim st_coveredby st_covers st_crosses
    st_difference st_dimension st_disjoint st_distance st_distancesphere st_distancespheroid
    st_dump st_dumppoints st_dwithin st_endpoint st_envelope st_equals st_expand st_extent
    st_exteriorring st_flipcoordinates st_force2d st_geogfromtext st_geohash st_geomcollfromtext
    st_geometryfromtext st_geometryn st_geometrytype st_geomfromewkt st_geomfromgeojson
    st_geomfromtext st_geomfromwkb st_hausdorffdistance st_hexagongrid st_interiorringn
    st_intersection st_intersects st_isclosed st_isempty st_issimple st_isvalid st_isvalidreason
    st_length st_lengthspheroid st_lineinterpolatepoint st_linelocatepoint st_linemerge
    st_linesubstring st_m st_makeenvelope st_makeline st_makepoint st_makepolygon st_makevalid
    st_memunion st_multi st_npoints st_numgeometries st_numpoints st_overlaps st_perimeter st_point
    st_pointn st_pointonsurface st_polygon st_project st_relate st_reverse st_segmentize st_setsrid
    st_shortestline st_simplify st_simplifypreservetopology st_snaptogrid st_split st_squaregrid
    st_srid st_startpoint st_subdivide st_symdifference st_tileenvelope st_touches st_transform
    st_translate st_union st_voronoipolygons st_within st_x st_xmax st_xmin st_y st_ymax st_ymin
    st_z
"""

POSTGRES_EXTENSIONS: Final = words(
    _TRIGRAMS_AND_SOUNDS,
    _HSTORE_AND_TREES,
    _INTEGERS_AND_CUBES,
    _DIGESTS_AND_IDS,
    _VECTORS,
    _SERIES,
    _PLACES,
)
