import { z } from 'zod';
import type { TargetHeadSpec } from '../heads.js';
import { learnsPairs, type PreferenceObjectiveKind } from '../preference-objective.js';
import { type TaskHead, textColumnsOf as textOrPair } from './common.js';
import { upgradeSpec } from './former-specs.js';
import * as instructionTuning from './instruction-tuning.js';
import * as languageModelling from './language-modelling.js';
import * as multiTask from './multi-task.js';
import * as policyOptimization from './policy-optimization.js';
import * as preferenceOptimization from './preference-optimization.js';
import * as rewardModelling from './reward-modelling.js';
import * as supervised from './supervised.js';

export type { TaskHead } from './common.js';
export type { InstructionTuningSpec } from './instruction-tuning.js';
export type { LanguageModellingSpec, Masking } from './language-modelling.js';
export type { MultiTaskSpec } from './multi-task.js';
export type { PolicyOptimizationSpec } from './policy-optimization.js';
export type { PreferenceOptimizationSpec } from './preference-optimization.js';
export type { RewardModellingSpec } from './reward-modelling.js';
export type { SupervisedSpec } from './supervised.js';

const AnySpec = z.discriminatedUnion('method', [
  supervised.SupervisedSpec,
  multiTask.MultiTaskSpec,
  languageModelling.LanguageModellingSpec,
  instructionTuning.InstructionTuningSpec,
  policyOptimization.PolicyOptimizationSpec,
  rewardModelling.RewardModellingSpec,
  preferenceOptimization.PreferenceOptimizationSpec,
]);

/**
 * All that determines a run's result, on one engine version, thread count and processor instruction set. Specs that a
 * former release wrote are read as the same in today's form.
 */
export const RunSpec = z.preprocess(upgradeSpec, AnySpec);
export type RunSpec = z.infer<typeof AnySpec>;
export type MethodKind = RunSpec['method'];

/** The methods, in the order that they are listed in. */
export const methodKinds: readonly MethodKind[] = AnySpec.options.map(({ shape }) => shape.method.value);

/**
 * Calls the case of the spec's method. Code that depends on the method goes through here or the functions below: there
 * is no other `switch` over methods.
 */
export function byMethod<Result>(
  spec: RunSpec,
  cases: { readonly [Kind in MethodKind]: (spec: Extract<RunSpec, { method: Kind }>) => Result },
): Result {
  switch (spec.method) {
    case 'supervised':
      return cases.supervised(spec);
    case 'multiTask':
      return cases.multiTask(spec);
    case 'languageModelling':
      return cases.languageModelling(spec);
    case 'instructionTuning':
      return cases.instructionTuning(spec);
    case 'policyOptimization':
      return cases.policyOptimization(spec);
    case 'rewardModelling':
      return cases.rewardModelling(spec);
    case 'preferenceOptimization':
      return cases.preferenceOptimization(spec);
    default:
      return spec satisfies never;
  }
}

/** A spec of a method that trains heads. */
export type HeadsSpec = supervised.SupervisedSpec | multiTask.MultiTaskSpec;

/** As `byMethod`, of the methods that train heads. */
export function byMethodOfHeads<Result>(
  spec: HeadsSpec,
  cases: { readonly [Kind in HeadsSpec['method']]: (spec: Extract<HeadsSpec, { method: Kind }>) => Result },
): Result {
  switch (spec.method) {
    case 'supervised':
      return cases.supervised(spec);
    case 'multiTask':
      return cases.multiTask(spec);
    default:
      return spec satisfies never;
  }
}

/** What preference optimization learns by; null for other methods. */
export function objectiveOf(spec: RunSpec): PreferenceObjectiveKind | null {
  return spec.method === 'preferenceOptimization' ? spec.objective.kind : null;
}

/** The columns that an example's texts are in: a row without one of them is no example. */
export function textColumnsOf(spec: RunSpec): readonly string[] {
  return byMethod<readonly string[]>(spec, {
    supervised: textOrPair,
    multiTask: textOrPair,
    languageModelling: textOrPair,
    instructionTuning: instructionTuning.textColumnsOf,
    policyOptimization: policyOptimization.textColumnsOf,
    rewardModelling: rewardModelling.textColumnsOf,
    preferenceOptimization: preferenceOptimization.textColumnsOf,
  });
}

/** Texts that are read for one example of a batch: both answers of a pair. */
export function textsPerExample(spec: RunSpec): number {
  return byMethod<number>(spec, {
    supervised: () => 1,
    multiTask: () => 1,
    languageModelling: () => 1,
    instructionTuning: () => 1,
    policyOptimization: () => 1,
    rewardModelling: ({ preference }) => (preference.kind === 'thumbs' ? 1 : 2),
    preferenceOptimization: ({ objective }) => (learnsPairs(objective) ? 2 : 1),
  });
}

/** The heads that are trained, in the order of the model's. */
export function headsOf(spec: HeadsSpec): readonly TaskHead<TargetHeadSpec>[];
export function headsOf(spec: RunSpec): readonly TaskHead[];
export function headsOf(spec: RunSpec): readonly TaskHead[] {
  return byMethod<readonly TaskHead[]>(spec, {
    supervised: supervised.headsOf,
    multiTask: multiTask.headsOf,
    languageModelling: languageModelling.headsOf,
    instructionTuning: languageModelling.headsOf,
    policyOptimization: policyOptimization.headsOf,
    rewardModelling: rewardModelling.headsOf,
    preferenceOptimization: languageModelling.headsOf,
  });
}

/** Keys of the metrics that are measured after each epoch: what early stopping may watch. */
export function measuredBy(spec: RunSpec): readonly string[] {
  return byMethod<readonly string[]>(spec, {
    supervised: supervised.measuredBy,
    multiTask: multiTask.measuredBy,
    languageModelling: languageModelling.measuredBy,
    instructionTuning: () => languageModelling.measuredBy({}),
    policyOptimization: policyOptimization.measuredBy,
    rewardModelling: rewardModelling.measuredBy,
    preferenceOptimization: preferenceOptimization.measuredBy,
  });
}
