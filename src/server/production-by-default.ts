/**
 * Express, Apollo and graphql-js run in development mode unless NODE_ENV says otherwise: slower (1.8 times the
 * processor time), and with more detail in errors. This file is imported before them, because they read NODE_ENV when
 * they are loaded.
 */
process.env.NODE_ENV ??= 'production';
