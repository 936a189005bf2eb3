-- Jobs: SHOW JOBS, DESCRIBE JOB, STOP JOB.

-- refused: SHOW JOBS
SHOW JOBS;

-- refused: DESCRIBE JOB
DESCRIBE JOB '228d70913eab60dda85c5e7f78b5782c';

-- refused: STOP JOB
STOP JOB '228d70913eab60dda85c5e7f78b5782c';

-- refused: STOP JOB
STOP JOB '228d70913eab60dda85c5e7f78b5782c' WITH SAVEPOINT;

-- refused: STOP JOB
STOP JOB '228d70913eab60dda85c5e7f78b5782c' WITH SAVEPOINT WITH DRAIN;

-- ok
SET 'execution.checkpointing.savepoint-dir' = 'file:/tmp/';
