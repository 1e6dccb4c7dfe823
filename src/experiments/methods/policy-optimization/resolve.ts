import { checkColumnType } from '../../../datasets/check-columns.js';
import { toPreferenceForm } from '../../../datasets/preferences/preference-form.input.js';
import { type InputProblem, problem } from '../../../problems/problem.js';
import { traitsOf } from '../../../protocol/architectures/index.js';
import {
  measuredBy,
  type PolicyAlgorithm,
  type PolicyGuards,
  PolicyOptimizationSpec,
  samplesOf,
} from '../../../protocol/methods/policy-optimization.js';
import { checkNoHeads, checkWrites } from '../check-writes.js';
import type { MethodRequest, ReadModel } from '../request.js';
import type { NamedPolicyOptimization } from './columns.js';
import { checkControlPreferences, requestControlPreferences } from './control-preferences.js';
import type { PolicyAlgorithmInput, PolicyGuardsInput } from './input.js';
import type { PlannedValueModel } from './plan-value-model.js';

const path = ['method', 'policyOptimization'];

/** What a policy tells by findings unless the input says otherwise. */
const guardDefaults = { klBudget: null, lengthGrowth: 2, repetition: 0.5, stops: false } as const;

export function requestPolicyOptimization(input: NamedPolicyOptimization): MethodRequest {
  const { promptColumn, planned } = input;
  const systemColumn = input.systemColumn ?? null;
  const { rewards, controlRewards } = planned ?? { rewards: [], controlRewards: [] };
  const algorithm = algorithmOf(input.algorithm, planned?.valueModel ?? null);
  const control = input.controlPreferences;
  const own = {
    promptColumn,
    systemColumn,
    algorithm,
    samples: input.samples ?? samplesOf(algorithm).usual,
    maxTokens: input.maxTokens,
    temperature: input.temperature,
    iterations: input.iterations ?? (algorithm.kind === 'ppo' ? 4 : 1),
    masksTruncated: input.masksTruncated,
    rewards: [...rewards],
    controlRewards: [...controlRewards],
    heldOutPrompts: input.heldOutPrompts,
    guards: guardsOf(input.guards),
  };
  return {
    learns: 'completions',
    textColumns: [promptColumn],
    checkTextColumns: (version) => [
      ...checkColumnType(version, promptColumn, ['TEXT', 'JSON'], [...path, 'promptColumn']),
      ...(systemColumn === null ? [] : checkColumnType(version, systemColumn, ['TEXT'], [...path, 'systemColumn'])),
    ],
    checkModel: (model) => checkWrites(model, path),
    checkReference,
    control: control === null ? null : requestControlPreferences(control),
    pairs: null,
    heads: [],
    problems: [...checkOwn(own), ...(control === null ? [] : checkControlPreferences(control))],
    checkHyperparameters: ({ epochs, maxLength }) => [
      ...checkBetas(algorithm, epochs),
      ...checkRoom(input.maxTokens, maxLength),
    ],
    measured: () => measuredBy({ ...own, controlPreferences: control }),
    specOf: (base, _, __, { control: controlDigest, reference }) => ({
      method: 'policyOptimization',
      ...base,
      ...own,
      algorithm: withRate(algorithm, input.algorithm, base.hyperparameters.learningRate),
      controlPreferences:
        control === null || controlDigest === null
          ? null
          : {
              datasetDigest: controlDigest,
              split: control.split,
              preference: toPreferenceForm(control.preference),
              pairs: control.pairs,
            },
      referenceDigest: reference ?? base.baseModelDigest,
    }),
  };
}

/** Probabilities of tokens can only be compared where both models read the same tokens, and predict them. */
function checkReference(reference: ReadModel, model: ReadModel): InputProblem[] {
  const at = [...path, 'referenceModelId'];
  const hint = 'Leave it out, so that it is the base model itself, or choose a model that was trained from it.';
  if (!traitsOf(reference.config).isCausal) {
    const message = 'The reference model is no decoder: it gives the tokens of a completion no probabilities.';
    return [problem(at, 'INVALID_VALUE', message, hint)];
  }
  const withHeads = checkNoHeads(reference, at, hint);
  if (withHeads.length > 0 || reference.tokenizer.digest === model.tokenizer.digest) return withHeads;
  const message = 'The reference model has another tokenizer: probabilities of other tokens can not be compared.';
  return [problem(at, 'INVALID_VALUE', message, hint)];
}

