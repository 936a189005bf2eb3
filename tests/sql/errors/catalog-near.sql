CREATE CATALOG prod WITH ('type' = 'generic_in_memory');
USE CATALOG prd;
