import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileName = 'secret';
const secretBytes = 32;

/**
 * The secret from which keys are derived that must not lie in the database: `given` (ATTUNE_SECRET), else the file
 * `secret` in the home folder, which the first start creates. Processes that start at once get the same secret.
 */
export async function readServerSecret(home: string, given: string | null): Promise<Buffer> {
  if (given !== null) return Buffer.from(given);
  const path = join(home, fileName);
  const known = await readIfThere(path);
  if (known !== null) return known;
  await mkdir(home, { recursive: true });
  // Written under another name and then linked: a process that finds the file finds it complete, and the first to link
  // wins.
  const fresh = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(fresh, `${randomBytes(secretBytes).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await chmod(fresh, 0o600);
    await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(fresh);
  }
  return readFile(path);
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
