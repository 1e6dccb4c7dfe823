import type { Options } from './options.js';
import type { Results } from './results.js';
import type { Row } from './rows.js';

/** The rows that a run measures; says which it leaves out, and why. @throws Error for a name that no row has */
export function chooseRows(rows: readonly Row[], kept: Results, options: Options): readonly Row[] {
  const possible = rows.filter((row) => {
    const lacks = lackOf(row, options);
    if (lacks !== null) console.log(`left out, ${lacks}: ${row.title}`);
    return lacks === null;
  });
  switch (options.rows) {
    case 'all':
      return possible;
    case 'none':
      return [];
    case 'missing':
      return possible.filter(({ name }) => kept.rows[name] === undefined);
    default: {
      const names = options.rows.split(',').map((name) => name.trim());
      const unknown = names.filter((name) => !rows.some((row) => row.name === name));
      if (unknown.length > 0) {
        throw new Error(`no row ${unknown.join(', ')}; there are ${rows.map(({ name }) => name).join(', ')}`);
      }
      return possible.filter(({ name }) => names.includes(name));
    }
  }
}

function lackOf({ data, kind }: Row, { dataFolder, writeWithHead }: Options): string | null {
  if (data === 'banking77' && dataFolder === null) return 'ATTUNE_BENCH_DATA is not set';
  if (kind === 'passes' && writeWithHead === null) return 'without Python there is no model with a head';
  return null;
}
