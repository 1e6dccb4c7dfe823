/**
 * What the platform does beside its work: nothing. It is started as its users start it, with a home folder and a
 * temporary folder of its own, and under strace where there is one, so that it is seen whom it speaks to.
 */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exportModel, importModel, referenceModel, watchImport } from '../support/models.js';
import { startTestPlatform } from '../support/platform.js';
import { allEvents, createTopics, readExperiment, startTopicRun } from '../support/training.js';

const canTrace = works('strace', ['-D', '-f', '--seccomp-bpf', '-o', '/dev/null', process.execPath, '--version']);

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('training, prediction and export speak to nobody but the database and the clients, and leave nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-silence-'));
  // Open to others: as root the database runs as another user, and must get in to lie below the platform's home.
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [home, userHome, temporary, trace] = ['attune', 'user', 'temporary', 'trace'].map((name) => join(folder, name));
  for (const each of [userHome!, temporary!]) await mkdir(each);
  const through = ['strace', '-D', '-f', '--seccomp-bpf', '-s', '200', '-o', trace!];
  const calls = ['-e', 'trace=connect,sendto,sendmsg,sendmmsg,open,openat,creat,mkdir,mkdirat'];
  await using platform = await startTestPlatform({
    home: home!,
    env: { HOME: userHome!, TMPDIR: temporary!, XDG_CACHE_HOME: '', XDG_DATA_HOME: '', XDG_CONFIG_HOME: '' },
    through: canTrace ? [...through, ...calls] : [],
  });
  await work(platform.client);
  expect(await platform.process.end()).toBe(0);

  expect(await readdir(userHome!)).toEqual([]);
  expect(await readdir(temporary!)).toEqual([]);
  if (!canTrace) return;
  const lines = (await readFile(trace!, 'utf8')).split('\n');
  // The trace has seen the training: a tracer that lost the worker would see nothing of it.
  expect(lines.filter((line) => /openat\(.*onnxruntime/.test(line))).not.toEqual([]);
  expect(lines.filter(leavesMachine)).toEqual([]);
  expect(lines.filter((line) => writesOutside(line, [home!, temporary!]))).toEqual([]);
}, 300_000);

async function work(client: Parameters<typeof createTopics>[0]): Promise<void> {
  const imported = await importModel(client, { name: 'tiny', source: { folder: { path: referenceModel('bert') } } });
  let baseModelId: string | null = null;
  for await (const { model } of watchImport(client, imported)) baseModelId = model?.id ?? null;
  const hyperparameters = { epochs: 1, adapter: { lora: { rank: 4 } } };
  const experiment = await startTopicRun(client, await createTopics(client, 60), hyperparameters, { baseModelId });
  await allEvents(client, experiment);
  const { status, model } = await readExperiment(client, experiment);
  expect(status).toBe('SUCCEEDED');
  const prediction = await client.mutate<{ texts: unknown[] }>(
    `mutation ($input: PredictInput!) { predict(input: $input) {
       ... on Prediction { texts { tasks { task } } } ... on Problems { problems { path code message hint } } } }`,
    { modelId: model!.id, texts: ['the soup was wonderful'] },
  );
  expect(prediction.texts).toHaveLength(1);
  expect(await exportModel(client, model!.id, 'ONNX')).toMatchObject({ status: 'SUCCEEDED' });
}

/** Whether a traced call speaks to another machine, or asks for the address of one. */
function leavesMachine(line: string): boolean {
  if (!/ (connect|sendto|sendmsg|sendmmsg)\(/.test(line)) return false;
  const address = /inet_addr\("([^"]+)"\)/.exec(line)?.[1] ?? /inet_pton\(AF_INET6, "([^"]+)"/.exec(line)?.[1];
  // A name server may stand on this machine.
  if (/htons\(53\)/.test(line)) return true;
  return address !== undefined && !/^(127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$)/.test(address);
}

function writesOutside(line: string, folders: readonly string[]): boolean {
  const path = /(?:open|openat|creat|mkdir|mkdirat)\((?:AT_FDCWD, )?"([^"]+)"/.exec(line)?.[1];
  if (path === undefined || line.includes(' = -1 ')) return false;
  if (!/O_WRONLY|O_RDWR|O_CREAT| (creat|mkdir|mkdirat)\(/.test(line)) return false;
  // A relative path is one below the folder that PostgreSQL has gone to: its data, in the platform's home.
  return path.startsWith('/') && ![...folders, '/dev/', '/proc/'].some((folder) => path.startsWith(folder));
}
