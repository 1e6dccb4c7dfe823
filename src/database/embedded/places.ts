import { createHash } from 'node:crypto';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseError } from '../errors.js';
import type { ServerUser } from './server-user.js';

/** Where root keeps what a server user must reach and a private home folder hides. The second is for read-only systems. */
export const outsideFolders = ['/var/lib/attune', '/var/tmp/attune'] as const;

/** Whether a user may pass through every folder of an absolute path, by the permission bits. */
export async function canReach(path: string, user: ServerUser): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const allowed = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (allowed === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

/**
 * The folder for the server's data: in the home folder, where the server's user can go there; else outside, under a
 * name made from the home folder's, so that several homes don't meet.
 *
 * home: absolute, without symbolic links.
 */
export async function chooseDataFolder(
  home: string,
  user: ServerUser | null,
  log: (message: string) => void,
): Promise<string> {
  if (user === null || (await canReach(home, user))) return join(home, 'postgres');
  const outside = await outsideFolder(user);
  const folder = join(outside, createHash('sha256').update(home).digest('hex').slice(0, 16), 'postgres');
  log(`User ${user.name} can't enter ${home}: the database is kept in ${folder}`);
  return folder;
}

/** The first of the outside folders that can be had: owned by root, writable by nobody else, open to the server's user. */
export async function outsideFolder(user: ServerUser, candidates: readonly string[] = outsideFolders): Promise<string> {
  const refused: string[] = [];
  for (const folder of candidates) {
    try {
      const made = await mkdir(folder, { recursive: true, mode: 0o755 });
      // mkdir's mode is cut by the umask.
      if (made !== undefined) await chmod(folder, 0o755);
      const { uid, mode } = await stat(folder);
      // Under /var/tmp anyone may have made it first.
      if (uid !== process.getuid?.() || (mode & 0o022) !== 0) refused.push(`${folder}: others may write to it`);
      else if (await canReach(folder, user)) return folder;
      else refused.push(`${folder}: user ${user.name} can't enter it`);
    } catch (error) {
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new DatabaseError(
    'START_FAILED',
    `There is no place for the database that user ${user.name} can reach (${refused.join('; ')}).`,
    'Set ATTUNE_HOME to a folder that every user may enter, or DATABASE_URL to an existing PostgreSQL server.',
  );
}
