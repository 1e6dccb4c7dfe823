import { z } from 'zod';
import { Baseline } from './baselines.js';
import type { LicenceVerdict } from './licences/judge-licence.js';
import { storableText } from './storable-text.js';

const count = z.number().int().min(0);
const HeadKind = z.enum(['classification', 'multiLabel', 'regression', 'tokenClassification']);

const PredictsOneClass = z.object({
  code: z.literal('PREDICTS_ONE_CLASS'),
  task: z.string(),
  kind: HeadKind,
  /** The labels or the tag that are predicted for everything; none, where no label or always a number is. */
  prediction: z.array(z.string()),
  /** Examples, or words. */
  count,
});

const LossNeverFell = z.object({
  code: z.literal('LOSS_NEVER_FELL'),
  /** Mean training loss of the first updates and of the last ones, as many of either. */
  firstLoss: z.number(),
  lastLoss: z.number(),
  averagedSteps: count,
  steps: count,
});

const NotBetterThanBaseline = z.object({
  code: z.literal('NOT_BETTER_THAN_BASELINE'),
  task: z.string(),
  measure: Baseline.shape.measure,
  value: z.number(),
  baseline: z.number(),
});

const MostTextsTruncated = z.object({
  code: z.literal('MOST_TEXTS_TRUNCATED'),
  split: z.string(),
  maxLength: count,
  /** Examples that were looked at, and those of them that are cut. */
  exampleCount: count,
  truncatedCount: count,
});

const FewExamples = z.object({
  code: z.literal('FEW_EXAMPLES'),
  task: z.string(),
  split: z.string(),
  /** Whether the split is learnt from; otherwise it is measured. */
  isLearnt: z.boolean(),
  /** Classes with fewer examples than this are meant; of tags, words. */
  threshold: count,
  classCount: count,
  /** The rarest of them, the beginning of each label. */
  classes: z.array(z.object({ label: z.string(), count })),
});

const DuplicatesAcrossSplits = z.object({
  code: z.literal('DUPLICATES_ACROSS_SPLITS'),
  trainSplit: z.string(),
  split: z.string(),
  /** Examples of `split` whose texts are in `trainSplit`, too. */
  count,
  /** How many of them have another target there. */
  conflictingCount: count,
  examples: z.array(z.object({ row: count, trainRow: count, isConflicting: z.boolean(), text: z.string() })),
});

const ValidationHeldOut = z.object({
  code: z.literal('VALIDATION_HELD_OUT'),
  split: z.string(),
  trainExamples: count,
  validationExamples: count,
});

const LicenceWarning = z.object({
  code: z.literal('LICENCE_WARNING'),
  /** Of the base model, as it is named there. */
  licence: z.string(),
  /** Why the project's policy warns of it. */
  reason: z.string(),
});

const step = count;

/** Of policy optimization: the policy's divergence from the reference, in nats a completion, is above its budget. */
const PolicyFarFromReference = z.object({
  code: z.literal('POLICY_FAR_FROM_REFERENCE'),
  /** At which the finding was made. */
  step,
  kl: z.number(),
  budget: z.number(),
});

/** The reward rose on held-out prompts while one that is only measured fell. */
const RewardOveroptimized = z.object({
  code: z.literal('REWARD_OVEROPTIMIZED'),
  step,
  /** Name of the reward that is only measured. */
  control: z.string(),
  reward: z.number(),
  rewardBefore: z.number(),
  controlValue: z.number(),
  controlBefore: z.number(),
  /** Of the evaluation that is compared with: the one at which the control reward was greatest. */
  stepBefore: step,
});

/** The reward rose on held-out prompts while the policy found the better of two judged answers likelier less often. */
const PreferencesUnlearned = z.object({
  code: z.literal('PREFERENCES_UNLEARNED'),
  step,
  reward: z.number(),
  rewardBefore: z.number(),
  /** Share of pairs whose better answer is the likelier one a token. */
  accuracy: z.number(),
  accuracyBefore: z.number(),
  pairs: count,
  /** Prompts that lost more pairs than they won; and the other way round. */
  lost: count,
  won: count,
  /** Of the evaluation that is compared with: the one at which the accuracy was greatest. */
  stepBefore: step,
});

/** Mean tokens of completions to held-out prompts, now and before the first update. */
const CompletionsGrow = z.object({
  code: z.literal('COMPLETIONS_GROW'),
  step,
  length: z.number(),
  startLength: z.number(),
});

/** The share of trigrams of tokens that stood in the same completion before, now and before the first update. */
const CompletionsRepeat = z.object({
  code: z.literal('COMPLETIONS_REPEAT'),
  step,
  repetition: z.number(),
  startRepetition: z.number(),
});

/** Generator and trainer give a token probabilities that differ by more than rounding: the greatest |Δ ln π|. */
const GeneratorDiffers = z.object({
  code: z.literal('GENERATOR_DIFFERS'),
  step,
  difference: z.number(),
});

