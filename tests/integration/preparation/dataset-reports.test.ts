import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { registerBundledBaseModels } from '../../../src/models/register-bundled.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { type RawEmail, readRawEmails, sentAgain } from '../../support/spam-emails.js';

let room: PreparationRoom;
let availableBytes = Number.POSITIVE_INFINITY;
beforeAll(async () => {
  room = await openPreparationRoom({ availableBytes: () => availableBytes });
});
afterAll(() => room[Symbol.asyncDispose]());

const rows = Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? 'A sunny day' : 'A rainy night'} ${i},${i % 2},web`);
const csv = ['text,label,source', ...rows, 'a sunny day 0 ,0,web'].join('\n');

const problems = '... on Problems { problems { path code message hint } }';
const fields = /* GraphQL */ `id status features featureModel { id } stage problem { code message } datasetVersion { id } comparedWith { id }
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
      readonly columns: readonly string[];
      readonly count: number;
      readonly examples: readonly {
        readonly row: string;
        readonly otherRow: string | null;
        readonly detail: string | null;
      }[];
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

  it('reports on columns by the roles that were guessed: they are searched, and may be dropped', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => {
      const kind = i % 2 === 0 ? 'bill' : 'parcel';
      return `Letter ${i} asks about the ${kind} of last month,${kind},anna.lind${i}@lindgren-bygg.se,web,box ${kind}`;
    });
    const { id } = await version(['text,label,email,source,folder', ...lines].join('\n'));
    const stepsOf = async (roles: object[]) => {
      const { facts } = await ask('reportDataset', 'ReportDatasetInput', { datasetVersionId: id, roles });
      const meant = facts!.findings.filter(({ columns }) => !['text', 'label'].includes(columns[0]!));
      return meant.map(({ code, columns: [name], suggestedStep }) => [code, name, suggestedStep?.kind ?? null]);
    };
    const personal = ['PERSONAL_DATA', 'email', 'maskPersonalData'];
    const guessed = await stepsOf([]);
    expect(guessed).toContainEqual(personal);
    expect(guessed).toContainEqual(['CONSTANT_COLUMN', 'source', 'dropColumns']);
    expect(guessed).toContainEqual(['COLUMN_GIVES_LABEL_AWAY', 'folder', 'dropColumns']);
    const given = await stepsOf([
      { column: 'source', role: 'SLICE' },
      { column: 'folder', role: 'GROUP' },
    ]);
    expect(given).toContainEqual(personal);
    expect(given).toContainEqual(['CONSTANT_COLUMN', 'source', null]);
    expect(given).toContainEqual(['COLUMN_GIVES_LABEL_AWAY', 'folder', null]);
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
    const { modelId: _, ...withoutModel } = tooLong;
    await expect(ask('reportDataset', 'ReportDatasetInput', withoutModel)).rejects.toThrow('REQUIRED');
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

