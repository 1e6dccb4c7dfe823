import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { registerBundledBaseModels } from '../../../src/models/register-bundled.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
let availableBytes = Number.POSITIVE_INFINITY;
beforeAll(async () => {
  room = await openPreparationRoom({ availableBytes: () => availableBytes });
});
afterAll(() => room[Symbol.asyncDispose]());

const rows = Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? 'A sunny day' : 'A rainy night'} ${i},${i % 2},web`);
const csv = ['text,label,source', ...rows, 'a sunny day 0 ,0,web'].join('\n');

const problems = '... on Problems { problems { path code message hint } }';
const fields = /* GraphQL */ `id status features featureModel { id } stage problem { code } datasetVersion { id } comparedWith { id }
  facts { rows readRows splits { split rows } columns { column role missing { split missing blank } }
    labels { column split classes ratio counts { label count } }
    lengths { columns unit texts quantiles { at length } histogram { from to texts } }
    vocabulary { tokensPerWord } duplicates { kind split other rows share }
    findings { code severity message explanation columns splits count share
      examples { row otherRow excerpt detail }
      suggestedStep { kind maskPersonalData { kinds phoneRegions leastConfidence } } } }
  comparison { rowsBefore rowsAfter rows { added removed changed firstChanged { row values { column before after } } }
    columns { added } labels { column test { p cramersV } } lengths { test { statistic p } }
    embeddings { classifierAuc } }`;

interface Report {
  readonly id: string;
  readonly status: string;
  readonly features: string;
  readonly featureModel: { readonly id: string } | null;
  readonly datasetVersion: { readonly id: string };
  readonly comparedWith: { readonly id: string } | null;
  readonly facts: {
    readonly rows: number;
    readonly findings: readonly {
      readonly code: string;
      readonly examples: readonly { readonly row: string; readonly detail: string | null }[];
      readonly suggestedStep: { readonly kind: string; readonly maskPersonalData: object | null } | null;
    }[];
  } | null;
  readonly comparison: { readonly rows: Record<string, unknown> } | null;
}

async function version(content: string) {
  const upload = await room.upload(content);
  return room.prepare({ name: `reported ${content.length}`, sources: [{ upload: { uploadId: upload } }] });
}

/** Asks for a report or a comparison, and follows it to its end. */
async function ask(mutation: string, type: string, input: Record<string, unknown>): Promise<Report> {
  const answer = await room.api.request<Record<string, { id?: string; problems?: unknown }>>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { ... on DatasetReport { id } ${problems} } }`,
    { input },
  );
  const { id } = answer[mutation]!;
  if (id === undefined) throw new Error(JSON.stringify(answer));
  for (;;) {
    const { node } = await room.api.request<{ node: Report }>(
      `query ($id: ID!) { node(id: $id) { ... on DatasetReport { ${fields} } } }`,
      { id },
    );
    if (node.status !== 'QUEUED' && node.status !== 'RUNNING') return node;
  }
}