/** Most groups of completions had equal rewards, so that there was nothing to learn from them. */
const RewardsRarelyDiffer = z.object({
  code: z.literal('REWARDS_RARELY_DIFFER'),
  /** Groups that were written, and those of them with equal rewards. */
  groups: count,
  equalGroups: count,
});

const RewardNotAboveChance = z.object({
  code: z.literal('REWARD_NOT_ABOVE_CHANCE'),
  task: z.string(),
  /** Pairs that were not learned, and those of them whose better answer has the higher reward. */
  pairs: count,
  right: count,
  /** The interval of their share, 95 %, over prompts. */
  low: z.number(),
  high: z.number(),
});

const RewardFollowsLength = z.object({
  code: z.literal('REWARD_FOLLOWS_LENGTH'),
  task: z.string(),
  /** Which answers have the higher rewards. */
  prefers: z.enum(['longer', 'shorter']),
  /** Spearman's, of rewards and lengths of answers. */
  correlation: z.number().nullable(),
  /** Pairs whose better answer is of the other kind, and those of them that are right, with their interval. */
  pairs: count,
  right: count,
  low: z.number(),
  high: z.number(),
});

const ChosenLessLikely = z.object({
  code: z.literal('CHOSEN_LESS_LIKELY'),
  split: z.string(),
  /** Mean ln of the probability of better and of other answers, in nats, before the first update and of the model. */
  chosenBefore: z.number(),
  chosenAfter: z.number(),
  rejectedBefore: z.number(),
  rejectedAfter: z.number(),
});

const PreferencesFollowLength = z.object({
  code: z.literal('PREFERENCES_FOLLOW_LENGTH'),
  split: z.string(),
  /** Pearson's, of the rewards that a policy gives answers with their lengths in tokens. */
  correlation: z.number(),
  /** The same before the first update; null where there was none. */
  correlationBefore: z.number().nullable(),
});

const FarFromReference = z.object({
  code: z.literal('FAR_FROM_REFERENCE'),
  split: z.string(),
  /** Mean divergence of a token from the reference, in nats, and from where on it counts as far. */
  divergence: z.number(),
  mostDivergence: z.number(),
});

const UnbalancedThumbs = z.object({
  code: z.literal('UNBALANCED_THUMBS'),
  good: count,
  bad: count,
  /** How much good answers count together, in what bad ones do; null where there are none of either. */
  ratio: z.number().nullable(),
  /** The weight of bad answers that brings the ratio into the range that is advised; null where there is none. */
  undesirableWeight: z.number().nullable(),
});

/** Something about a run, a plan or an evaluation that succeeds, and that a person should know. */
export const Finding = z.discriminatedUnion('code', [
  LicenceWarning,
  ValidationHeldOut,
  DuplicatesAcrossSplits,
  FewExamples,
  MostTextsTruncated,
  LossNeverFell,
  PredictsOneClass,
  NotBetterThanBaseline,
  PolicyFarFromReference,
  RewardOveroptimized,
  PreferencesUnlearned,
  CompletionsGrow,
  CompletionsRepeat,
  GeneratorDiffers,
  RewardsRarelyDiffer,
  RewardNotAboveChance,
  RewardFollowsLength,
  ChosenLessLikely,
  PreferencesFollowLength,
  FarFromReference,
  UnbalancedThumbs,
]);
export type Finding = z.infer<typeof Finding>;
export type FindingCode = Finding['code'];

/** Fewer examples of a class than this are few. */
const fewExamples = 10;

const mostClasses = 20;
const mostCharacters = 100;

/** A finding where classes have few examples. @param classes all classes that the head knows */
export function findFewExamples(
  where: { readonly task: string; readonly split: string; readonly isLearnt: boolean },
  classes: readonly { readonly label: string; readonly count: number }[],
): Finding[] {
  const few = classes.filter((each) => each.count < fewExamples);
  if (few.length === 0) return [];
  const sorted = few.sort((a, b) => a.count - b.count || (a.label < b.label ? -1 : 1)).slice(0, mostClasses);
  const named = sorted.map((each) => ({ label: shortened(each.label), count: each.count }));
  return [{ code: 'FEW_EXAMPLES', ...where, threshold: fewExamples, classCount: few.length, classes: named }];
}

/** A finding where more than half of the texts are cut. */
export function findTruncated(
  where: { readonly split: string; readonly maxLength: number },
  texts: { readonly exampleCount: number; readonly truncatedCount: number },
): Finding[] {
  if (2 * texts.truncatedCount <= texts.exampleCount) return [];
  return [{ code: 'MOST_TEXTS_TRUNCATED', ...where, ...texts }];
}

/** A finding where the project's policy warns of the base model's licence. */
export function findLicence(licence: string, { decision, reason }: LicenceVerdict): Finding[] {
  return decision === 'WARN' ? [{ code: 'LICENCE_WARNING', licence: shortened(licence), reason }] : [];
}

/** The beginning of a label or text, as PostgreSQL can store it. */
export function shortened(text: string): string {
  return storableText(
    Array.from(text.slice(0, 2 * mostCharacters))
      .slice(0, mostCharacters)
      .join(''),
  );
}
