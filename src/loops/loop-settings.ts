import { toFeedbackPolicy } from '../feedback/datasets/feedback-policy.type.js';
import { taskLimits } from '../feedback/task-limits.js';
import { generationLimits } from '../generations/generation-limits.js';
import type { FeedbackPolicy } from '../protocol/feedback/dataset-rules.js';
import { scoredKinds } from './check-measure.js';
import type {
  CreateFeedbackLoopInput,
  LoopGateInput,
  LoopJudgingInput,
  LoopMeasuringInput,
  LoopPreferencesInput,
  LoopTrainingInput,
} from './loop.input.js';
import type { LoopAsk, LoopGate, LoopJudging, LoopPeople, LoopSettings, LoopTraining, Writing } from './loop.js';
import type { LoopAskInput, LoopPeopleInput, LoopWritingInput } from './loop-ask.input.js';

const usualPolicy: FeedbackPolicy = { kind: 'majority', ties: 'DROP' };

/** The settings that an input asks for, with all defaults. */
export function toLoopSettings(input: CreateFeedbackLoopInput): LoopSettings {
  const ask = toAsk(input.ask);
  const training = toTraining(input.training, ask);
  const { judging, policy } = input;
  const measured = { measuring: toMeasuring(input.measuring), preferences: toPreferences(input.preferences) };
  return {
    ask,
    people: toPeople(input.people),
    policy: policy == null ? usualPolicy : toFeedbackPolicy(policy),
    leastAnswers: input.leastAnswers,
    startDataId: input.startDataId ?? null,
    training,
    ...measured,
    judging: judging == null ? null : { ...toPrompts(judging), rewardModelId: judging.rewardModelId ?? null },
    gate: toGate(input.gate, { ask, training, ...measured }),
    alias: input.alias ?? null,
    seed: input.seed,
  };
}

export function toMeasuring(input: LoopMeasuringInput | null | undefined): LoopSettings['measuring'] {
  return input == null ? null : { ...input, textColumn: input.textColumn ?? null };
}

export function toPreferences(input: LoopPreferencesInput | null | undefined): LoopSettings['preferences'] {
  return input == null ? null : { ...input };
}

export function toAsk({ uncertain, pairs, nobody }: LoopAskInput): LoopAsk {
  if (nobody != null) return { kind: 'nobody', ...nobody };
  if (uncertain != null) {
    const { datasetVersionId, classes, several, by, most } = uncertain;
    const { split = null, textColumn = null, pool = null } = uncertain;
    return { kind: 'uncertain', datasetVersionId, split, textColumn, classes, several, by, pool, most };
  }
  const { strengths, writerId = null, judge = null, ...prompts } = pairs!;
  return { kind: 'pairs', strengths, writerId, judge: judge === null ? null : { ...judge }, ...toPrompts(prompts) };
}

/** The prompts of a comparison, and how is written to them. */
function toPrompts(input: LoopJudgingInput): Omit<LoopJudging, 'rewardModelId'> {
  const { datasetVersionId, split = null, promptColumn = null, asConversation, most } = input;
  return { datasetVersionId, split, promptColumn, asConversation, most, writing: toWriting(input.writing) };
}

function toWriting(input: LoopWritingInput | null | undefined): Writing {
  const { sampling, maxTokens = generationLimits.defaultTokens, stop = null } = input ?? {};
  return { sampling: sampling == null ? null : { ...sampling }, maxTokens, stop };
}

export function toPeople(input: LoopPeopleInput | null | undefined): LoopPeople {
  return {
    instructions: input?.instructions ?? '',
    overlap: input?.overlap == null ? null : { ...input.overlap },
    participants: input?.participants ?? null,
    claimSeconds: input?.claimSeconds ?? taskLimits.defaultClaimSeconds,
    repeatShare: input?.repeatShare ?? 0,
    answers: input?.answers ?? null,
  };
}

/**
 * Classifiers learn anew from all labels: going on from weights that learnt a part of the data generalizes worse (Ash
 * and Adams, On Warm-Starting Neural Network Training, 2020). Models that write go on, since answers are compared that
 * the present model gave.
 */
export function toTraining({ method, from, hyperparameters }: LoopTrainingInput, ask: LoopAsk): LoopTraining {
  return {
    method,
    hyperparameters: hyperparameters ?? null,
    from: from ?? (loopWrites(ask) ? 'CURRENT' : 'BASE'),
  };
}

/** Whether the loop's model writes what people compare, or what is rewarded. */
export function loopWrites(ask: LoopAsk): boolean {
  return ask.kind === 'nobody' || (ask.kind === 'pairs' && ask.writerId === null);
}

/** Language models are scored by the perplexity of texts, all others by what they have right. */
export function toGate(
  input: LoopGateInput | null | undefined,
  settings: Pick<LoopSettings, 'ask' | 'training' | 'measuring' | 'preferences'>,
): LoopGate {
  const { rule = 'NOT_WORSE', margin = 0, significance = 0.05 } = input ?? {};
  const [kind] = scoredKinds(settings);
  const hasTexts = settings.measuring !== null || settings.preferences === null;
  const ofTokens = hasTexts ? 'perplexity' : 'accuracy';
  const usual = kind === 'tokens' ? ofTokens : kind === 'multiLabel' ? 'subsetAccuracy' : 'accuracy';
  const measure = input?.measure ?? usual;
  const { maxPerplexityRatio = null, maxPreferenceDrop = null } = input ?? {};
  return { rule, measure, margin, significance, maxPerplexityRatio, maxPreferenceDrop };
}
