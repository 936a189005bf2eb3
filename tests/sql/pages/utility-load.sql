-- LOAD MODULE.

-- error: module "hive" not found
LOAD MODULE hive;

-- error: module "hive" not found
LOAD MODULE hive WITH ('hive-version' = '3.1.3');

-- ok
UNLOAD MODULE core;
LOAD MODULE core;
SELECT IFNULL(1, 2);
-- > 1

-- error: loaded already
LOAD MODULE core;
