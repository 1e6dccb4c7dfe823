import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../src/storage/storage-error.js';

const suffix = '.steps';

/** A preparation that lost its worker is at work again within minutes; a day later it has been given up. */
const givenUpAfterMs = 24 * 60 * 60 * 1000;

/** The folder in which a preparation keeps what its finished steps made. */
export function keptFolderOf(preparationId: string): string {
  return `${preparationId}${suffix}`;
}

/** Removes what preparations kept that no attempt has followed for a day: canceled ones, and those given up. */
export async function removeStaleSteps(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder).catch(orNone<string[]>([]))) {
    if (!name.endsWith(suffix)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(orNone(null));
    if (found !== null && now.getTime() - found.mtimeMs > givenUpAfterMs) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** Another process may have removed it meanwhile. */
function orNone<Value>(none: Value) {
  return (error: unknown): Value => {
    if (systemErrorCode(error) === 'ENOENT') return none;
    throw error;
  };
}
