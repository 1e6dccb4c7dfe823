import type { ItemRewards, PairRanking, RankPairsBy } from '../../src/protocol/feedback/make-items-job.js';
import type { FeedbackItemContent } from '../../src/protocol/feedback.js';
import { gapVariance, predictedGap } from '../../src/statistics/next-units/scores.js';
import { openRewardModel } from '../forward/reward-model.js';
import { ProblemError } from '../problem-error.js';
import type { MadeItem } from '../thread-protocol.js';
import { linesOfParts } from './lines-of-parts.js';
import type { Parts } from './parts.js';
import type { BatchTools } from './predict-batch.js';

/** Answers that are scored at a time. */
const answersAtATime = 64;

interface RankingTools extends Pick<BatchTools, 'engine' | 'store'> {
  readonly beat: () => void;
  readonly tell: (done: number, total: number) => void;
  /** Of the ranking in the input. */
  readonly path: readonly string[];
}

interface ScoredAnswer {
  readonly prompt: FeedbackItemContent['prompt'];
  readonly text: string;
}

/**
 * The pairs in the order in which they are worth asking about, by the rewards of their two answers, each with what
 * decided as its priority. Each different answer to a prompt is scored once by each model. Pairs with an answer that
 * has no reward come last.
 *
 * @param items each with two answers
 * @param parts where scores are kept, model by model: an attempt after a lost one goes on there
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD, INVALID_VALUE of an answer that a model can not read;
 * RunStopped
 */
export async function rankPairs(
  items: readonly MadeItem[],
  { by, models, keep }: PairRanking,
  parts: Parts,
  { engine, store, beat, tell, path }: RankingTools,
): Promise<MadeItem[]> {
  const { answers, pairs } = differentAnswers(items);
  const count = answers.length;
  const total = count * models.length;
  tell(parts.rowsDone, total);
  for (const [place, { modelDigest }] of models.entries()) {
    if (parts.rowsDone >= (place + 1) * count) continue;
    await named([...path, 'rewardModelIds', String(place)], async () => {
      const model = await openRewardModel(engine, store, modelDigest);
      try {
        while (parts.rowsDone < (place + 1) * count) {
          const first = parts.rowsDone - place * count;
          const some = answers.slice(first, first + answersAtATime);
          const lines = (await rewardsOf(model, some, beat)).map((reward) => JSON.stringify(reward));
          await parts.add({ lines, errorCount: 0, lastRow: parts.rowsDone + some.length - 1 });
          tell(parts.rowsDone, total);
        }
      } finally {
        await model.release();
      }
    });
  }
  await parts.flush();
  const scores: (number | null)[] = [];
  for await (const score of linesOfParts<number | null>(parts)) scores.push(score);
  const ranked = items.map((item, i): MadeItem => {
    const [one, two] = pairs[i]!;
    const rewards: ItemRewards = models.map(({ modelId }, place) => ({
      modelId,
      rewards: [scores[place * count + one]!, scores[place * count + two]!],
    }));
    return { ...item, rewards, priority: priorityOf(rewards, by) };
  });
  // The sort keeps the order of equal ones.
  ranked.sort((a, b) => rankOf(b) - rankOf(a));
  return keep === null ? ranked : ranked.slice(0, keep);
}

const rankOf = ({ priority }: MadeItem): number => priority ?? -Number.MAX_VALUE;

/**
 * How much a pair is worth asking about, the greater the sooner: the variance of r_a − r_b over the models, or the gap
 * |r_a − r_b| of one, negative where small gaps come first. Null: an answer has no reward.
 */
export function priorityOf(rewards: ItemRewards, by: RankPairsBy): number | null {
  const gaps = rewards.map(({ rewards: [one, two] }) => (one === null || two === null ? null : one - two));
  if (gaps.includes(null)) return null;
  switch (by) {
    case 'GAP_VARIANCE':
      return gapVariance(gaps as number[]);
    case 'SMALLEST_GAP':
      return 0 - predictedGap(gaps[0]!, 0);
    case 'LARGEST_GAP':
      return predictedGap(gaps[0]!, 0);
    default:
      return by satisfies never;
  }
}

/** The different answers of all pairs, and which of them each pair has. */
function differentAnswers(items: readonly MadeItem[]): {
  readonly answers: readonly ScoredAnswer[];
  readonly pairs: readonly (readonly [number, number])[];
} {
  const places = new Map<string, number>();
  const answers: ScoredAnswer[] = [];
  const placeOf = ({ prompt }: FeedbackItemContent, text: string): number => {
    const key = JSON.stringify([prompt, text]);
    const place = places.get(key) ?? answers.length;
    if (place === answers.length) {
      places.set(key, place);
      answers.push({ prompt, text });
    }
    return place;
  };
  const pairs = items.map(({ content }) => {
    const [one, two] = content.answers;
    return [placeOf(content, one!.text), placeOf(content, two!.text)] as const;
  });
  return { answers, pairs };
}

/** Rewards, [answers]; null: the model reads no token of the answer. */
async function rewardsOf(
  model: Awaited<ReturnType<typeof openRewardModel>>,
  answers: readonly ScoredAnswer[],
  beat: () => void,
): Promise<(number | null)[]> {
  beat();
  const asked = answers.map(({ prompt, text }) => ({ prompt, completion: text }));
  return Array.from(await model.score(asked, beat), (reward) => (Number.isFinite(reward) ? reward : null));
}

/** A problem with a model names its place in the input. */
async function named(path: readonly string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw new ProblemError({ ...error.problem, path: [...path] }, { cause: error });
  }
}
