import { join } from 'node:path';

/** The repository's folder. Benches run compiled, from dist/bench. */
export const root = join(import.meta.dirname, '../..');
