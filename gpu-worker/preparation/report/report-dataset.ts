import type { DatasetReport, NearDuplicateSearch } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import type { ReportStage } from '../../../src/protocol/preparation/report-job.js';
import type { NearParameters } from '../duplicates/near-index.js';
import { counted, grouped } from '../wording.js';
import { atTheSameTime } from './at-the-same-time.js';
import { type Candidates, selectCandidates } from './candidates.js';
import { findInColumns, measureColumns } from './columns.js';
import { findInConversations } from './conversations.js';
import { countDuplicates, findConflicts, findCopies, findLeaks } from './duplicates.js';
import { findEmbeddingOutliers } from './embedding-outliers.js';
import { findDamagedEncoding } from './encoding.js';
import { inOrder } from './finding.js';
import { encodeSample, type FrozenEncoder } from './frozen-features.js';
import { findGiveAwayColumns } from './give-away-columns.js';
import { findGiveAwayWords } from './give-away-words.js';
import { findDividedGroups } from './groups.js';
import { findInLabels } from './label-findings.js';
import { countLabels, distributeLabels } from './labels.js';
import { measureCharacters } from './lengths.js';
import { findLikelyLabelErrors } from './likely-label-errors.js';
import { countNearDuplicates, findNearDuplicates } from './near-duplicates.js';
import { fillNearTable, type NearTable } from './near-table.js';
import { findLengthOutliers, findNumberOutliers } from './outliers.js';
import { findEqualAnswers } from './preferences.js';
import { readTexts, type TextParts } from './read-texts.js';
import {
  inputColumns,
  learntSplit,
  type ReportedFile,
  type ReportTools,
  rowsOf,
  split,
  withRole,
} from './reported-file.js';
import { openScratchTables, type ScratchTables } from './scratch-tables.js';
import { surveyTexts, type TextSurvey } from './text-survey.js';

export interface ReportOptions {
  /** Classes with fewer examples in the learnt split are a finding. */
  readonly fewExamples: number;
  /** About how many rows are read word by word, and how many are encoded: all, where there are no more. */
  readonly readRows: number;
  readonly encodedRows: number;
  readonly seed: number;
}

/** What a report looks at beside what the database can see. Null: it does not look. */
export interface ReportParts extends TextParts {
  readonly encoder: FrozenEncoder | null;
  /** How near copies are found, and the most rows among which they are. */
  readonly near: (NearParameters & { readonly mostRows: number }) | null;
}

/**
 * What is known of a version's file. Texts are read chunk by chunk, and never held all at once: while JavaScript reads
 * them, the database answers what it can on another of its connections.
 */
export async function reportDataset(
  tools: ReportTools,
  file: ReportedFile,
  parts: ReportParts,
  options: ReportOptions,
  onStage: (stage: ReportStage) => void = () => undefined,
): Promise<DatasetReport> {
  await using scratch = openScratchTables(tools.database);
  const splits = await tools.database.query<SplitRows>(
    `SELECT ${split} AS split, count(*)::DOUBLE AS rows FROM ${rowsOf(file)} GROUP BY 1 ORDER BY 1`,
  );
  const rows = splits.reduce((sum, each) => sum + each.rows, 0);
  const learnt = learntSplit(splits);
  if (learnt === null) {
    const { columns, lengths } = await surveyColumns(tools, scratch, file, onStage);
    const empty = {
      labels: [],
      duplicates: [],
      vocabulary: null,
      personalData: [],
      languages: [],
      labelJudgement: null,
      nearDuplicateSearch: { rows: 0, reason: 'The version has no rows.' },
      findings: [],
    };
    return { rows, readRows: 0, splits, columns, lengths, ...empty };
  }
  const [{ read, byEncoder }, asked] = await atTheSameTime(
    tools,
    async (own) => ({
      read: await readTexts(own, file, rows, parts, { rows: options.readRows, seed: options.seed }),
      byEncoder: await findByEncoder(own, file, rows, parts.encoder, options),
    }),
    async (own) => {
      const { columns, survey, lengths } = await surveyColumns(own, scratch, file, onStage);
      const version: Version = { tools: own, scratch, file, survey, splits, rows, learnt };
      onStage('LABELS');
      const labels = await reportLabels(version, options);
      onStage('DUPLICATES');
      const duplicates = await reportDuplicates(version, parts);
      onStage('FINDINGS');
      const others = await findOthers(version, columns, options);
      // The other work ends with it.
      onStage('LABEL_ERRORS');
      return { columns, lengths, labels, duplicates, others };
    },
  );
  const { columns, lengths, labels, duplicates, others } = asked;
  return {
    rows,
    splits,
    columns,
    ...read,
    lengths: [...lengths, ...read.lengths],
    labels: labels.distributions,
    duplicates: duplicates.counts,
    labelJudgement: byEncoder.judgement,
    nearDuplicateSearch: duplicates.search,
    findings: inOrder([...others, ...read.findings, ...labels.findings, ...duplicates.findings, ...byEncoder.findings]),
  };
}