/** Values learn at the policy's rate where the input says no other. */
function withRate(
  algorithm: PolicyAlgorithm,
  input: PolicyAlgorithmInput | null | undefined,
  learningRate: number,
): PolicyAlgorithm {
  if (algorithm.kind !== 'ppo' || input?.ppo?.valueLearningRate != null) return algorithm;
  return { ...algorithm, valueLearningRate: learningRate };
}

function algorithmOf(
  input: PolicyAlgorithmInput | null | undefined,
  valueModel: PlannedValueModel | null,
): PolicyAlgorithm {
  if (input?.ppo != null) {
    const { clipLow: low, clipHigh, valueModelId: _, valueLearningRate, ...fields } = input.ppo;
    return {
      kind: 'ppo',
      ...fields,
      clip: { low, high: clipHigh ?? low },
      mostRatio: fields.mostRatio ?? null,
      valueClip: fields.valueClip === undefined ? 0.2 : fields.valueClip,
      adaptiveKl: fields.adaptiveKl == null ? null : { ...fields.adaptiveKl },
      missingEndPenalty: fields.missingEndPenalty ?? null,
      valueModel,
      // Else that of the policy, which is known later: see `withRate`.
      valueLearningRate: valueLearningRate ?? 1e-4,
    };
  }
  if (input?.rloo != null) {
    const { clipLow: low, clipHigh, klWeight, normalizesAdvantages } = input.rloo;
    return { kind: 'rloo', clip: { low, high: clipHigh ?? low }, klWeight, normalizesAdvantages };
  }
  if (input?.onlineDpo != null) {
    const { loss, betas, missingEndPenalty } = input.onlineDpo;
    return { kind: 'onlineDpo', loss, betas: [...betas], missingEndPenalty: missingEndPenalty ?? null };
  }
  const grpo = input?.grpo ?? null;
  const low = grpo?.clipLow ?? 0.2;
  return {
    kind: 'grpo',
    clip: { low, high: grpo?.clipHigh ?? low },
    mostRatio: grpo?.mostRatio ?? null,
    ratioOf: grpo?.ratioOf ?? 'token',
    scaling: grpo?.scaling ?? 'group',
    separatesRewards: grpo?.separatesRewards ?? false,
    aggregation: grpo?.aggregation ?? 'token',
    klWeight: grpo?.klWeight ?? 0,
    replacementRounds: grpo?.replacementRounds ?? null,
  };
}

/** Null turns a guard off; what is left out has its default. */
function guardsOf(input: PolicyGuardsInput | null | undefined): PolicyGuards {
  const given = <Name extends 'klBudget' | 'lengthGrowth' | 'repetition'>(name: Name) =>
    input?.[name] === undefined ? guardDefaults[name] : input[name];
  return {
    klBudget: given('klBudget'),
    lengthGrowth: given('lengthGrowth'),
    repetition: given('repetition'),
    stops: input?.stops ?? guardDefaults.stops,
  };
}

const Own = PolicyOptimizationSpec.pick({
  algorithm: true,
  maxTokens: true,
  temperature: true,
  iterations: true,
  heldOutPrompts: true,
  guards: true,
});

/** The problems of the numbers, by the ranges that the spec has. */
function checkOwn(
  own: Parameters<typeof measuredBy>[0] & Pick<PolicyOptimizationSpec, 'algorithm' | 'samples' | 'masksTruncated'>,
): InputProblem[] {
  const issues = Own.safeParse(own).error?.issues ?? [];
  const ofNames = sharedNames(own);
  const ofRanges = issues.map((issue) => {
    const message = 'The value lies outside of its range.';
    return problem(
      [...path, ...inputPath(issue.path.map(String), own.algorithm.kind)],
      'INVALID_VALUE',
      message,
      {
        ...issue,
      }.message,
    );
  });
  return [...ofRanges, ...checkSamples(own), ...ofNames];
}

