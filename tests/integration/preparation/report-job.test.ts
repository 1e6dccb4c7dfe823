import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { createJobResults } from '../../../src/events/job-results.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import { ReportedFacts, type ReportJob } from '../../../src/protocol/preparation/report-job.js';
import { PersonalDataSearch, usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import type { Query } from '../../../src/protocol/sql/query.js';
import { type DatasetRoom, openDatasetRoom } from '../../support/dataset-room.js';
import { fromFolder, openWorkshop } from '../hugging-face/import-tools.js';

let room: DatasetRoom;
let query: Query;
beforeAll(async () => {
  room = await openDatasetRoom();
  query = poolQuery(room.dataSource);
});
afterAll(() => room.close());

const csv = [
  'text,label',
  ...Array.from({ length: 60 }, (_, i) => `${i % 2 === 0 ? 'A sunny day' : 'A rainy night'} number ${i},${i % 2}`),
  'write to anna.lind@lindgren-bygg.se,0',
  'a sunny day number 0 ,0',
].join('\n');

async function versionOf(content: string) {
  const datasetId = await room.create({ uploadId: await room.send(content) });
  const [version] = await room.versionsOf(datasetId);
  return version!;
}

/** Queues a report, waits for its end, and returns its row. */
async function report(request: Partial<ReportJob> & Pick<ReportJob, 'version'>, versionId: string) {
  const id = randomUUID();
  const payload: ReportJob = {
    kind: 'report',
    reportId: id,
    comparedWith: null,
    key: [],
    modelDigest: null,
    maxLength: null,
    featureModel: null,
    personalData: PersonalDataSearch.parse(usualScan),
    fewExamples: 10,
    readRows: 1000,
    encodedRows: 1000,
    mostNearRows: 1000,
    seed: 1,
    ...request,
  };
  await query(
    `INSERT INTO dataset_reports (id, project_id, dataset_version_id, request, status) VALUES ($1, $2, $3, $4, 'QUEUED')`,
    [id, room.projectId, versionId, JSON.stringify(payload)],
  );
  await enqueueJob(query, { id, projectId: room.projectId, payload });
  await createJobResults({ query, pollIntervalMs: 15 }).wait(id, 60_000);
  const [row] = await query<{ status: string; facts: unknown; problem: { code: string; path: string[] } | null }>(
    'SELECT status, facts, problem FROM dataset_reports WHERE id = $1',
    [id],
  );
  return row!;
}

const roles: ReportJob['version']['roles'] = [
  { column: 'text', role: 'TEXT', source: 'SAID' },
  { column: 'label', role: 'LABEL', source: 'SAID' },
];

describe('a report', () => {
  it('is made by the data lane and kept in its row', async () => {
    const version = await versionOf(csv);
    const { status, facts } = await report({ version: { digest: version.digest, roles } }, version.id);
    expect(status).toBe('SUCCEEDED');
    const { report: found, comparison } = ReportedFacts.parse(facts);
    expect(comparison).toBeNull();
    expect(found).toMatchObject({ rows: 62, readRows: 62, labels: [{ column: 'label', classes: 2 }] });
    const codes = found?.findings.map(({ code }) => code);
    expect(codes).toContain('PERSONAL_DATA');
    expect(codes).toContain('NORMALIZED_DUPLICATES');
    expect(codes).toContain('WORD_GIVES_LABEL_AWAY');
  });

  it('measures texts in the tokens of a model', async () => {
    const workshop = await openWorkshop();
    const folder = fileURLToPath(new URL('../../numerics/reference/masked/bert', import.meta.url));
    const { digest } = await importModel(fromFolder(folder), { ...workshop.tools, store: room.store });
    await workshop.close();
    const version = await versionOf('text\nmy transfer was for the card\n龘\n');
    const { status, facts } = await report(
      { version: { digest: version.digest, roles: [roles[0]!] }, modelDigest: digest, maxLength: 4 },
      version.id,
    );
    expect(status).toBe('SUCCEEDED');
    const { report: found } = ReportedFacts.parse(facts);
    const { tokenizer, weights } = await loadModel(room.store, digest);
    await weights.close();
    const options = { maxLength: 100, truncationSide: 'right' } as const;
    const lengths = ['my transfer was for the card', '龘'].map(
      (text) => tokenizer.encodeIds(text, null, options).ids.length,
    );
    const tokens = found?.lengths.filter(({ unit }) => unit === 'TOKENS');
    expect(tokens?.reduce((sum, { mean, texts }) => sum + mean * texts, 0)).toBeCloseTo(lengths[0]! + lengths[1]!, 9);
    const long = await versionOf('text\nmy transfer was for the card\n');
    const request = { version: { digest: long.digest, roles: [roles[0]!] }, modelDigest: digest, maxLength: 4 };
    const truncated = ReportedFacts.parse((await report(request, long.id)).facts).report?.findings.filter(
      ({ code }) => code === 'MOST_TEXTS_TRUNCATED',
    );
    // A step that dropped what is cut off would drop most of the split.
    expect(truncated).toMatchObject([{ count: 1, suggestedStep: null }]);
    expect(tokens?.map(({ truncation }) => truncation?.maxLength)).toContain(4);
    expect(found?.vocabulary?.unknownWords).toEqual([{ word: '龘', count: 1 }]);
  });

  it('compares a version with another one', async () => {
    const before = await versionOf(csv);
    const after = await versionOf(csv.replace('A sunny day number 2,0', 'A sunny day number 2,1').concat('\nnew,1'));
    const { status, facts } = await report(
      { version: { digest: after.digest, roles }, comparedWith: { digest: before.digest, roles }, key: ['text'] },
      after.id,
    );
    expect(status).toBe('SUCCEEDED');
    const { comparison } = ReportedFacts.parse(facts);
    expect(comparison?.rows).toMatchObject({ added: 1, removed: 0, changed: 1, unchanged: 61 });
    // Nearly all texts are in both.
    expect(comparison?.embeddings?.classifierAuc).toBeCloseTo(0.5, 1);
  });

  it('fails where the file of its version is gone', async () => {
    const version = await versionOf(csv);
    const { status, problem } = await report({ version: { digest: '0'.repeat(64), roles } }, version.id);
    expect(status).toBe('FAILED');
    expect(problem).toMatchObject({ code: 'MISSING_ARTIFACT', path: ['datasetVersionId'] });
  });
});
