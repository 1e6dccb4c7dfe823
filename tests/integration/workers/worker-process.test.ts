import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isRunning } from '../../../src/database/embedded/postmaster.js';
import { superviseWorkers, workerEnvironment } from '../../../src/workers/worker-process.js';

const script = fileURLToPath(new URL('../../support/fickle-worker.mjs', import.meta.url));
const supervisor = fileURLToPath(new URL('../../support/supervise.mjs', import.meta.url));

/** Lines as they come; `next` resolves with the next one that was not taken yet. */
function lines(): { readonly push: (line: string) => void; next(): Promise<string> } {
  const waiting: string[] = [];
  let arrived: () => void = () => undefined;
  return {
    push(line) {
      waiting.push(line);
      arrived();
    },
    async next() {
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
      return waiting.shift() ?? '';
    },
  };
}

const processIdIn = (line: string): number => Number(line.replace('ready ', ''));

function supervise(role: string, count = 1) {
  const output = lines();
  const log = lines();
  const workers = superviseWorkers({
    count,
    script,
    env: { ...process.env, ROLE: role },
    writeLine: output.push,
    log: log.push,
  });
  return { workers, output, log };
}

test('a worker that dies is started again, after a pause that grows', async () => {
  const { workers, output, log } = supervise('crash');
  const first = processIdIn(await output.next());
  expect(await log.next()).toBe(`Worker process ${first} ended (exit code 3): starting another in 500 ms`);
  const second = processIdIn(await output.next());
  expect(second).not.toBe(first);
  expect(await log.next()).toBe(`Worker process ${second} ended (exit code 3): starting another in 1000 ms`);
  await workers.stop();
});

test('how a worker ended is told, unless it was asked to stop', async () => {
  const output = lines();
  const endings = lines();
  const onEnded = (processId: number, ending: object) => endings.push(JSON.stringify({ processId, ...ending }));
  const options = { count: 1, script, writeLine: output.push, log: () => undefined, onEnded };
  const crashing = superviseWorkers({ ...options, env: { ...process.env, ROLE: 'crash' } });
  const crashed = processIdIn(await output.next());
  expect(JSON.parse(await endings.next())).toEqual({ processId: crashed, kind: 'exit', code: 3 });
  await crashing.stop();
  const staying = superviseWorkers({ ...options, env: { ...process.env, ROLE: 'stay' } });
  const killed = processIdIn(await output.next());
  process.kill(killed, 'SIGKILL');
  expect(JSON.parse(await endings.next())).toEqual({ processId: killed, kind: 'signal', signal: 'SIGKILL' });
  // Another is there; its end by the supervisor is no loss.
  await output.next();
  await staying.stop();
  endings.push('nothing');
  expect(await endings.next()).toBe('nothing');
});

test('a worker has what it needs, and no secret of the API', async () => {
  const output = lines();
  const given = {
    ...process.env,
    ROLE: 'stay',
    ATTUNE_SECRET: 'sealing',
    OIDC_CLIENT_SECRET: 'client',
    HF_TOKEN: 'hub',
  };
  const env = workerEnvironment(given, { DATABASE_URL: 'postgres://localhost/attune' });
  const workers = superviseWorkers({ count: 1, script, env, writeLine: output.push, log: () => undefined });
  const processId = processIdIn(await output.next());
  const environment = await readFile(`/proc/${processId}/environ`, 'utf8');
  expect(environment).toContain('DATABASE_URL=postgres://localhost/attune');
  expect(environment).toContain('HF_TOKEN=hub');
  expect(environment).not.toMatch(/ATTUNE_SECRET|OIDC_CLIENT_SECRET/);
  await workers.stop();
});

test('a worker that is killed is replaced', async () => {
  const { workers, output, log } = supervise('stay');
  const first = processIdIn(await output.next());
  process.kill(first, 'SIGKILL');
  expect(await log.next()).toContain('(SIGKILL)');
  expect(processIdIn(await output.next())).not.toBe(first);
  await workers.stop();
});

test('stop lets every worker give its jobs back and waits for it', async () => {
  const { workers, output } = supervise('stay', 2);
  const started = [processIdIn(await output.next()), processIdIn(await output.next())];

  await workers.stop();

  expect([await output.next(), await output.next()]).toEqual(['gave everything back', 'gave everything back']);
  expect(started.some(isRunning)).toBe(false);
});

test('no worker outlives the process that started it, however that ends', async () => {
  const parent = fork(supervisor, [script]);
  const [line] = (await once(parent, 'message')) as [string];
  const worker = processIdIn(line);
  expect(isRunning(worker)).toBe(true);

  parent.kill('SIGKILL');
  await once(parent, 'exit');

  while (await isAlive(worker));
});

/** Its parent is gone, so where nothing reaps orphans it stays listed, as a zombie. */
async function isAlive(processId: number): Promise<boolean> {
  if (!isRunning(processId)) return false;
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => null);
  return status === null ? isRunning(processId) && process.platform !== 'linux' : !/^State:\s+Z/m.test(status);
}