/** The problems of completions that an algorithm does not take. */
function checkSamples({
  algorithm,
  samples,
  masksTruncated,
}: Pick<PolicyOptimizationSpec, 'algorithm' | 'samples' | 'masksTruncated'>): InputProblem[] {
  const { least, most } = samplesOf(algorithm);
  const problems: InputProblem[] = [];
  if (samples < least || samples > most) {
    const range = least === most ? `exactly ${least}` : `from ${least} to ${most}`;
    const message = `The algorithm takes ${range} completions of each prompt, and ${samples} are asked for.`;
    problems.push(problem([...path, 'samples'], 'INVALID_VALUE', message, 'Leave `samples` out.'));
  }
  if (algorithm.kind === 'ppo' && algorithm.mostRatio !== null && algorithm.mostRatio <= 1 + algorithm.clip.high) {
    const message = `\`mostRatio\` has to be above 1 + \`clipHigh\`, which is ${1 + algorithm.clip.high}.`;
    const hint = 'It limits ratios at negative advantages, far beyond the clip; 3 is usual.';
    problems.push(problem([...path, 'algorithm', 'ppo', 'mostRatio'], 'INVALID_VALUE', message, hint));
  }
  if (algorithm.kind === 'onlineDpo' && masksTruncated) {
    const message = 'Online DPO compares whole completions: those that were cut off can not be left out of the loss.';
    const hint = 'Leave `masksTruncated` out; `missingEndPenalty` makes completions that were cut off lose.';
    problems.push(problem([...path, 'masksTruncated'], 'INVALID_VALUE', message, hint));
  }
  return problems;
}

/** A prompt and its completion are one row: a completion may not take all of it. */
function checkRoom(maxTokens: number, maxLength: number): InputProblem[] {
  if (maxTokens < maxLength) return [];
  const message = `Prompt and completion have ${maxLength} tokens together (\`maxLength\`), and ${maxTokens} of a completion leave none to a prompt.`;
  const hint = 'Lower `maxTokens`, or raise `maxLength` where the model reads more tokens.';
  return [problem([...path, 'maxTokens'], 'INVALID_VALUE', message, hint)];
}

/** Online DPO takes one β, or one for each epoch. */
function checkBetas(algorithm: PolicyAlgorithm, epochs: number): InputProblem[] {
  if (algorithm.kind !== 'onlineDpo') return [];
  const { length } = algorithm.betas;
  if (length === 1 || length === epochs) return [];
  const message = `\`betas\` has ${length} numbers for ${epochs} epoch${epochs === 1 ? '' : 's'}.`;
  const hint = `Give one number, or ${epochs}: one for each epoch.`;
  return [problem([...path, 'algorithm', 'onlineDpo', 'betas'], 'INVALID_VALUE', message, hint)];
}

/** Names of metrics have to differ: a reward that is learned is measured anyway. */
function sharedNames({ rewards, controlRewards }: Parameters<typeof measuredBy>[0]): InputProblem[] {
  if (controlRewards.length > 8) {
    return [problem([...path, 'controlRewards'], 'TOO_LONG', 'There may be at most 8 control rewards.')];
  }
  return controlRewards.flatMap(({ name }, index) => {
    if (!rewards.some((reward) => reward.name === name)) return [];
    const message = `“${name}” is learned: what is learned does not tell whether it is gamed.`;
    return [problem([...path, 'controlRewards', String(index), 'name'], 'INVALID_VALUE', message)];
  });
}

/** The path in the input of a value of the spec. */
function inputPath(path: readonly string[], kind: PolicyAlgorithm['kind']): string[] {
  const [first, ...rest] = path;
  if (first !== 'algorithm') return [...path];
  const [field, side] = rest;
  if (field !== 'clip') return ['algorithm', kind, ...rest];
  return ['algorithm', kind, side === 'high' ? 'clipHigh' : 'clipLow'];
}
