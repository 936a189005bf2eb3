-- Modules.

-- ok
SHOW MODULES;
-- > core

-- ok
SHOW FULL MODULES;
-- > core | TRUE

-- refused: LOAD MODULE
LOAD MODULE hive WITH ('hive-version' = '2.3.4');

-- refused: UNLOAD MODULE
UNLOAD MODULE hive;

-- refused: USE MODULES
USE MODULES hive, core;
