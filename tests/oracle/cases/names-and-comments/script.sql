/* Names that are reserved words, hold blanks or quotes, or differ in case only;
   comments with ; and ' in them. */
CREATE TABLE `select` (`from` INT, `From` INT, `two words` STRING, `quo``te` STRING, `日` INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json'); -- it's here; isn't it
CREATE TABLE `Out` (`a b` INT, `A B` INT, `order` STRING, `it''s` STRING, `日` INT) WITH ('connector' = 'filesystem', 'path' = 'out/Out', 'format' = 'changelog-json');

INSERT /* not a hint */ INTO `Out`
SELECT `From` AS `x`, s.`from`, s.`two words` || ';--' || 'it''s', `quo``te`, `日` + 1 -- tail
FROM `select` AS s
WHERE s.`two words` <> '/* no comment */' OR `from` = 3;
