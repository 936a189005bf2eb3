-- Procedures.

-- ok
SHOW PROCEDURES;

-- refused: CALL
CALL my_catalog.`system`.generate_n(5);

-- refused: CALL
CALL generate_user('yuxia', 18);
