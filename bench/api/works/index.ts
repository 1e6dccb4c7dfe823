import { fanout, latency } from './feeds.js';
import { growth } from './growth.js';
import { idle } from './idle.js';
import { ingest, series } from './metrics.js';
import { mixed } from './mixed.js';
import { observed } from './observed.js';
import { keyed, names, nested, one } from './reads.js';
import { search } from './search.js';
import { start } from './start.js';
import type { Work } from './work.js';

const reads = [nested, keyed, one, names];
const live = [latency, fanout, idle];

/** In the order of the document's table. */
export const works: readonly Work[] = [...reads, observed, series, ingest, ...live, mixed, search, start, growth];
