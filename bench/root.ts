import { existsSync } from 'node:fs';
import { join } from 'node:path';

const above = join(import.meta.dirname, '..');

/** The repository's folder. Benches run compiled, from dist/bench; their tests read the sources. */
export const root = existsSync(join(above, 'package.json')) ? above : join(above, '..');
