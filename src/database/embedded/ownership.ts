import pg from 'pg';

/**
 * The owner of an embedded server is the process that holds this advisory lock in it. The server releases the lock when
 * the owner's connection ends, for whatever reason: so a killed owner leaves nothing stale behind, and two processes
 * never own a server both.
 */
const ownerLock = { space: 0x4154_544e, key: 1 } as const;

export interface Owner {
  readonly processId: number;
  readonly since: Date;
  /** The URL that the owner serves; null until it serves one. */
  readonly url: string | null;
}

export interface Ownership {
  /** Tells other starts which URL this process serves. */
  announce(url: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes ownership, or finds the present owner. `onLost` is called once if the connection that holds the lock ends by
 * itself.
 */
export async function takeOwnership(
  url: string,
  onLost: (error: Error) => void,
): Promise<{ readonly owned: Ownership } | { readonly heldBy: Owner }> {
  const client = new pg.Client({ connectionString: url, application_name: applicationName(null), keepAlive: true });
  let released = false;
  const lose = (error: Error): void => {
    if (released) return;
    released = true;
    onLost(error);
  };
  const connecting = client.connect();
  client.on('error', lose);
  await connecting;
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', [
    ownerLock.space,
    ownerLock.key,
  ]);
  if (rows[0]?.taken === true) {
    client.on('end', () => lose(new Error('The connection to the server ended.')));
    return {
      owned: {
        async announce(servedAt) {
          await client.query("SELECT set_config('application_name', $1, false)", [applicationName(servedAt)]);
        },
        async release() {
          released = true;
          await client.end();
        },
      },
    };
  }
  released = true;
  const heldBy = await readOwner(client).finally(() => client.end());
  // The owner may have gone between the two statements: then try again.
  return heldBy === null ? takeOwnership(url, onLost) : { heldBy };
}

/** The server keeps at most 63 bytes of the name. */
function applicationName(url: string | null): string {
  return `attune ${process.pid} ${url ?? ''}`.trimEnd();
}

async function readOwner(client: pg.Client): Promise<Owner | null> {
  const { rows } = await client.query<{ application_name: string; backend_start: Date }>(
    `SELECT a.application_name, a.backend_start
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.classid = $1::int8::oid AND l.objid = $2::int8::oid AND l.granted`,
    [ownerLock.space, ownerLock.key],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [, processId, url] = row.application_name.split(' ');
  return { processId: Number(processId), since: row.backend_start, url: url ?? null };
}
