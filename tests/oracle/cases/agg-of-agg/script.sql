-- How many words occur how often: every update of the inner count moves a word from one outer group to another.
CREATE TABLE words (w STRING) WITH ('connector' = 'filesystem', 'path' = 'in/words.json', 'format' = 'json');
CREATE TABLE histogram (n BIGINT, words BIGINT, longest INT) WITH ('connector' = 'filesystem', 'path' = 'out/histogram', 'format' = 'changelog-json');
CREATE TABLE keyed (n BIGINT, words BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/keyed', 'format' = 'changelog-json');

CREATE VIEW counts AS SELECT w, COUNT(*) AS n FROM words GROUP BY w;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO histogram SELECT n, COUNT(*), MAX(CHAR_LENGTH(w)) FROM counts GROUP BY n;
  INSERT INTO keyed SELECT n, COUNT(*) FROM counts GROUP BY n;
END;
