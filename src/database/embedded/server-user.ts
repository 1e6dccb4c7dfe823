/** A machine account that PostgreSQL runs as when this process is root, because PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Accounts {
  find(name: string): Promise<ServerUser | null>;
  /** Creates a system account without a home folder or login; null where the machine has no program for that. */
  create(name: string): Promise<ServerUser | null>;
}

/** User id of `nobody` where the name is not listed (a container without /etc/passwd). */
const nobodyId = 65_534;

/**
 * The account to use: the owner of the data, if there are data; else `postgres`, if the machine has it; else an account
 * `attune`, found or created; else `nobody`.
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