describe('e-mails as they were sent', () => {
  // A newsletter's software left `<tr:ad name="copyright" />` in it, which is no element of HTML.
  const html = /<\/?(?:a|b|body|br|div|font|html|i|p|table|td|tr)(?:[\s/][^>]*)?>/i;
  const address = /[\w.+-]+@[\w-]+\.[a-z]{2,}/i;
  const ham = (number: number) => `ham ${number}`;
  const spam = (number: number) => `spam ${number}`;
  const copies = sentAgain.flatMap(([first, ...others]) => others.map((other) => [spam(other), spam(first!)]));
  const roles = [
    { column: 'text', role: 'TEXT' },
    { column: 'label', role: 'LABEL' },
    { column: 'id', role: 'IGNORE' },
  ];
  let emails: readonly RawEmail[];
  const source = async () => {
    const lines = emails.map((email) => JSON.stringify(email)).join('\n');
    return { upload: { uploadId: await room.upload(lines, 'JSONL', 'e-mails') } };
  };
  beforeAll(async () => {
    emails = await readRawEmails();
  });

  it('are found to have what one sees in them', async () => {
    const { id } = await room.prepare({
      sources: [await source()],
      recipe: [{ htmlToText: { columns: ['text'] } }],
      split: { fractions: [{ name: 'train', fraction: 1 }] },
    });
    const { facts } = await ask('reportDataset', 'ReportDatasetInput', { datasetVersionId: id, roles });
    const of = (code: string) => {
      const { count = 0, examples = [] } = facts!.findings.find((each) => each.code === code) ?? {};
      const named = (row: string | null) => (row === null ? null : emails[Number(row)]!.id);
      return { count, shown: examples.map(({ row, otherRow }) => [named(row), named(otherRow)]) };
    };
    const [exact, normalized] = [of('EXACT_DUPLICATES'), of('NORMALIZED_DUPLICATES')];
    expect(exact.count + normalized.count).toBe(copies.length);
    expect(copies).toEqual(expect.arrayContaining([...exact.shown, ...normalized.shown]));
    // Three newsletters are in German.
    expect(of('MIXED_LANGUAGES')).toEqual({ count: 3, shown: [6, 7, 9].map((number) => [ham(number), null]) });
    // A comic comes each day, with another date; the other is a bulletin.
    expect(of('NEAR_DUPLICATES').shown.filter(([, other]) => other?.startsWith('ham'))).toEqual([
      ...[37, 55, 63, 92].map((number) => [ham(number), ham(17)]),
      [ham(109), ham(80)],
      [ham(111), ham(17)],
    ]);
    expect(of('DAMAGED_ENCODING')).toMatchObject({
      count: 25,
      shown: [6, 7, 9, 51, 83, 108].map((n) => [ham(n), null]).concat([6, 9, 22, 31].map((n) => [spam(n), null])),
    });
    expect(of('PERSONAL_DATA').count).toBe(163);
  });

  it('are clean when a recipe has prepared them', async () => {
    const version = await room.prepare({
      sources: [await source()],
      recipe: [
        { htmlToText: { columns: ['text'] } },
        { repairMojibake: { columns: ['text'] } },
        { collapseWhiteSpace: { columns: ['text'] } },
        { dropDuplicates: { columns: ['text'], match: 'NORMALIZED' } },
        { maskPersonalData: { columns: ['text'] } },
        {
          drawSplits: {
            fractions: [
              { name: 'train', fraction: 0.8 },
              { name: 'test', fraction: 0.2 },
            ],
            stratifyBy: 'label',
          },
        },
      ],
    });
    expect(
      version.steps.map(({ step, rowsAfter, changed, dropped }) => [step.kind, rowsAfter, changed, dropped]),
    ).toEqual([
      ['htmlToText', 250, emails.filter(({ text }) => html.test(text)).length, 0],
      ['repairMojibake', 250, 23, 0],
      ['collapseWhiteSpace', 250, 245, 0],
      ['dropDuplicates', 232, 0, copies.length],
      ['maskPersonalData', 232, 155, 0],
      ['drawSplits', 232, 232, 0],
    ]);
    const rows = (await room.rowsOf(version)) as { id: string; split: string; label: string; text: string }[];
    const again = new Set(copies.map(([copy]) => copy));
    expect(rows.map((row) => row.id)).toEqual(emails.map((email) => email.id).filter((each) => !again.has(each)));
    expect(rows.filter(({ text }) => html.test(text) || address.test(text))).toEqual([]);
    const textOf = (id: string) => rows.find((row) => row.id === id)!.text;
    expect(textOf(ham(7))).toContain('Mac-Shop – Cyberdesign für jeden Tag');
    // The letter was lost before it was sent.
    expect(textOf(ham(6))).toContain('Zur VirtualWorldMBATour geht\ufffds hier:');
    expect(textOf(ham(2))).toMatch(/^May 7, 2002 Dear \[EMAIL\]: Congratulations!/);
    const drawn = (split: string, label: string) =>
      rows.filter((row) => row.split === split && row.label === label).length;
    // Of 125 and 107 e-mails, four fifths.
    expect([drawn('train', 'ham'), drawn('test', 'ham'), drawn('train', 'spam'), drawn('test', 'spam')]).toEqual([
      100, 25, 86, 21,
    ]);

    const report = await ask('reportDataset', 'ReportDatasetInput', { datasetVersionId: version.id, roles });
    const found = report.facts!.findings.map(({ code }) => code);
    for (const code of ['PERSONAL_DATA', 'EXACT_DUPLICATES', 'NORMALIZED_DUPLICATES', 'DUPLICATES_ACROSS_SPLITS']) {
      expect(found).not.toContain(code);
    }
    // The comics have other dates: they are near copies, in both splits.
    expect(found).toContain('NEAR_DUPLICATES_ACROSS_SPLITS');
  });
});
