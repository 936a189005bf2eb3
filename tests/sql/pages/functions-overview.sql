-- Functions: kinds, names, and how a call is resolved.

-- # the names of functions of the system do not mind their case
-- ok
SELECT upper('a'), Upper('b'), UPPER('c');
-- > A | B | C

-- ok
SELECT `UPPER`('a');
-- > A

-- error: unknown function 'NOTHING'
SELECT NOTHING(1);

-- error: unknown function
SELECT default_catalog.default_database.nothing(1);

-- ok
SHOW FUNCTIONS LIKE 'JSON_QUO%';
-- > JSON_QUOTE

-- ok
SHOW USER FUNCTIONS;
