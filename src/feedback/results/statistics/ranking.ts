import type { FeedbackKind } from '../../../protocol/feedback.js';
import type { BootstrapInterval, BootstrapOptions } from '../../../statistics/bootstrap.js';
import type { Ties } from '../../../statistics/ranking/bradley-terry.js';
import type { Outcome } from '../../../statistics/ranking/comparisons.js';
import { type Ranking, rankModels } from '../../../statistics/ranking/rank-models.js';
import { controlStyle, type StyleControl, type StyledComparison } from '../../../statistics/ranking/style-control.js';
import { type WinRate, winRate } from '../../../statistics/ranking/win-rate.js';
import { ranksOf } from './ranked-pairs.js';

/** What is ranked. */
export type RankedBy = 'MODELS' | 'ANSWER_SETTINGS';

/** What is counted of an answer's text for style control. */
const styleFeatures = ['CHARACTERS', 'HEADINGS', 'LIST_ITEMS', 'BOLD'] as const;

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

/**
 * Ratings of what wrote the answers that people compared. Each answer to an item of two is a comparison, and a ranking
 * is one of each pair of its answers; those of equal `group` are about one prompt, and are drawn together. Both good
 * and neither are ties. Null: nothing was compared.
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
): TaskRanking | { readonly leftOutCount: number } {
  const { baseline, ties, options, styleControl } = request;
  const { comparisons, competitors, leftOutCount } = comparisonsOf(request);
  if (comparisons.length === 0) return { leftOutCount };
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

/** How one competitor does against one other. */
export function winRateOfTask(request: RankingRequest & { readonly model: string; readonly other: string }): WinRate {
  return winRate(comparisonsOf(request).comparisons, request.model, request.other);
}

/** The key of what wrote an answer; null: it is not known. */
function competitorOf(
  of: RankedBy,
  { modelId, settings }: Pick<Competitor, 'modelId' | 'settings'>,
): Competitor | null {
  if (of === 'MODELS') return modelId === null ? null : { key: modelId, modelId, settings: null };
  if (settings === null) return null;
  const written = JSON.stringify(inOrder(settings));
  return { key: modelId === null ? written : `${modelId} ${written}`, modelId, settings };
}

/** A value whose objects have their fields in an order of their names, so that equal ones are written alike. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([one], [two]) => (one < two ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, inOrder(field)]));
}

function comparisonsOf({ kind, items, answers, of }: RankingRequest): {
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