interface SplitRows {
  readonly split: string;
  readonly rows: number;
}

interface Version {
  readonly tools: ReportTools;
  readonly scratch: ScratchTables;
  readonly file: ReportedFile;
  readonly survey: TextSurvey;
  readonly splits: readonly SplitRows[];
  readonly rows: number;
  readonly learnt: string;
}

/** Counts what is in each column, and measures its texts in characters. */
async function surveyColumns(
  tools: ReportTools,
  scratch: ScratchTables,
  file: ReportedFile,
  onStage: (stage: ReportStage) => void,
) {
  onStage('COLUMNS');
  const columns = await measureColumns(tools, file);
  onStage('TEXTS');
  const survey = await surveyTexts(scratch, file);
  return { columns, survey, lengths: await measureCharacters(tools, survey) };
}

async function findOthers(version: Version, columns: DatasetReport['columns'], { readRows, seed }: ReportOptions) {
  const { tools, scratch, file, survey, splits, rows, learnt } = version;
  return [
    ...(await findInColumns(tools, file, columns)),
    ...(await findGiveAwayColumns(tools, file, columns, learnt)),
    ...(await findGiveAwayWords(tools, file, learnt, { rows: readRows, seed }, rows)),
    ...(await findDamagedEncoding(tools, file, rows)),
    ...(await findLengthOutliers(tools, file, survey, columns)),
    ...(await findNumberOutliers(tools, file)),
    ...(await findInConversations(tools, scratch, file)),
    ...(await findEqualAnswers(tools, file)),
    ...(await findDividedGroups(tools, file, splits, learnt)),
  ];
}

async function reportLabels({ tools, scratch, file, splits, learnt }: Version, { fewExamples }: ReportOptions) {
  const all = { distributions: [] as DatasetReport['labels'], findings: [] as ReportFinding[] };
  for (const table of await countLabels(tools, scratch, file)) {
    all.distributions.push(...(await distributeLabels(tools, table)));
    all.findings.push(...(await findInLabels(tools, file, table, { splits, learnt, fewExamples })));
  }
  return all;
}

async function reportDuplicates(version: Version, { near: parameters }: ReportParts) {
  const { tools, scratch, file, survey, splits, rows, learnt } = version;
  const candidates = await selectCandidates(scratch, file, survey);
  if (candidates === null) {
    return { counts: [], findings: [], search: notSearched('No column has texts that a model reads.') };
  }
  const whyNot = whyNotSearched(rows, parameters);
  const near =
    parameters === null || whyNot !== null
      ? { counts: [], findings: [] }
      : await reportNear(
          version,
          candidates,
          await fillNearTable(tools, scratch, file, inputColumns(file), parameters, rows),
        );
  return {
    counts: [...(await countDuplicates(tools, candidates, splits)), ...near.counts],
    findings: [
      ...(await findCopies(tools, file, candidates, splits, learnt)),
      ...(await findLeaks(tools, file, candidates, splits, learnt)),
      ...(await findConflicts(tools, file, candidates, rows)),
      ...near.findings,
    ],
    search: whyNot === null ? { rows, reason: null } : notSearched(whyNot),
  };
}

function whyNotSearched(rows: number, parameters: ReportParts['near']): string | null {
  if (parameters === null) return 'The report was not to look for near copies.';
  if (rows <= parameters.mostRows) return null;
  return `The version has ${counted(rows, 'row')}, and near copies are looked for in versions of at most ${grouped(parameters.mostRows)}. The step dropDuplicates finds them in any.`;
}

const notSearched = (reason: string): NearDuplicateSearch => ({ rows: 0, reason });

async function reportNear({ tools, file, splits, learnt }: Version, candidates: Candidates, table: NearTable) {
  return {
    counts: await countNearDuplicates(tools, table, splits),
    findings: await findNearDuplicates(tools, file, table, candidates, splits, learnt),
  };
}

/** Likely label errors and unusual texts, by what a frozen model makes of a sample. */
async function findByEncoder(
  tools: ReportTools,
  file: ReportedFile,
  rows: number,
  encoder: FrozenEncoder | null,
  options: ReportOptions,
) {
  if (encoder === null) return { findings: [], judgement: null };
  const sample = { rows: options.encodedRows, seed: options.seed };
  const [label = null] = withRole(file, 'LABEL');
  const examples = await encodeSample(tools, file, label, encoder, sample, rows);
  const outliers = await findEmbeddingOutliers(tools, file, examples);
  if (label === null) return { findings: outliers, judgement: null };
  const errors = await findLikelyLabelErrors(tools, file, label, examples, options.seed);
  return { findings: [...outliers, ...errors.findings], judgement: errors.judgement };
}
