import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { follow } from '../../bench/chaos/follow.js';
import { createTestDatabase } from '../support/database.js';
import { importReference } from '../support/models.js';
import { startTestPlatform, startTestWorker } from '../support/platform.js';
import { createTopics, firstEvent, readExperiment, startTopicRun } from '../support/training.js';

test('one of two APIs is killed under its subscribers: they go on at the other, and a repeated mutation counts once', async () => {
  await using database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), 'attune-two-apis-'));
  try {
    await using killed = await startTestPlatform({ home, databaseUrl: database.url });
    await using other = await startTestPlatform({ home, databaseUrl: database.url });
    const topics = await createTopics(killed.client, 200);
    await using _worker = startTestWorker({ databaseUrl: database.url, home });
    const baseModelId = await importReference(killed.client, 'bert-bare');
    // 600 steps, in some seconds.
    const training = { epochs: 30, checkpointEverySteps: 20 };
    const run = await startTopicRun(killed.client, topics, training, { baseModelId });
    const apis = [killed, other];
    const followers = (['WebSocket', 'SSE'] as const).flatMap((transport) =>
      [0, 0, 1].map((first) => follow({ apis }, run, transport, first, AbortSignal.timeout(110_000))),
    );
    await firstEvent(other.client, run, (event) => event.__typename === 'MetricsRecorded' && event.step! >= 20);

    // The answer never arrives, whether the mutation took effect or not.
    const once = { baseModelId, name: 'asked twice', idempotencyKey: 'asked twice', priority: -1 };
    const lost = startTopicRun(killed.client, topics, training, once).catch(() => null);
    await killed.process.end('SIGKILL');
    await lost;
    const asked = await startTopicRun(other.client, topics, training, once);
    expect(await startTopicRun(other.client, topics, training, once)).toBe(asked);

    await Promise.all(followers.map(({ finished }) => finished));
    expect((await readExperiment(other.client, run)).status).toBe('SUCCEEDED');
    const [{ seqs }] = followers as [(typeof followers)[number]];
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    for (const each of followers) expect(each.seqs).toEqual(seqs);
    expect(followers.map(({ reconnects }) => reconnects() > 0)).toEqual([true, true, false, true, true, false]);
    const { project } = await other.client.request<{ project: { experiments: { nodes: { name: string }[] } } }>(
      '{ project { experiments { nodes { name } } } }',
    );
    expect(project.experiments.nodes.map(({ name }) => name).sort()).toEqual(['asked twice', 'topics']);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);
