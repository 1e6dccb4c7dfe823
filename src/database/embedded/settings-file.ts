import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Settings that an embedded server keeps between starts, in `<home>/postgres.json`, which only its owner can read. */
const ServerSettings = z.object({
  /** The password of the superuser `attune`; the server accepts only scram-sha-256 over loopback. */
  password: z.string().min(1),
  /** Null: `<home>/postgres`. Set where the server's user can't enter the home folder. */
  dataFolder: z.string().nullable(),
});
export type ServerSettings = z.infer<typeof ServerSettings>;

const fileOf = (home: string): string => join(home, 'postgres.json');

/** The settings; null before the first start. */
export async function readServerSettings(home: string): Promise<ServerSettings | null> {
  const text = await readFile(fileOf(home), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : ServerSettings.parse(JSON.parse(text));
}

/** Writes settings with a new password. Two simultaneous first starts both get the settings of the faster one. */
export async function createServerSettings(home: string, dataFolder: string): Promise<ServerSettings> {
  const settings: ServerSettings = {
    password: randomBytes(24).toString('base64url'),
    dataFolder: dataFolder === join(home, 'postgres') ? null : dataFolder,
  };
  const partial = `${fileOf(home)}.${process.pid}`;
  await writeFile(partial, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  try {
    // Unlike rename, link never replaces an existing file.
    await link(partial, fileOf(home));
    return settings;
  } catch (error) {
    const first = await readServerSettings(home);
    if (first === null) throw error;
    return first;
  } finally {
    await rm(partial, { force: true });
  }
}
