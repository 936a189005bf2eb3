-- Modules.

-- ok
SHOW MODULES;
-- > core

-- ok
SHOW FULL MODULES;
-- > core | TRUE

-- error: module "hive" not found
LOAD MODULE hive WITH ('hive-version' = '2.3.4');

-- error: module "hive" not found
UNLOAD MODULE hive;

-- error: module "hive" not found
USE MODULES hive, core;
