import { type Answer, type AnswerTable, indexAnswers, type Label } from '../answers.js';
import { percentile } from '../bootstrap.js';
import { type Interval, type SharePosterior, sharePosterior, wilsonInterval } from '../intervals.js';
import { requireNumber } from '../statistics-error.js';
import { type AnnotatorFlag, flagConstantLabel, flagConstantSide, flagFast } from './annotator-flags.js';

/** An answer, in the order in which a person gave hers, with what is known of how she gave it. */
export interface RecordedAnswer extends Answer {
  /** The side that the preferred answer was shown on; none for ties, and where there are no sides. */
  readonly side?: 'LEFT' | 'RIGHT';
  /** From showing the unit to the answer. */
  readonly latencyMs?: number;
  /** The least time in which the unit can be read (`leastReadingMs`). */
  readonly readingMs?: number;
  /** The right label of a hidden task. */
  readonly expected?: Label;
}

/** A share of some tries, with Wilson's interval; null of nothing. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly share: number | null;
  readonly interval: Interval | null;
}

export interface AnnotatorMeasures {
  readonly annotator: string;
  /** All answers, those to hidden tasks and repeated ones included. */
  readonly answerCount: number;
  /**
   * How often others gave the same answer to a unit that she gave: over pairs of her answers and theirs, hidden tasks
   * left out, since all are to agree on those. Null where nobody else answered her units.
   */
  readonly agreement: { readonly share: number | null; readonly pairCount: number; readonly unitCount: number };
  /** Her accuracy on hidden tasks: decide by `low`, its lower end. */
  readonly gold: SharePosterior;
  /** How often she preferred the answer on the left. A side is preferred where the interval is beside 0.5. */
  readonly left: Share;
  /** How often she gave the same answer when the same unit was shown to her again. */
  readonly selfConsistency: Share;
  readonly medianLatencyMs: number | null;
  readonly flags: readonly AnnotatorFlag[];
}

/**
 * What each person's answers tell of her, in the order in which people first occur. Of several answers of one person to
 * one unit, the first counts for agreement and accuracy, and each later one is compared with the one before it.
 *
 * @param labels all that can be chosen; left out, those that occur
 * @throws StatisticsError a label is none that can be chosen, or a time is negative
 */
export function measureAnnotators(answers: readonly RecordedAnswer[], labels?: readonly Label[]): AnnotatorMeasures[] {
  checkRecorded(answers);
  const table = indexAnswers(answers, labels);
  const agreements = agreementsOf(withoutHidden(answers, table.labels));
  const { ofEach, ofAll } = countLabels(table);
  const records = recordsOf(answers);
  return table.annotators.map((annotator, a) => {
    const record = records.get(annotator)!;
    return {
      annotator,
      answerCount: record.answerCount,
      agreement: agreements.get(annotator) ?? { share: null, pairCount: 0, unitCount: 0 },
      gold: sharePosterior(record.goldRight, record.goldWrong),
      left: shareOf(record.left, record.left + record.right),
      selfConsistency: shareOf(record.consistent, record.repeated),
      medianLatencyMs: medianOf(record.latencies),
      flags: [
        ...flagFast(record.fast, record.timed),
        ...flagConstantSide(record.left, record.right),
        ...flagConstantLabel(ofEach[a]!, ofAll, table.labelOf.length, table.labels),
      ],
    };
  });
}

/** Counts of one person's answers. */
interface AnswerRecord {
  answerCount: number;
  goldRight: number;
  goldWrong: number;
  left: number;
  right: number;
  repeated: number;
  consistent: number;
  timed: number;
  fast: number;
  readonly latencies: number[];
  /** The last answer to each unit. */
  readonly last: Map<string, Label>;
}

function recordsOf(answers: readonly RecordedAnswer[]): Map<string, AnswerRecord> {
  const records = new Map<string, AnswerRecord>();
  for (const { annotator, unit, label, side, latencyMs, readingMs, expected } of answers) {
    const record = records.get(annotator) ?? emptyRecord();
    records.set(annotator, record);
    record.answerCount++;
    const before = record.last.get(unit);
    record.last.set(unit, label);
    if (before !== undefined) {
      record.repeated++;
      if (before === label) record.consistent++;
    } else if (expected !== undefined) {
      if (expected === label) record.goldRight++;
      else record.goldWrong++;
    }
    if (side === 'LEFT') record.left++;
    if (side === 'RIGHT') record.right++;
    if (latencyMs === undefined) continue;
    record.latencies.push(latencyMs);
    if (readingMs === undefined) continue;
    record.timed++;
    if (latencyMs < readingMs) record.fast++;
  }
  return records;
}

function emptyRecord(): AnswerRecord {
  const counts = { answerCount: 0, goldRight: 0, goldWrong: 0, left: 0, right: 0, repeated: 0, consistent: 0 };
  return { ...counts, timed: 0, fast: 0, latencies: [], last: new Map() };
}

/** Answers to units that are no hidden tasks. */
function withoutHidden(answers: readonly RecordedAnswer[], labels: readonly Label[]): AnswerTable {
  const hidden = new Set(answers.flatMap(({ unit, expected }) => (expected === undefined ? [] : [unit])));
  return indexAnswers(
    answers.filter(({ unit }) => !hidden.has(unit)),
    labels,
  );
}

/** How often others say the same as each person. */
function agreementsOf(table: AnswerTable): Map<string, AnnotatorMeasures['agreement']> {
  const sums = table.annotators.map(() => ({ equal: 0, pairCount: 0, unitCount: 0 }));
  for (let u = 0; u < table.units.length; u++) {
    const size = table.starts[u + 1]! - table.starts[u]!;
    if (size < 2) continue;
    const votes = new Map<number, number>();
    for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) addOne(votes, table.labelOf[answer]!);
    for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) {
      const sum = sums[table.annotatorOf[answer]!]!;
      sum.equal += votes.get(table.labelOf[answer]!)! - 1;
      sum.pairCount += size - 1;
      sum.unitCount++;
    }
  }
  return new Map(
    sums.map(({ equal, pairCount, unitCount }, a) => [
      table.annotators[a]!,
      { share: pairCount === 0 ? null : equal / pairCount, pairCount, unitCount },
    ]),
  );
}

/** Answers of each label, of each person and of all, without those labels that nobody gave: there may be very many. */
function countLabels(table: AnswerTable): {
  readonly ofEach: Map<number, number>[];
  readonly ofAll: Map<number, number>;
} {
  const ofEach = table.annotators.map(() => new Map<number, number>());
  const ofAll = new Map<number, number>();
  for (const [answer, label] of table.labelOf.entries()) {
    addOne(ofEach[table.annotatorOf[answer]!]!, label);
    addOne(ofAll, label);
  }
  return { ofEach, ofAll };
}

function addOne(counts: Map<number, number>, label: number): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}

function shareOf(count: number, of: number): Share {
  return { count, of, share: of === 0 ? null : count / of, interval: wilsonInterval(count, of) };
}

function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : percentile(Float64Array.from(values).sort(), 0.5);
}

function checkRecorded(answers: readonly RecordedAnswer[]): void {
  for (const [index, { latencyMs = 0, readingMs = 0 }] of answers.entries()) {
    requireNumber(`answers[${index}].latencyMs`, latencyMs, 0, Number.MAX_VALUE);
    requireNumber(`answers[${index}].readingMs`, readingMs, 0, Number.MAX_VALUE);
  }
}
