import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { generateSecret, keyOfSecret, signatureHeaders } from '../../../src/outbound/signature.js';
import { freePort } from '../../support/free-port.js';

/** The two programs of docs/webhooks.md, given what Attune signs. */

const secret = generateSecret();
const body = '{"version":1,"type":"ping","data":{}}';

function signed(by = secret, agoSeconds = 0): Record<string, string> {
  const timestampSeconds = Math.floor(Date.now() / 1000) - agoSeconds;
  return signatureHeaders({ id: 'an id', timestampSeconds, body }, [keyOfSecret(by)!]);
}

/** The headers of a delivery, and whether it is to be accepted. */
const deliveries = (): [string, Record<string, string>, boolean][] => {
  const other = signed(generateSecret());
  const rotated = `${other['webhook-signature']} ${signed()['webhook-signature']}`;
  return [
    ['signed', signed(), true],
    ['signed with the old and the new secret', { ...signed(), 'webhook-signature': rotated }, true],
    ['signed with another secret', other, false],
    ['of another id', { ...signed(), 'webhook-id': 'another id' }, false],
    ['of long ago', signed(secret, 600), false],
  ];
};

let programs: readonly string[];
beforeAll(async () => {
  const page = await readFile(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');
  programs = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, program]) => program!);
  expect(programs).toHaveLength(2);
});

test('the receiver takes what is signed, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-receiver-'));
  await symlink(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(folder, 'node_modules'));
  const port = await freePort();
  expect(programs[0]).toContain('.listen(3000)');
  await writeFile(join(folder, 'receiver.mjs'), programs[0]!.replace('.listen(3000)', `.listen(${port}, '127.0.0.1')`));
  const receiver = spawn(process.execPath, ['receiver.mjs'], {
    cwd: folder,
    env: { ...process.env, ATTUNE_WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(receiver, 'exit');
  try {
    await reachable(port, () => receiver.exitCode === null);
    for (const [what, headers, isGood] of deliveries()) {
      const { status } = await fetch(`http://127.0.0.1:${port}/attune`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        body,
      });
      expect(status, what).toBe(isGood ? 204 : 401);
    }
  } finally {
    receiver.kill();
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
});

test('the function that needs no library says the same', async () => {
  const source = `data:text/javascript,${encodeURIComponent(`${programs[1]}\nexport { verify };`)}`;
  const { verify } = await import(/* @vite-ignore */ source);
  for (const [what, headers, isGood] of deliveries()) expect(verify(secret, headers, body), what).toBe(isGood);
  expect(verify(secret, signed(), `${body} `)).toBe(false);
});

/** Waits until something listens on the port. */
async function reachable(port: number, isRunning: () => boolean): Promise<void> {
  while (isRunning()) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answered !== null) return answered.body?.cancel();
  }
  throw new Error('The receiver ended before it listened.');
}
