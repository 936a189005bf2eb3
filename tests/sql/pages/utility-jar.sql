-- ADD JAR, REMOVE JAR, SHOW JARS.

-- refused: ADD JAR
ADD JAR '/tmp/a.jar';

-- refused: REMOVE JAR
REMOVE JAR '/tmp/a.jar';

-- ok
SHOW JARS;
