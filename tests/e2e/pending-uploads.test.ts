import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';

/** A page that sends a file, and is loaded again in the middle: it finds its upload and goes on, at another server. */

const problems = '... on Problems { problems { path code } }';

let database: TestDatabase;
let home: string;
let first: TestPlatform;
let second: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-pending-'));
  first = await startTestPlatform({ home, databaseUrl: database.url });
  second = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
});
afterAll(async () => {
  await worker?.end();
  await first?.[Symbol.asyncDispose]();
  await second?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

interface Pending {
  readonly id: string;
  readonly url: string;
  readonly fileName: string;
  readonly format: string;
  readonly status: string;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  readonly receivedBytes: number;
}

async function pending(platform: TestPlatform, args = ''): Promise<{ totalCount: number; nodes: Pending[] }> {
  const { project } = await platform.client.request<{
    project: { pendingUploads: { totalCount: number; nodes: Pending[] } };
  }>(
    `{ project(slug: "default") { pendingUploads${args} { totalCount
         nodes { id url fileName format status sizeBytes sha256 receivedBytes } } } }`,
  );
  return project.pendingUploads;
}

const create = (input: object) =>
  first.client.mutate<Pending>(
    `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
       ... on Upload { id url fileName format status sizeBytes sha256 receivedBytes } ${problems} } }`,
    { format: 'CSV', ...input },
  );

async function versionOf(uploadId: string, name: string): Promise<{ digest: string; exampleCount: number }> {
  const { latest } = await second.client.mutate<{ latest: { digest: string; exampleCount: number } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { digest exampleCount } } ${problems} } }`,
    { name, uploadId },
  );
  return latest;
}

const file = Buffer.from(
  `text,label\n${Array.from({ length: 50_000 }, (_, row) => `the text of row ${row},${row % 2}\n`).join('')}`,
);
const sha256 = createHash('sha256').update(file).digest('hex');

test('an upload that was cut is found by its file, and goes on at another server', async () => {
  const created = await create({ fileName: 'mails.csv', sizeBytes: file.length, sha256 });
  const told = { fileName: 'mails.csv', format: 'CSV', status: 'WAITING', sizeBytes: file.length, sha256 };
  expect(created).toMatchObject({ ...told, receivedBytes: 0 });
  await create({ fileName: 'other.csv', sizeBytes: file.length });

  const cut = httpRequest(new URL(created.url, first.url), {
    method: 'PATCH',
    headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
  });
  cut.on('error', () => undefined);
  cut.write(file.subarray(0, 100_000), () => cut.destroy());

  // The page knows nothing but its file.
  const found = async () =>
    (await pending(second)).nodes.find(
      (each) => each.fileName === 'mails.csv' && each.sizeBytes === file.length && each.sha256 === sha256,
    )!;
  await expect.poll(async () => (await found()).receivedBytes, { timeout: 30_000 }).toBeGreaterThan(0);
  const upload = await found();
  expect(upload).toMatchObject({ ...told, id: created.id });
  expect(upload.receivedBytes).toBeLessThanOrEqual(100_000);
  const response = await fetch(new URL(upload.url, second.url), {
    method: 'PATCH',
    headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(upload.receivedBytes) },
    body: file.subarray(upload.receivedBytes),
  });
  expect([response.status, response.headers.get('upload-offset')]).toEqual([204, String(file.length)]);

  // A page that is loaded again now finds that its file has arrived.
  expect(await found()).toMatchObject({ status: 'RECEIVED', receivedBytes: file.length });
  const version = await versionOf(upload.id, 'in parts');
  expect(version.exampleCount).toBe(50_000);
  const atOnce = await create({ fileName: 'mails.csv' });
  await first.client.upload(atOnce.url, new Uint8Array(file));
  expect(await versionOf(atOnce.id, 'at once')).toEqual(version);
  expect((await pending(first)).nodes.map(({ fileName }) => fileName)).toEqual(['other.csv']);
});

test('the list has pages, and a canceled upload is gone', async () => {
  for (const name of ['a.csv', 'b.csv', 'c.csv']) await create({ fileName: name });
  const { totalCount, nodes } = await pending(first, '(first: 2)');
  expect([totalCount, nodes.map(({ fileName }) => fileName)]).toEqual([4, ['c.csv', 'b.csv']]);
  const cancel = (uploadId: string) =>
    first.client.mutate<{ uploadId: string }>(
      `mutation ($input: UploadActionInput!) { cancelUpload(input: $input) { ... on CanceledUpload { uploadId } ${problems} } }`,
      { uploadId },
    );
  expect(await cancel(nodes[0]!.id)).toEqual({ uploadId: nodes[0]!.id });
  expect((await pending(first)).totalCount).toBe(3);
  expect((await fetch(new URL(nodes[0]!.url, first.url), { method: 'HEAD' })).status).toBe(404);
  await expect(cancel(nodes[0]!.id)).rejects.toThrow();
});

test('a signature opens its own upload alone, and only until its time', async () => {
  const [one, other] = (await pending(first)).nodes;
  const { search } = new URL(one!.url, first.url);
  const head = async (url: URL) => (await fetch(url, { method: 'HEAD' })).status;
  expect(await head(new URL(one!.url, first.url))).toBe(200);
  expect(await head(new URL(`${new URL(other!.url, first.url).pathname}${search}`, first.url))).toBe(404);
  const prolonged = one!.url.replace(/expires=(\d+)/, (_, seconds: string) => `expires=${Number(seconds) + 1}`);
  expect(await head(new URL(prolonged, first.url))).toBe(404);
});

interface Key {
  readonly id: string;
  readonly secret: string;
  readonly userId: string;
}

/** A key of a new member. */
async function keyOf(role: string, email = `${role.toLowerCase()}@example.com`): Promise<Key> {
  const { client } = first;
  const { user } = await client.mutate<{ user: { id: string } }>(
    `mutation ($input: AddMemberInput!) { addMember(input: $input) { ... on Member { user { id } } ${problems} } }`,
    { email, role },
  );
  const { secret, apiKey } = await client.mutate<{ secret: string; apiKey: { id: string } }>(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
       ... on CreatedApiKey { secret apiKey { id } } ${problems} } }`,
    { name: role, userId: user.id, projectSlug: 'default', scopes: role === 'VIEWER' ? ['READ'] : ['READ', 'TRAIN'] },
  );
  return { id: apiKey.id, secret, userId: user.id };
}

