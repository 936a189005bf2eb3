USE MODULES core, core;
