ADD JAR 'x.jar';
