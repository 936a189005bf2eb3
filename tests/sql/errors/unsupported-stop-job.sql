STOP JOB 'abc';
