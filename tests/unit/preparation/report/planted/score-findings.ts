import type { DatasetReport } from '../../../../../src/protocol/preparation/report.js';
import { type ReportFinding, ReportFindingCode } from '../../../../../src/protocol/preparation/report-finding.js';
import type { Places, PlantedVersion } from './planted-version.js';

/** Of one kind of finding, over all versions that were looked at. */
export interface Score {
  planted: number;
  right: number;
  /** What was found in versions that have the fault, but for what is also true. */
  found: number;
  /** What of that is shown: of rows, ten at most. */
  shown: number;
  /** What was found in versions that do not have it, and how many versions and rows these have. */
  elsewhere: number;
  versions: number;
  rows: number;
  /** What was found and not planted, for those who look for the reason. */
  readonly wrong: string[];
  readonly missed: string[];
}

const ofColumns = new Set<ReportFindingCode>(['CONSTANT_COLUMN', 'ID_LIKE_COLUMN', 'COLUMN_GIVES_LABEL_AWAY']);
const byFeatures = new Set<ReportFindingCode>(['EMBEDDING_OUTLIERS', 'LIKELY_LABEL_ERRORS']);
const ofSplits = new Set<ReportFindingCode>([
  'SINGLE_CLASS',
  'IMBALANCED_LABELS',
  'CLASS_MISSING_IN_SPLIT',
  'WORD_GIVES_LABEL_AWAY',
  'MOST_TEXTS_TRUNCATED',
]);

/** What a finding is about, one by one: rows, or a column, a split, the version. */
function placesOf(finding: ReportFinding): { readonly places: readonly (number | string)[]; readonly count: number } {
  if (ofColumns.has(finding.code)) return { places: [finding.columns[0]!], count: 1 };
  if (ofSplits.has(finding.code)) return { places: [finding.splits[0]!], count: 1 };
  if (finding.code === 'UNKNOWN_TOKENS') return { places: ['all'], count: 1 };
  if (finding.code === 'FEW_EXAMPLES') {
    return { places: finding.examples.map(({ detail }) => /^“(.*)” has /.exec(detail!)![1]!), count: finding.count };
  }
  const rows = finding.examples.flatMap(({ row, otherRow }) =>
    // It counts all rows of a text, and shows those that differ from the first.
    finding.code === 'LABEL_CONFLICTS' ? [row, otherRow!] : [row],
  );
  return { places: rows, count: finding.count };
}

export function scoreFindings(
  scores: Map<ReportFindingCode, Score>,
  { name, rows, planted, alsoTrue = {}, hasFeatures = true }: PlantedVersion,
  { findings }: DatasetReport,
): void {
  const scoreOf = (code: ReportFindingCode): Score => {
    const none = {
      planted: 0,
      right: 0,
      found: 0,
      shown: 0,
      elsewhere: 0,
      versions: 0,
      rows: 0,
      wrong: [],
      missed: [],
    };
    const score = scores.get(code) ?? none;
    scores.set(code, score);
    return score;
  };
  const setOf = (places: Places, code: ReportFindingCode) => new Set(places[code] ?? []);
  const seen = new Map<ReportFindingCode, Set<number | string>>();
  for (const finding of findings) {
    const { code } = finding;
    const [meant, also] = [setOf(planted, code), setOf(alsoTrue, code)];
    const { places, count } = placesOf(finding);
    const score = scoreOf(code);
    const own = seen.get(code) ?? new Set();
    seen.set(code, own);
    const beside = new Set(places.filter((place) => also.has(place) && !meant.has(place)));
    if (code in planted) score.shown += new Set(places).size - beside.size;
    score[code in planted ? 'found' : 'elsewhere'] += count - beside.size;
    for (const place of new Set(places)) {
      own.add(place);
      if (meant.has(place)) score.right++;
      else if (!also.has(place)) score.wrong.push(`${name}: ${place}, ${finding.message}`);
    }
  }
  for (const code of ReportFindingCode.options) {
    const meant = setOf(planted, code);
    const score = scoreOf(code);
    if (meant.size === 0 && (hasFeatures || !byFeatures.has(code))) {
      score.versions++;
      score.rows += rows.length;
    }
    score.planted += meant.size;
    for (const place of meant) if (!seen.get(code)?.has(place)) score.missed.push(`${name}: ${place}`);
  }
}
