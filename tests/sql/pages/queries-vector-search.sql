-- Vector search: VECTOR_SEARCH.

-- setup
CREATE TABLE t (id INT, v ARRAY<FLOAT>) WITH ('connector' = 'values', 'rows' = '{"id":1,"v":[1,2]}');

-- refused: table function VECTOR_SEARCH
SELECT * FROM t, LATERAL VECTOR_SEARCH(TABLE vectors, t.v, DESCRIPTOR(i), 10);

-- refused: table function VECTOR_SEARCH
SELECT * FROM t, LATERAL VECTOR_SEARCH(TABLE vectors, t.v, DESCRIPTOR(i), 10, MAP['async', 'true']);

-- refused: table function VECTOR_SEARCH
SELECT * FROM t, LATERAL VECTOR_SEARCH(SEARCH_TABLE => TABLE vectors, COLUMN_TO_QUERY => t.v, COLUMN_TO_SEARCH => DESCRIPTOR(i), TOP_K => 10);

-- refused: table function VECTOR_SEARCH
SELECT * FROM TABLE(VECTOR_SEARCH(TABLE vectors, ARRAY[10, 20], DESCRIPTOR(i), 10));
