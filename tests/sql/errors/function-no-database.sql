CREATE FUNCTION nodb.f AS 'libx.so:f' LANGUAGE C;
