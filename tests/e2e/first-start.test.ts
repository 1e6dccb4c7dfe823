import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGraphQLClient } from '../support/graphql-client.js';
import { startTestPlatform } from '../support/platform.js';

const keyForm = /attune_[\w-]{43}/g;
/** Reached from elsewhere too, so nothing works without a credential. */
const env = { HOST: '0.0.0.0', ATTUNE_WORKERS: '0' };

test('the first start prints the owner’s key, this once; it does everything, and nothing works without it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'attune-first-'));
  try {
    {
      await using unread = await startTestPlatform({ home, env: { ...env, ATTUNE_OWNER_KEY: 'later' } });
      await unread.process.printed(/Access {4}with an API key only/);
      expect(unread.process.output().match(keyForm)).toBeNull();
    }
    let key: string;
    {
      await using platform = await startTestPlatform({ home, env });
      await platform.process.printed(/Access {4}with an API key only/);
      const keys = platform.process.output().match(keyForm);
      expect(keys).toHaveLength(1);
      key = keys![0];
      await expect(platform.client.request('{ viewer { name } }')).rejects.toThrow('This needs an API key');
      const owner = createGraphQLClient(platform.url, key);
      try {
        expect(
          await owner.request(
            '{ viewer { name administrator } project { viewerScopes baseModels { nodes { name } } } }',
          ),
        ).toEqual({
          viewer: { name: 'owner', administrator: true },
          project: {
            viewerScopes: ['READ', 'TRAIN', 'ANNOTATE', 'ADMINISTER'],
            baseModels: { nodes: [{ name: 'gloss-lm' }, { name: 'use-lite' }] },
          },
        });
      } finally {
        await owner.close();
      }
    }
    await using again = await startTestPlatform({ home, env: { ...env, LOG_LEVEL: 'trace' } });
    await again.process.printed(/Access {4}with an API key only/);
    const owner = createGraphQLClient(again.url, key);
    try {
      // A key that the database has forgotten would be one more; the log at its most talkative has none.
      expect(await owner.request('{ viewer { name } }')).toEqual({ viewer: { name: 'owner' } });
      expect(again.process.output().match(keyForm)).toBeNull();
    } finally {
      await owner.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('a port that is taken is told before anything is made, and with PostgreSQL of one’s own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-taken-'));
  const home = join(folder, 'home');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  try {
    await expect(startTestPlatform({ home, port })).rejects.toThrow(
      /Attune can't start\.\nThe server can't listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)/,
    );
    await expect(stat(home)).rejects.toThrow('ENOENT');
    // Nothing listens at this database: it is not even asked.
    await expect(startTestPlatform({ home, port, databaseUrl: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toThrow(
      'EADDRINUSE',
    );
  } finally {
    taken.close();
    await rm(folder, { recursive: true, force: true });
  }
});
