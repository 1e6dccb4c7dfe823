/** An account of this machine that PostgreSQL runs as when we are root, because it refuses to run as root itself. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Accounts {
  find(name: string): Promise<ServerUser | null>;
  /** Makes a system account without a home or login; null where the machine has no way to. */
  create(name: string): Promise<ServerUser | null>;
}

/** Account number of `nobody` where no such name is listed (a container without /etc/passwd). */
const nobodyId = 65_534;

/**
 * Which account to use: the owner of the data, if there is any; `postgres`, if the machine has it; an account `attune`, found or
 * made; at last `nobody`.
 */
export async function chooseServerUser(
  accounts: Accounts,
  dataOwner: { readonly uid: number; readonly gid: number } | null,
  log: (message: string) => void,
): Promise<ServerUser> {
  if (dataOwner !== null && dataOwner.uid !== 0) return { name: `uid ${dataOwner.uid}`, ...dataOwner };
  for (const name of ['postgres', 'attune']) {
    const found = await accounts.find(name);
    if (found !== null) {
      log(`PostgreSQL refuses to run as root: running it as user ${name}`);
      return found;
    }
  }
  const created = await accounts.create('attune');
  if (created !== null) {
    log('PostgreSQL refuses to run as root: created the system user attune to run it as');
    return created;
  }
  log('PostgreSQL refuses to run as root, and no system user could be created: running it as user nobody');
  return (await accounts.find('nobody')) ?? { name: 'nobody', uid: nobodyId, gid: nobodyId };
}
