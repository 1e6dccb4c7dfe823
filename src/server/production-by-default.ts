/**
 * Express, Apollo and graphql-js are made for development unless told otherwise: slower (1.8 times the processor time) and more
 * talkative about errors. Imported before them, because they look when they are loaded.
 */
process.env.NODE_ENV ??= 'production';
