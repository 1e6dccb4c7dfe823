import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Results, Setting } from './results.js';

/** Results from before any row. */
export function noResults(setting: Setting): Results {
  return { ...setting, peak: { size: 0, attune: 0, pytorch: 0 }, rows: {} };
}

/** Earlier rows count only beside rows of the same machine, versions, model and threads. */
export function readKept(file: string, setting: Setting): Results {
  if (!existsSync(file)) return noResults(setting);
  const found: Results = JSON.parse(readFileSync(file, 'utf8'));
  const isSame = (Object.keys(setting) as (keyof Setting)[]).every(
    (key) => JSON.stringify(found[key]) === JSON.stringify(setting[key]),
  );
  return isSame ? found : noResults(setting);
}

export function writeKept(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}
