UNLOAD MODULE core;
LOAD MODULE core WITH ('type' = 'core');
