-- CALL.

-- refused: CALL
CALL `system`.generate_n(4);

-- refused: CALL
CALL default_catalog.db.p('a', 1 + 2);

-- refused: CALL
CALL p();

-- refused: CALL
CALL p(x => 1, y => 'b');
