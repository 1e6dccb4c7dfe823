import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPostmaster } from '../../src/database/embedded/postmaster.js';
import { readServerSettings } from '../../src/database/embedded/settings-file.js';
import { startTestPlatform } from '../support/platform.js';
import { createTopics, pointsOf, readExperiment, startTopicRun, watch } from '../support/training.js';

test('the embedded server is killed twice during a run: the API starts it again, worker and subscriber go on', async ({
  onTestFailed,
  signal,
}) => {
  await using platform = await startTestPlatform();
  const breaks: unknown[] = [];
  onTestFailed(() => console.error(platform.process.output().slice(-20_000), breaks.slice(-3)));
  const { client, home } = platform;
  const dataFolder = (await readServerSettings(home))?.dataFolder ?? join(home, 'postgres');
  const topics = await createTopics(client, 200);
  const interrupted = await startTopicRun(client, topics, { epochs: 3 });

  const killed: number[] = [];
  const killAtSteps = [8, 35];
  const seen: number[] = [];
  let status: string | undefined;
  while (status === undefined) {
    signal.throwIfAborted();
    try {
      for await (const event of watch(client, interrupted, seen.at(-1))) {
        seen.push(event.seq);
        const [killAtStep] = killAtSteps;
        if (event.__typename !== 'MetricsRecorded' || killAtStep === undefined || event.step! < killAtStep) continue;
        killAtSteps.shift();
        const { processId } = (await findPostmaster(dataFolder))!;
        killed.push(processId);
        process.kill(processId, 'SIGKILL');
      }
      ({ status } = await readExperiment(client, interrupted));
    } catch (error) {
      // The subscription ended with the server: a client reconnects after its last seq.
      breaks.push(error);
      if (killed.length === 0) throw error;
      const { exitCode, signalCode } = platform.process.child;
      if (exitCode !== null || signalCode !== null) throw new Error('The API has ended.', { cause: error });
      const answer = () => readExperiment(client, interrupted).then(() => 'answers', String);
      await expect.poll(answer, { timeout: 60_000 }).toBe('answers');
    }
  }

  expect(status).toBe('SUCCEEDED');
  expect(new Set(killed).size).toBe(2);
  expect(seen).toEqual(seen.map((_, index) => index + 1));
  const unbroken = await startTopicRun(client, topics, { epochs: 3 });
  for await (const _event of watch(client, unbroken));
  const [broken, whole] = [await readExperiment(client, interrupted), await readExperiment(client, unbroken)];
  expect(broken.model!.digest).toBe(whole.model!.digest);
  expect(pointsOf(broken, 'train/loss').map(({ value }) => value)).toEqual(
    pointsOf(whole, 'train/loss').map(({ value }) => value),
  );
}, 240_000);
