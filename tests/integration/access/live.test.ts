import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { insertKey, insertProject, insertUser, type TestKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment, type TestExperiment } from '../../support/runs.js';

let api: TestApi;
let experiment: TestExperiment;
beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  experiment = await createTestExperiment(api, { name: 'watched' });
});
afterAll(() => api?.close());

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

/** A raw connection: what the server sends, in order, and how it ends. */
async function connect(init: Record<string, unknown>, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as Message);
    for (const look of waiting) look();
  });
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: init }));
  return {
    closed,
    subscribe(query: string) {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    },
    received: (type: string) =>
      new Promise<Message>((resolve) => {
        const look = () => {
          const found = messages.find((message) => message.type === type);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    end: () => socket.terminate(),
  };
}

const bearer = ({ secret }: TestKey) => ({ authorization: `Bearer ${secret}` });
const watching = () => `subscription { experimentEvents(experimentId: "${experiment.id}") {
  ... on StatusChanged { to } } }`;

/** A member who has seen the first event and waits for more. */
async function watcher(role: 'VIEWER' | 'OWNER' = 'VIEWER', options: { expiresInSeconds?: number } = {}) {
  const userId = await insertUser(api.dataSource, `u${Math.random().toString(36).slice(2)}`, {
    roles: { [api.projectId]: role },
  });
  const key = await insertKey(api.dataSource, userId, options);
  const connection = await connect(bearer(key));
  await connection.received('connection_ack');
  connection.subscribe(watching());
  await connection.received('next');
  return { userId, key, connection };
}

describe('a connection', () => {
  test('needs a credential: 4403 without, or with a bad one', async () => {
    expect(await (await connect({})).closed).toBe(4403);
    expect(await (await connect({ authorization: 'Bearer attune_x' })).closed).toBe(4403);
  });

  test('takes it from the parameters, or from the header of the handshake', async () => {
    const key = await insertKey(api.dataSource, await insertUser(api.dataSource, 'headers'));
    const connection = await connect({}, bearer(key));
    await connection.received('connection_ack');
    connection.end();
  });

  test('ends with 4403 when its key is revoked, though nothing happens in the subscription', async () => {
    const { key, connection } = await watcher();
    await api.dataSource.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [key.id]);
    expect(await connection.closed).toBe(4403);
  });

  test('ends with 4403 when its user is deactivated', async () => {
    const { userId, connection } = await watcher();
    await api.dataSource.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [userId]);
    expect(await connection.closed).toBe(4403);
  });

  test('ends with 4403 when its key expires', async () => {
    const { connection } = await watcher('VIEWER', { expiresInSeconds: 4 });
    expect(await connection.closed).toBe(4403);
  });
});

describe('a subscription', () => {
  test('ends with FORBIDDEN when the membership ends; the connection stays', async () => {
    const { userId, connection } = await watcher();
    await api.dataSource.query('DELETE FROM members WHERE user_id = $1', [userId]);
    expect(await connection.received('error')).toMatchObject({ payload: [{ extensions: { code: 'FORBIDDEN' } }] });
    connection.end();
  });

  test('goes on when the role changes to another one that may read', async () => {
    const { userId, connection } = await watcher('OWNER');
    const outsider = await watcher();
    await api.dataSource.query(`UPDATE members SET role = 'VIEWER' WHERE user_id = $1`, [userId]);
    // The second change is announced after the first: when it has taken effect, the first has.
    await api.dataSource.query('DELETE FROM members WHERE user_id = $1', [outsider.userId]);
    await outsider.connection.received('error');
    connection.subscribe('{ viewer { name } }');
    const ended = await Promise.race([connection.received('error'), connection.received('next')]);
    expect(ended.type).toBe('next');
    connection.end();
    outsider.connection.end();
  });

  test('of another project is refused as if there were no such experiment', async () => {
    const otherId = await insertProject(api.dataSource, 'elsewhere');
    const key = await insertKey(
      api.dataSource,
      await insertUser(api.dataSource, 'far', { roles: { [otherId]: 'OWNER' } }),
    );
    const connection = await connect(bearer(key));
    await connection.received('connection_ack');
    connection.subscribe(watching());
    expect(await connection.received('next')).toMatchObject({
      payload: { errors: [{ message: 'There is no experiment with this id.', extensions: { code: 'NOT_FOUND' } }] },
    });
    connection.end();
  });
});
