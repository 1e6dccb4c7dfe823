import { fanout, latency } from './feeds.js';
import { keyed, names, nested, one } from './reads.js';
import type { Work } from './work.js';

/** In the order of the document's table. */
export const works: readonly Work[] = [nested, keyed, one, names, latency, fanout];