describe('the graph', () => {
  it('reports on a version, with steps that can be applied as they are', async () => {
    const { id } = await version(csv);
    const roles = [
      { column: 'text', role: 'TEXT' },
      { column: 'label', role: 'LABEL' },
    ];
    const report = await ask('reportDataset', 'ReportDatasetInput', { datasetVersionId: id, roles });
    expect(report).toMatchObject({ status: 'SUCCEEDED', datasetVersion: { id }, comparedWith: null, comparison: null });
    expect(report.facts).toMatchObject({ rows: 41 });
    // Whether the copy is in the same split is drawn by lot.
    const copies = report.facts?.findings.filter(({ code }) => /^(NORMALIZED_DUPLICATES|DUPLICATES_ACROSS)/.test(code));
    expect(copies?.map(({ suggestedStep }) => suggestedStep?.kind)).toEqual(['dropDuplicates']);
    const { reports } = (
      await room.api.request<{ node: { reports: { nodes: { id: string }[] } } }>(
        'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { reports { nodes { id } } } } }',
        { id },
      )
    ).node;
    expect(reports.nodes).toEqual([{ id: report.id }]);
  });

  it('compares two versions by a key', async () => {
    const before = await version(csv.replaceAll('web', 'file'));
    const after = await version(`${csv.replaceAll('web', 'file').replace('day 2,0', 'day 2,1')}\nnew,1,file`);
    const input = { datasetVersionId: after.id, comparedWithId: before.id, key: ['text'] };
    const { status, comparison } = await ask('compareDatasetVersions', 'CompareDatasetVersionsInput', input);
    expect(status).toBe('SUCCEEDED');
    expect(comparison?.rows).toMatchObject({ added: 1, removed: 0, changed: 1 });
  });

  it('compares texts by the vectors of a model where one is named, and says so', async () => {
    const { dataSource, store, projectId } = room.api;
    const useLite = (await registerBundledBaseModels(dataSource, store, projectId)).get('use-lite')!;
    const modelId = globalId('BaseModel', useLite);
    // Of 80 sentences on two topics, three have the other topic's label.
    const topics = ['The striker scored a goal in the match', 'Boil the soup and add some salt'];
    const lines = Array.from({ length: 80 }, (_, i) => `${topics[i % 2]} ${i},${i < 3 ? 1 - (i % 2) : i % 2}`);
    const { id } = await version(['text,label', ...lines].join('\n'));
    const roles = [
      { column: 'text', role: 'TEXT' },
      { column: 'label', role: 'LABEL' },
    ];
    const input = { datasetVersionId: id, roles, featureModelId: modelId };
    const report = await ask('reportDataset', 'ReportDatasetInput', input);
    expect(report).toMatchObject({ status: 'SUCCEEDED', features: 'MODEL', featureModel: { id: modelId } });
    const [errors] = report.facts!.findings.filter(({ code }) => code === 'LIKELY_LABEL_ERRORS');
    expect(errors?.examples.map(({ row }) => Number(row)).sort()).toEqual([0, 1, 2]);
    availableBytes = 1e6;
    expect(await ask('reportDataset', 'ReportDatasetInput', input)).toMatchObject({
      status: 'FAILED',
      problem: { code: 'OUT_OF_MEMORY', message: expect.stringContaining('the worker has 1.0 MB left') },
    });
    availableBytes = Number.POSITIVE_INFINITY;
    const tooLong = { datasetVersionId: id, modelId, maxLength: 99_999 };
    await expect(ask('reportDataset', 'ReportDatasetInput', tooLong)).rejects.toThrow('INVALID_VALUE');
    const plain = await ask('reportDataset', 'ReportDatasetInput', { datasetVersionId: id, roles });
    expect(plain).toMatchObject({ status: 'SUCCEEDED', features: 'HASHED_WORDS', featureModel: null });
    await expect(ask('reportDataset', 'ReportDatasetInput', { ...input, featureModelId: id })).rejects.toThrow(
      'NOT_FOUND',
    );
  });

  it('looks for the personal data that it is asked for, names of persons too, and suggests to mask just that', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => `It took ${i} days to arrive,${i % 2}`);
    lines[3] = 'Yesterday Mr. James Wilson called us twice,0';
    lines[5] = 'My number is 32 12 34 56 in Copenhagen,0';
    const { id } = await version(['text,label', ...lines].join('\n'));
    const asked = async (personalData?: object) => {
      const roles = [
        { column: 'text', role: 'TEXT' },
        { column: 'label', role: 'LABEL' },
      ];
      const input = { datasetVersionId: id, roles, ...(personalData === undefined ? {} : { personalData }) };
      const { facts } = await ask('reportDataset', 'ReportDatasetInput', input);
      const found = facts!.findings.filter(({ code }) => code === 'PERSONAL_DATA');
      return found.map(({ examples, suggestedStep }) => [
        examples.map(({ row, detail }) => [Number(row), detail]),
        suggestedStep?.maskPersonalData,
      ]);
    };
    // Names and numbers of Denmark are not among what is usually looked for.
    expect(await asked()).toEqual([]);
    const names = { kinds: ['PERSON_NAME'], phoneRegions: [], leastConfidence: 0.4 };
    expect(await asked(names)).toEqual([[[[3, 'PERSON_NAME']], names]]);
    expect(await asked({ phoneRegions: ['DK'] })).toMatchObject([[[[5, 'PHONE']], { phoneRegions: ['DK'] }]]);
  });

  it('refuses personal data that can not be looked for, each mistake at its place', async () => {
    const { id } = await version(csv.replaceAll('web', 'cards'));
    const personalData = { kinds: [], phoneRegions: ['US', 'germany'], leastConfidence: 2 };
    const { reportDataset } = await room.api.request<{
      reportDataset: { problems: { path: string[]; code: string }[] };
    }>(`mutation ($input: ReportDatasetInput!) { reportDataset(input: $input) { ${problems} } }`, {
      input: { datasetVersionId: id, personalData },
    });
    expect(reportDataset.problems.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['personalData.kinds', 'INVALID_VALUE'],
      ['personalData.phoneRegions.1', 'INVALID_VALUE'],
      ['personalData.leastConfidence', 'INVALID_VALUE'],
    ]);
    const failed = await ask('reportDataset', 'ReportDatasetInput', {
      datasetVersionId: id,
      personalData: { phoneRegions: ['XX'] },
    });
    expect(failed).toMatchObject({ status: 'FAILED', problem: { code: 'INVALID_VALUE' } });
  });

  it('refuses roles that the types of columns do not allow', async () => {
    const { id } = await version(csv.replaceAll('web', 'otherwise'));
    const roles = [{ column: 'text', role: 'NUMBER' }];
    await expect(ask('reportDataset', 'ReportDatasetInput', { datasetVersionId: id, roles })).rejects.toThrow(
      'WRONG_COLUMN_TYPE',
    );
  });

  it('refuses columns that a version does not have', async () => {
    const { id } = await version(csv.replaceAll('web', 'letters'));
    const roles = [{ column: 'txt', role: 'TEXT' }];
    await expect(ask('reportDataset', 'ReportDatasetInput', { datasetVersionId: id, roles })).rejects.toThrow(
      'UNKNOWN_COLUMN',
    );
  });
});
