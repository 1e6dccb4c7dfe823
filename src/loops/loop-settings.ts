import { toFeedbackPolicy } from '../feedback/datasets/feedback-policy.type.js';
import { taskLimits } from '../feedback/task-limits.js';
import { generationLimits } from '../generations/generation-limits.js';
import type { FeedbackPolicy } from '../protocol/feedback/dataset-rules.js';
import type {
  CreateFeedbackLoopInput,
  LoopAskInput,
  LoopGateInput,
  LoopJudgingInput,
  LoopPeopleInput,
  LoopTrainingInput,
  LoopWritingInput,
} from './loop.input.js';
import type { LoopAsk, LoopGate, LoopJudging, LoopPeople, LoopSettings, LoopTraining, Writing } from './loop.js';

const usualPolicy: FeedbackPolicy = { kind: 'majority', ties: 'DROP' };

/** The settings that an input asks for, with all defaults. */
export function toLoopSettings(input: CreateFeedbackLoopInput): LoopSettings {
  const ask = toAsk(input.ask);
  const { measuring, judging, policy } = input;
  return {
    ask,
    people: toPeople(input.people),
    policy: policy == null ? usualPolicy : toFeedbackPolicy(policy),
    leastAnswers: input.leastAnswers,
    startDataId: input.startDataId ?? null,
    training: toTraining(input.training, ask),
    measuring: measuring == null ? null : { ...measuring, textColumn: measuring.textColumn ?? null },
    judging: judging == null ? null : toJudging(judging),
    gate: toGate(input.gate),
    alias: input.alias ?? null,
    seed: input.seed,
  };
}

function toAsk({ uncertain, pairs }: LoopAskInput): LoopAsk {
  if (uncertain != null) {
    const { datasetVersionId, classes, several, by, most } = uncertain;
    const { split = null, textColumn = null, pool = null } = uncertain;
    return { kind: 'uncertain', datasetVersionId, split, textColumn, classes, several, by, pool, most };
  }
  const { strengths, ...prompts } = pairs!;
  return { kind: 'pairs', strengths, ...toJudging(prompts) };
}

function toJudging(input: LoopJudgingInput): LoopJudging {
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
    from: from ?? (ask.kind === 'uncertain' ? 'BASE' : 'CURRENT'),
  };
}

export function toGate(input: LoopGateInput | null | undefined): LoopGate {
  const { rule = 'NOT_WORSE', measure = 'accuracy', margin = 0, significance = 0.05 } = input ?? {};
  return { rule, measure, margin, significance, maxPerplexityRatio: input?.maxPerplexityRatio ?? null };
}
