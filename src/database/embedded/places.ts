import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../protocol/message-of.js';
import { sha256Hex } from '../../protocol/sha256-hex.js';
import { DatabaseError } from '../errors.js';
import type { ServerUser } from './server-user.js';

/**
 * Folders outside root's private home folder, for data that the server's user must reach. The second is for read-only
 * systems.
 */
const outsideFolders = ['/var/lib/attune', '/var/tmp/attune'] as const;

/** Whether the permission bits let a user pass through every folder of an absolute path. */
export async function canReach(path: string, user: ServerUser): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const allowed = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (allowed === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

/**
 * The folder for the server's data: inside the home folder if the server's user can enter it; else outside, under a
 * name derived from the home folder's path, so that several homes don't collide.
 *
 * @param home absolute, without symbolic links
 */
export async function chooseDataFolder(
  home: string,
  user: ServerUser | null,
  log: (message: string) => void,
): Promise<string> {
  if (user === null || (await canReach(home, user))) return join(home, 'postgres');
  const outside = await outsideFolder(user);
  const folder = join(outside, sha256Hex(home).slice(0, 16), 'postgres');
  log(`User ${user.name} can't enter ${home}: the database is stored in ${folder}`);
  return folder;
}

/** The first usable outside folder: owned by root, writable by nobody else, and open to the server's user. */
export async function outsideFolder(user: ServerUser, candidates: readonly string[] = outsideFolders): Promise<string> {
  const refused: string[] = [];
  for (const folder of candidates) {
    try {
      const made = await mkdir(folder, { recursive: true, mode: 0o755 });
      // The umask reduces mkdir's mode.
      if (made !== undefined) await chmod(folder, 0o755);
      const { uid, mode } = await stat(folder);
      // Under /var/tmp any user may have created the folder before.
      if (uid !== process.getuid?.() || (mode & 0o022) !== 0) refused.push(`${folder}: others may write to it`);
      else if (await canReach(folder, user)) return folder;
      else refused.push(`${folder}: user ${user.name} can't enter it`);
    } catch (error) {
      refused.push(messageOf(error));
    }
  }
  throw new DatabaseError(
    'START_FAILED',
    `There is no place for the database that user ${user.name} can reach (${refused.join('; ')}).`,
    'Set ATTUNE_HOME to a folder that every user may enter, or DATABASE_URL to an existing PostgreSQL server.',
  );
}
