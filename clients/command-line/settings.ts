import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CommandError } from './command-error.js';
import type { Surroundings } from './surroundings.js';

const settingsSchema = z.object({
  /** The server of commands that name none. */
  url: z.string().optional(),
  projectSlug: z.string().optional(),
  /** By the server's origin: a key is sent nowhere else. */
  apiKeys: z.record(z.string(), z.string()).default({}),
});

export type Settings = z.infer<typeof settingsSchema>;

/** `ATTUNE_CONFIG`, or `attune/config.json` in the folder that the system has for settings. */
export function settingsPath({ env, homeFolder }: Pick<Surroundings, 'env' | 'homeFolder'>): string {
  if (env.ATTUNE_CONFIG) return env.ATTUNE_CONFIG;
  const folder = env.XDG_CONFIG_HOME || (process.platform === 'win32' && env.APPDATA) || join(homeFolder, '.config');
  return join(folder, 'attune', 'config.json');
}

/** The settings, or those of nobody who has signed in. Throws CommandError where the file is something else. */
export async function readSettings(path: string): Promise<Settings> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw new CommandError('SETTINGS_UNREADABLE', `The settings in ${path} can't be read: ${error.message}`);
  });
  try {
    return settingsSchema.parse(JSON.parse(text));
  } catch {
    throw new CommandError('SETTINGS_UNREADABLE', `${path} does not hold settings of attune.`, 'Mend or remove it.');
  }
}

/** Writes settings that nobody else on the machine can read, whole or not at all. */
export async function writeSettings(path: string, settings: Settings): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  await chmod(partial, 0o600);
  await rename(partial, path);
}
