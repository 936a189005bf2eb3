CREATE MODEL m WITH ('provider' = 'openai');
