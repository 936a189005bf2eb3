-- UNLOAD MODULE.

-- ok
UNLOAD MODULE core;
SHOW MODULES;

-- ok
UNLOAD MODULE core;
SHOW FUNCTIONS;

-- ok
UNLOAD MODULE core;
SELECT UPPER('x'), 1 + 1, CAST('1' AS INT), 'a' || 'b', ARRAY[1, 2][1], CASE WHEN TRUE THEN 1 ELSE 2 END;
-- > X | 2 | 1 | ab | 1 | 1

-- error: unknown function 'ARRAY_CONTAINS'
UNLOAD MODULE core;
SELECT ARRAY_CONTAINS(ARRAY[1], 1);

-- error: is not loaded
UNLOAD MODULE core;
UNLOAD MODULE core;
