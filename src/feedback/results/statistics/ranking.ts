import type { FeedbackKind } from '../../../protocol/feedback.js';
import type { BootstrapInterval, BootstrapOptions } from '../../../statistics/bootstrap.js';
import type { Ties } from '../../../statistics/ranking/bradley-terry.js';
import type { Outcome } from '../../../statistics/ranking/comparisons.js';
import { type Ranking, rankModels } from '../../../statistics/ranking/rank-models.js';
import { controlStyle, type StyleControl, type StyledComparison } from '../../../statistics/ranking/style-control.js';
import { type WinRate, winRate } from '../../../statistics/ranking/win-rate.js';
import { resultLimits } from '../result-limits.js';
import { ranksOf } from './ranked-pairs.js';
import { RefusedError } from './refused.js';

/** What is ranked. */
export type RankedBy = 'MODELS' | 'ANSWER_SETTINGS';

/** What is counted of an answer's text for style control. */
const styleFeatures = ['CHARACTERS', 'HEADINGS', 'LIST_ITEMS', 'BOLD'] as const;

/** Settings of an answer that say which draw it is, and not how it was written. */
const ofTheDraw: readonly string[] = ['sample', 'seed'];

/** An item of a task that compares answers. */
export interface ComparedItem {
  readonly item: string;
  readonly group: string;
  readonly answers: readonly {
    readonly key: string;
    readonly modelId: string | null;
    readonly settings: Readonly<Record<string, unknown>> | null;
    /** [styleFeatures]; null: not counted. */
    readonly style: readonly number[] | null;
  }[];
}

export interface RankingRequest {
  readonly kind: FeedbackKind;
  readonly items: readonly ComparedItem[];
  readonly answers: readonly { readonly item: string; readonly person: string; readonly category: string }[];
  readonly of: RankedBy;
}

/** What is ranked: a model, and of ANSWER_SETTINGS how it wrote. */
interface Competitor {
  /** Names it among those of the task. */
  readonly key: string;
  readonly modelId: string | null;
  readonly settings: Readonly<Record<string, unknown>> | null;
}

