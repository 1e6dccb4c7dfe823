import type { DatasetReport } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import type { ReportStage } from '../../../src/protocol/preparation/report-job.js';
import { type PersonalDataSearch, usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import type { NearParameters } from '../duplicates/near-index.js';
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
import { countLanguages, type LanguageDetector } from './languages.js';
import { measureCharacters } from './lengths.js';
import { findLikelyLabelErrors } from './likely-label-errors.js';
import { countNearDuplicates, findNearDuplicates } from './near-duplicates.js';
import { fillNearTable, type NearTable } from './near-table.js';
import { findLengthOutliers, findNumberOutliers } from './outliers.js';
import { countPersonalData, type PersonalDataScan } from './personal-data.js';
import { findEqualAnswers } from './preferences.js';
import {
  contentColumns,
  inputColumns,
  learntSplit,
  type ReportedFile,
  type ReportTools,
  rowsOf,
  split,
  withRole,
} from './reported-file.js';
import { inSample, scanTexts } from './scan-texts.js';
import { openScratchTables, type ScratchTables } from './scratch-tables.js';
import { keepShort } from './suggested-steps.js';
import { surveyTexts, type TextSurvey } from './text-survey.js';
import { findUnread, type ModelReading, measureWords } from './words.js';

export interface ReportOptions {
  /** Classes with fewer examples in the learnt split are a finding. */
  readonly fewExamples: number;
  /** About how many rows are read word by word, and how many are encoded: all, where there are no more. */
  readonly readRows: number;
  readonly encodedRows: number;
  readonly seed: number;
}

/** What a report looks at beside what the database can see. Null: it does not look. */
export interface ReportParts {
  readonly model: ModelReading | null;
  /** The digest of that model's manifest, by which steps name it. Left out: no step that counts tokens is suggested. */
  readonly modelDigest?: string | null;
  readonly scanPersonalData: PersonalDataScan | null;
  /** What that scan looks for, so that a step can be suggested that finds the same. Left out: the usual. */
  readonly personalDataSearch?: PersonalDataSearch;
  readonly detectLanguage: LanguageDetector | null;
  readonly encoder: FrozenEncoder | null;
  /** How near copies are found, and the most rows among which they are. */
  readonly near: (NearParameters & { readonly mostRows: number }) | null;
}

/** What is known of a version's file. Texts are read chunk by chunk, and never held all at once. */
export async function reportDataset(
  tools: ReportTools,
  file: ReportedFile,
  parts: ReportParts,
  options: ReportOptions,
  onStage: (stage: ReportStage) => void = () => undefined,
): Promise<DatasetReport> {
  await using scratch = openScratchTables(tools.database);
  const splits = await tools.database.query<SplitRows>(
    `SELECT ${split} AS split, count(*)::DOUBLE AS rows FROM ${rowsOf(file)} GROUP BY split ORDER BY split`,
  );
  const rows = splits.reduce((sum, each) => sum + each.rows, 0);
  onStage('COLUMNS');
  const columns = await measureColumns(tools, file);
  onStage('TEXTS');
  const survey = await surveyTexts(scratch, file);
  const lengths = await measureCharacters(tools, survey);
  const learnt = learntSplit(splits);
  const empty = {
    labels: [],
    duplicates: [],
    vocabulary: null,
    personalData: [],
    languages: [],
    labelJudgement: null,
    findings: [],
  };
  if (learnt === null) return { rows, readRows: 0, splits, columns, lengths, ...empty };
  const version: Version = { tools, scratch, file, survey, splits, rows, learnt };
  const read = await readWords(version, parts, options);
  onStage('LABELS');
  const labels = await reportLabels(version, options);
  onStage('DUPLICATES');
  const duplicates = await reportDuplicates(version, parts);
  onStage('LABEL_ERRORS');
  const byEncoder = await findByEncoder(version, parts.encoder, options);
  onStage('FINDINGS');
  const findings: ReportFinding[] = [
    ...(await findInColumns(tools, file, columns)),
    ...(await findGiveAwayColumns(tools, file, columns, learnt)),
    ...(await findGiveAwayWords(tools, file, learnt, { rows: options.readRows, seed: options.seed }, rows)),
    ...(await findDamagedEncoding(tools, file, rows)),
    ...(await findLengthOutliers(tools, file, survey, columns)),
    ...(await findNumberOutliers(tools, file)),
    ...(await findInConversations(tools, scratch, file)),
    ...(await findEqualAnswers(tools, file)),
    ...(await findDividedGroups(tools, file, splits, learnt)),
    ...read.findings,
    ...labels.findings,
    ...duplicates.findings,
    ...byEncoder.findings,
  ];
  return {
    rows,
    splits,
    columns,
    ...read,
    lengths: [...lengths, ...read.lengths],
    labels: labels.distributions,
    duplicates: duplicates.counts,
    labelJudgement: byEncoder.judgement,
    findings: inOrder(findings),
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

/** Words, tokens, personal data and languages, in one pass over a sample of the texts. */
async function readWords({ tools, file, rows }: Version, parts: ReportParts, options: ReportOptions) {
  const columns = contentColumns(file);
  const names = columns.map(({ name }) => name);
  const inputs = inputColumns(file).slice(0, 2);
  const words = measureWords(
    names,
    inputs.map((column) => columns.indexOf(column)),
    parts.model,
  );
  const { scanPersonalData: scan, personalDataSearch: search = usualScan } = parts;
  const personal = scan === null ? null : countPersonalData(names, scan, search);
  const languages = parts.detectLanguage === null ? null : countLanguages(names, parts.detectLanguage);
  const readers = [words, personal, languages].filter((each) => each !== null).map((each) => each.read);
  const sample = inSample({ rows: options.readRows, seed: options.seed }, rows);
  const readRows = await scanTexts(tools, file, columns, sample, readers);
  const lengths = words.lengths();
  const vocabulary = words.vocabulary();
  const inputNames = inputs.map(({ name }) => name);
  // A step counts the tokens of one column, and those of lists and messages in another way.
  const [only] = inputs.length === 1 ? inputs.filter((each) => each.type === 'VARCHAR') : [];
  const modelDigest = parts.modelDigest ?? null;
  const shorten =
    only === undefined || modelDigest === null
      ? null
      : (maxLength: number) => keepShort(only.name, maxLength, modelDigest);
  return {
    readRows,
    lengths,
    vocabulary,
    personalData: personal?.counts() ?? [],
    languages: languages?.counts() ?? [],
    findings: [
      ...findUnread(inputNames, lengths, vocabulary, shorten),
      ...(personal?.findings() ?? []),
      ...(languages?.findings() ?? []),
    ],
  };
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
  if (candidates === null) return { counts: [], findings: [] };
  const near =
    parameters === null || rows > parameters.mostRows
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
  };
}

async function reportNear({ tools, file, splits, learnt }: Version, candidates: Candidates, table: NearTable) {
  return {
    counts: await countNearDuplicates(tools, table, splits),
    findings: await findNearDuplicates(tools, file, table, candidates, splits, learnt),
  };
}

/** Likely label errors and unusual texts, by what a frozen model makes of a sample. */
async function findByEncoder({ tools, file, rows }: Version, encoder: FrozenEncoder | null, options: ReportOptions) {
  if (encoder === null) return { findings: [], judgement: null };
  const sample = { rows: options.encodedRows, seed: options.seed };
  const [label = null] = withRole(file, 'LABEL');
  const examples = await encodeSample(tools, file, label, encoder, sample, rows);
  const outliers = await findEmbeddingOutliers(tools, file, examples);
  if (label === null) return { findings: outliers, judgement: null };
  const errors = await findLikelyLabelErrors(tools, file, label, examples, options.seed);
  return { findings: [...outliers, ...errors.findings], judgement: errors.judgement };
}
