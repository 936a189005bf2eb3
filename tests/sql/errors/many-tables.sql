SELECT a.x, b.y FROM orders a JOIN payments b ON a.x = b.y WHERE c.z = 1;