interface CompetitorRating {
  readonly key: string;
  readonly rating: number;
  readonly interval: BootstrapInterval;
  readonly rank: number | null;
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

export interface TaskRanking extends Omit<Ranking, 'models'> {
  readonly competitors: readonly Competitor[];
  readonly ratings: readonly CompetitorRating[];
  readonly comparisonCount: number;
  /** Comparisons of answers of which one has no model or settings, or both have the same. */
  readonly leftOutCount: number;
  /** At equal style; null: it was not asked for. */
  readonly style: StyleControl | null;
}

/** No two competitors were compared. */
export interface NothingRanked {
  readonly leftOutCount: number;
  /** What to do; null: nobody has compared anything yet. */
  readonly hint: string | null;
}

/**
 * Ratings of what wrote the answers that people compared. Each answer to an item of two is a comparison, and a ranking
 * is one of each pair of its answers; those of equal `group` are about one prompt, and are drawn together. Both good
 * and neither are ties. Without ratings nothing was compared, and `hint` says what might be.
 *
 * @throws StatisticsError the baseline was not compared
 */
export function rankingOfTask(
  request: RankingRequest & {
    readonly baseline: string | null;
    readonly ties: Ties;
    readonly styleControl: boolean;
    readonly options: Required<BootstrapOptions>;
  },
): TaskRanking | NothingRanked {
  const { baseline, ties, options, styleControl } = request;
  checkCompetitors(request);
  checkComparisons(request, styleControl ? options.rounds : null);
  const { comparisons, competitors, leftOutCount } = comparisonsOf(request);
  if (comparisons.length === 0) return { leftOutCount, hint: hintFor(request, leftOutCount) };
  const anchored = baseline === null ? options : { ...options, baseline };
  const { models, ...rest } = rankModels(comparisons, { ...anchored, ties });
  return {
    ...rest,
    ratings: models.map(({ model, ...rated }) => ({ key: model, ...rated })),
    competitors,
    comparisonCount: comparisons.length,
    leftOutCount,
    style: styleControl ? controlStyle(comparisons, { ...anchored, features: styleFeatures }) : null,
  };
}

/**
 * How one competitor does against one other.
 * @throws RefusedError a key names no competitor of the task
 */
export function winRateOfTask(request: RankingRequest & { readonly model: string; readonly other: string }): WinRate {
  const { model, other, items, of } = request;
  const known = new Set(items.flatMap(({ answers }) => answers.map((answer) => competitorOf(of, answer)?.key)));
  for (const [path, key] of [['competitor', model] as const, ['against', other] as const]) {
    if (known.has(key)) continue;
    const message = `No answer that people compared was written by “${key}”.`;
    throw new RefusedError([path], 'NOT_FOUND', message, 'Take the `key` of one of the `competitors` of `ranking`.');
  }
  const { comparisons } = comparisonsOf(
    request,
    (one, two) => one !== two && [one, two].every((key) => key === model || key === other),
  );
  return winRate(comparisons, model, other);
}

/** What to do where all comparisons were left out. */
function hintFor(request: RankingRequest, leftOutCount: number): string | null {
  if (leftOutCount === 0) return null;
  const other = request.of === 'MODELS' ? 'ANSWER_SETTINGS' : 'MODELS';
  if (comparisonsOf({ ...request, of: other }).comparisons.length > 0) {
    const those = other === 'ANSWER_SETTINGS' ? 'settings of one model' : 'models whose settings are not known';
    return `People compared answers of ${those}: take \`of: ${other}\`.`;
  }
  return 'Compare answers of different models or settings, and name them in the items: seed and sample are none.';
}

function checkCompetitors({ items, of }: RankingRequest): void {
  const names = new Set(items.flatMap(({ answers }) => answers.map((answer) => competitorOf(of, answer)?.key)));
  names.delete(undefined);
  if (names.size <= resultLimits.maxCompetitors) return;
  const what = of === 'MODELS' ? 'models' : 'settings';
  const message = `Answers of ${names.size} ${what} were compared; at most ${resultLimits.maxCompetitors} are rated.`;
  throw new RefusedError(['of'], 'TOO_LONG', message, null);
}

/** @param rounds of the control of style; null: there is none */
function checkComparisons({ answers, items }: RankingRequest, rounds: number | null): void {
  const pairs = new Map(items.map(({ item, answers: written }) => [item, (written.length * (written.length - 1)) / 2]));
  const comparisons = answers.reduce((sum, { item }) => sum + (pairs.get(item) ?? 0), 0);
  const { maxComparisons, maxStyledComparisons, minRounds } = resultLimits;
  if (comparisons > maxComparisons) {
    const message = `${comparisons} pairs of answers were compared; ratings are of at most ${maxComparisons}.`;
    throw new RefusedError([], 'TOO_LARGE', message, 'Export the answers, and compute them elsewhere.');
  }
  if (rounds === null || rounds * comparisons <= maxStyledComparisons) return;
  const most = Math.floor(maxStyledComparisons / comparisons);
  const message = `${rounds} rounds of ${comparisons} comparisons are too many with control of style: their product is at most ${maxStyledComparisons}.`;
  const hint = most >= minRounds ? `Take ${most} rounds or fewer.` : 'Leave the control of style out.';
  throw new RefusedError(['rounds'], 'TOO_LONG', message, hint);
}

/** The key of what wrote an answer; null: it is not known. */
function competitorOf(
  of: RankedBy,
  { modelId, settings }: Pick<Competitor, 'modelId' | 'settings'>,
): Competitor | null {
  if (of === 'MODELS') return modelId === null ? null : { key: modelId, modelId, settings: null };
  if (settings === null) return null;
  const how = Object.fromEntries(Object.entries(settings).filter(([name]) => !ofTheDraw.includes(name)));
  const written = JSON.stringify(inOrder(how));
  return { key: modelId === null ? written : `${modelId} ${written}`, modelId, settings: how };
}

/** A value whose objects have their fields in an order of their names, so that equal ones are written alike. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([one], [two]) => (one < two ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, inOrder(field)]));
}

/** @param takes whether a comparison of two competitors is looked at; by default all are */
function comparisonsOf(
  { kind, items, answers, of }: RankingRequest,
  takes: (one: string, two: string) => boolean = () => true,
): {
  readonly comparisons: readonly StyledComparison[];
  readonly competitors: readonly Competitor[];
  readonly leftOutCount: number;
} {
  const competitors = new Map<string, Competitor>();
  const writers = new Map(
    items.map(({ item, group, answers: written }) => [
      item,
      { group, of: new Map(written.map((answer) => [answer.key, { by: competitorOf(of, answer), ...answer }])) },
    ]),
  );
  const comparisons: StyledComparison[] = [];
  let leftOutCount = 0;
  for (const { item, person, category } of answers) {
    const { group, of: written } = writers.get(item)!;
    const keys = [...written.keys()];
    const outcomeOf = kind === 'ranking' ? byRanks(category) : byPreference(category);
    for (const [place, one] of keys.entries()) {
      for (const two of keys.slice(place + 1)) {
        const [first, second] = [written.get(one)!, written.get(two)!];
        if (first.by === null || second.by === null || first.by.key === second.by.key) {
          leftOutCount++;
          continue;
        }
        if (!takes(first.by.key, second.by.key)) continue;
        competitors.set(first.by.key, first.by).set(second.by.key, second.by);
        comparisons.push({
          a: first.by.key,
          b: second.by.key,
          outcome: outcomeOf(one, two),
          prompt: group,
          annotator: person,
          styleA: first.style ?? [],
          styleB: second.style ?? [],
        });
      }
    }
  }
  return { comparisons, competitors: [...competitors.values()], leftOutCount };
}

function byPreference(category: string): (one: string, two: string) => Outcome {
  return (one, two) => (category === one ? 'A' : category === two ? 'B' : 'TIE');
}

function byRanks(category: string): (one: string, two: string) => Outcome {
  const ranks = ranksOf(category);
  return (one, two) => {
    const difference = ranks.get(one)! - ranks.get(two)!;
    return difference === 0 ? 'TIE' : difference < 0 ? 'A' : 'B';
  };
}
