-- LOAD MODULE.

-- refused: LOAD MODULE
LOAD MODULE hive;

-- refused: LOAD MODULE
LOAD MODULE hive WITH ('hive-version' = '3.1.3');
