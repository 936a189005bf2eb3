CALL sys.compact('t');
