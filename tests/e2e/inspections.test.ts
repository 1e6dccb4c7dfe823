import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHub } from '../integration/hugging-face/hub-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { filesOf, importModel, referenceModel, watchImport } from '../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';

/** A model is inspected, imported, and then the same; a licence that the project refuses keeps it out. */

const repository = 'tiny/bert';
let database: TestDatabase;
let home: string;
let platform: TestPlatform;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-inspections-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

const facts = /* GraphQL */ `architecture contextLength hiddenSize vocabularySize
  parameters { total embeddings layers pooler languageModel heads } layers { index name parameterCount }
  tokenizer { kind vocabularySize } allHeads { task kind outputs } pooling truncationSide chatTemplate
  licence licenceVerdict { decision spdxExpression reason } supports { methods objective adapterTargets exports }
  trainingMemory(batchSize: 8, maxLength: 32) { largestWorkerBytes ways { way frozenWeights bytes fits } }`;

interface Inspected {
  readonly problems?: readonly { readonly code: string; readonly message: string }[];
  readonly [fact: string]: unknown;
}

async function inspected(licence: string | null = null): Promise<Inspected> {
  const { inspectBaseModel } = await platform.client.request<{ inspectBaseModel: Inspected }>(
    `query ($input: InspectBaseModelInput!) { inspectBaseModel(input: $input) {
      ... on BaseModelInspection { ${facts} wouldImport problems { code message } }
      ... on Problems { problems { code message } } } }`,
    { input: { source: { hub: { repository } }, licence } },
  );
  return inspectBaseModel;
}

test('what an inspection says of a repository is what its import makes of it', { timeout: 240_000 }, async () => {
  const files = await filesOf(referenceModel('bert'));
  files.set('README.md', Buffer.from('---\nlicense: cc-by-nc-4.0\n---\n'));
  const served = new Map(
    [...files].map(([name, bytes]) => [name, { bytes, isLarge: name === 'model.safetensors' }] as const),
  );
  const hub = await openHub(repository, 'main', served);
  try {
    expect((await inspected()).problems).toMatchObject([{ code: 'WORKER_UNAVAILABLE' }]);
    await using _worker = startTestWorker({ databaseUrl: database.url, home, env: { HF_ENDPOINT: hub.endpoint } });
    await expect.poll(async () => (await inspected()).wouldImport, { timeout: 120_000 }).toBe(true);
    const { wouldImport: _, problems, ...found } = await inspected();
    expect(problems).toEqual([]);
    expect(hub.requests).not.toContain('GET model.safetensors');
    expect((await readdir(home)).includes('downloads')).toBe(false);
    expect((await readdir(join(home, 'ingestion'))).filter((name) => !name.startsWith('.'))).toEqual([]);

    const deny = (entries: readonly string[]) =>
      platform.client.request(
        `mutation ($deny: [String!]!) { setLicencePolicy(input: { deny: $deny }) { __typename } }`,
        { deny: entries },
      );
    await deny(['CC-*-NC-*']);
    expect(await inspected('MIT')).toMatchObject({
      wouldImport: false,
      licence: 'MIT',
      licenceVerdict: { decision: 'DENY', spdxExpression: 'CC-BY-NC-4.0' },
      problems: [{ code: 'LICENCE_DENIED' }],
    });
    const refused = await importModel(platform.client, { name: 'refused', source: { hub: { repository } } });
    const ends = [];
    for await (const state of watchImport(platform.client, refused)) ends.push(state);
    expect(ends.at(-1)).toMatchObject({ status: 'FAILED', problem: { code: 'LICENCE_DENIED' } });
    expect(hub.requests).not.toContain('GET model.safetensors');

    await deny([]);
    const taken = await importModel(platform.client, { name: 'taken', source: { hub: { repository } } });
    for await (const { status, problem } of watchImport(platform.client, taken)) {
      expect([status, problem]).not.toEqual(['FAILED', expect.anything()]);
    }
    const { project } = await platform.client.request<{ project: { baseModel: object } }>(
      `{ project { baseModel(name: "taken") { ${facts} } } }`,
    );
    expect(project.baseModel).toEqual(found);
  } finally {
    await hub.close();
  }
});
