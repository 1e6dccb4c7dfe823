import type { PrepareJob } from '../../../src/protocol/preparation/prepare-job.js';
import type { PreparedRows } from '../../../src/protocol/preparation/prepared-rows.js';
import type { Recipe } from '../../../src/protocol/preparation/recipe.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { PersonalDataSearch, usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import type { SideResult, SideSettings, VersionFile } from '../settings.js';
import { type DataThread, startDataThread } from './data-thread.js';

type Facts = Pick<SideResult, 'agreed' | 'figures'>;
type Source = PrepareJob['sources'][number];

/** Makes a version of the CSV file, for works that read one. */
export async function prepareVersion(settings: SideSettings): Promise<Facts> {
  const made = await withThread(settings, (thread) => prepare(thread, csvSource(settings), []));
  return { agreed: { digest: made.digest, rows: made.exampleCount, columns: JSON.stringify(made.columns) } };
}

/** A dataset version of the CSV file, with drawn splits, and a report on it. */
export async function ingestAndReport(settings: SideSettings): Promise<Facts> {
  return withThread(settings, async (thread) => {
    const began = performance.now();
    const made = await prepare(thread, csvSource(settings), []);
    const ingested = performance.now();
    const { facts } = await thread.run({
      kind: 'report',
      reportId: crypto.randomUUID(),
      version: { digest: made.digest, roles: [...made.roles] },
      comparedWith: null,
      key: [],
      modelDigest: null,
      maxLength: null,
      featureModel: null,
      personalData: PersonalDataSearch.parse(usualScan),
      fewExamples: 10,
      readRows: 200_000,
      encodedRows: 3000,
      mostNearRows: 0,
      seed: 0,
    });
    const { columns, duplicates, findings } = facts!.report!;
    const copies = (code: ReportFinding['code']) => findings.find((each) => each.code === code)?.count ?? 0;
    const across = duplicates.filter(({ kind, split, other }) => kind === 'NORMALIZED' && split < other);
    return {
      agreed: {
        rows: made.exampleCount,
        missing: columns.flatMap(({ missing }) => missing.map((each) => each.missing)).reduce((a, b) => a + b, 0),
        exactCopiesInSplits: copies('EXACT_DUPLICATES'),
      },
      figures: {
        ingestSeconds: (ingested - began) / 1e3,
        reportSeconds: (performance.now() - ingested) / 1e3,
        pairsOfSplitsWithLeaks: across.length,
        findings: findings.length,
      },
    };
  });
}

/** A version of the version without the rows whose text was there before. */
export async function dropExactCopies(settings: SideSettings): Promise<Facts> {
  const made = await withThread(settings, (thread) =>
    prepare(thread, versionSource(settings.version!), [
      {
        kind: 'dropDuplicates',
        columns: ['text'],
        match: 'exact',
        near: null,
        scope: 'rows',
        keep: 'first',
        splitOrder: [],
        versions: [],
      },
    ]),
  );
  return { agreed: { rows: made.exampleCount } };
}

async function withThread<Result>(settings: SideSettings, work: (thread: DataThread) => Promise<Result>) {
  const thread = await startDataThread('data', settings);
  try {
    return await work(thread);
  } finally {
    await thread.end();
  }
}

async function prepare(thread: DataThread, source: Source, recipe: Recipe): Promise<PreparedRows> {
  const { prepared } = await thread.run({
    kind: 'prepare',
    preparationId: crypto.randomUUID(),
    target: { kind: 'rows' },
    sources: [source],
    recipe,
    namedVersions: [],
    split: null,
    textNames: null,
    roles: [],
  });
  return prepared!;
}

export function csvSource({ csv }: SideSettings): Source {
  return {
    kind: 'upload',
    uploadId: crypto.randomUUID(),
    fileName: 'messages.csv',
    digest: csv!.digest,
    format: 'AUTO',
    fileOptions: null,
    split: null,
  };
}

export function versionSource({ digest, columns, rows }: VersionFile): Source {
  const versionId = crypto.randomUUID();
  const facts = { columns: [...columns], leftOutColumns: [], exampleCount: rows, saidRoles: [] };
  return { kind: 'version', versionId, digest, ...facts, split: null };
}