test('they are those of the viewer, who may send data', async () => {
  const listed = async (role: string) => {
    const response = await fetch(new URL('/graphql', first.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${(await keyOf(role)).secret}` },
      body: JSON.stringify({ query: '{ project(slug: "default") { pendingUploads { totalCount } } }' }),
    });
    return response.json();
  };
  expect(await listed('MAINTAINER')).toEqual({ data: { project: { pendingUploads: { totalCount: 0 } } } });
  expect(await listed('VIEWER')).toMatchObject({
    data: { project: { pendingUploads: null } },
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
});

describe('the URL of an upload ends', () => {
  /** What a key is given: the secret of createUpload, and the signature of pendingUploads. */
  async function urlsOf({ secret }: Key): Promise<[created: string, listed: string]> {
    const response = await fetch(new URL('/graphql', first.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({
        query: `mutation { createUpload(input: { projectSlug: "default", fileName: "k.csv", format: CSV, sizeBytes: 9 }) { ... on Upload { url } } }`,
      }),
    });
    const { data } = (await response.json()) as { data: { createUpload: { url: string } } };
    const list = await fetch(new URL('/graphql', first.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query: '{ project(slug: "default") { pendingUploads { nodes { url } } } }' }),
    });
    const { data: listed } = (await list.json()) as {
      data: { project: { pendingUploads: { nodes: { url: string }[] } } };
    };
    return [data.createUpload.url, listed.project.pendingUploads.nodes[0]!.url];
  }

  const send = async (url: string, method: 'HEAD' | 'PATCH' | 'PUT' | 'DELETE', startByte = 0) => {
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(startByte) };
    const body = method === 'PATCH' ? { headers, body: 'a,b' } : method === 'PUT' ? { body: 'a,b\n1,2\n' } : {};
    return (await fetch(new URL(url, second.url), { method, ...body })).status;
  };

  async function expectEnded(urls: readonly string[]): Promise<void> {
    for (const url of urls) {
      for (const method of ['HEAD', 'PATCH', 'PUT', 'DELETE'] as const) {
        expect([method, await send(url, method, 3)]).toEqual([method, 403]);
      }
    }
  }

  test('with the API key that it was given to, between two parts', async () => {
    const key = await keyOf('MAINTAINER', 'revoked@example.com');
    const urls = await urlsOf(key);
    expect(await send(urls[0], 'PATCH')).toBe(204);
    expect(await send(urls[1], 'HEAD')).toBe(200);
    expect(await send(urls[1].replace(/holder=[^&]*&/, ''), 'HEAD')).toBe(404);
    await first.client.mutate(
      `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ${problems} } }`,
      { apiKeyId: key.id },
    );
    await expectEnded(urls);
  });

  test('with the right of its user to send data', async () => {
    const key = await keyOf('MAINTAINER', 'demoted@example.com');
    const urls = await urlsOf(key);
    expect(await send(urls[0], 'PATCH')).toBe(204);
    await first.client.mutate(
      `mutation ($input: ChangeMemberRoleInput!) { changeMemberRole(input: $input) { __typename ${problems} } }`,
      { userId: key.userId, role: 'VIEWER' },
    );
    await expectEnded(urls);
  });
});
