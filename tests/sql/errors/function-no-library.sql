CREATE FUNCTION f AS 'nowhere/libx.so:f' LANGUAGE C;
