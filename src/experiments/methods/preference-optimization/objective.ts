import { type InputProblem, problem } from '../../../problems/problem.js';
import type { PreferenceForm } from '../../../protocol/preference-form.js';
import {
  type DpoLoss,
  learnsPairs,
  type PreferenceObjective,
  type PreferenceObjectiveKind,
} from '../../../protocol/preference-objective.js';
import type { PreferenceObjectiveInput } from './objective.input.js';

/** Larger factors leave float32's range where they meet log-probabilities of long answers. */
const largest = 1e4;

/** DPO of pairs, and KTO of thumbs, which are no pairs. */
export function usualObjective(form: Pick<PreferenceForm, 'kind'> | null): PreferenceObjectiveInput {
  return form?.kind === 'thumbs' ? { kto: {} } : { dpo: {} };
}

/** The objective of an input, with the defaults that docs/methods explain. */
export function toPreferenceObjective(input: PreferenceObjectiveInput): PreferenceObjective {
  const { dpo, orpo, simpo, cpo, kto, ...others } = input;
  others satisfies Readonly<Record<string, never>>;
  if (dpo != null) {
    const loss = dpo.loss ?? 'sigmoid';
    return {
      kind: 'dpo',
      loss,
      beta: dpo.beta ?? (loss === 'sigmoidPerToken' ? 5 : 0.1),
      labelSmoothing: dpo.labelSmoothing ?? (loss === 'robust' ? 0.1 : 0),
      sftWeight: dpo.sftWeight ?? 0,
      tailWeight: dpo.tailWeight ?? 1,
      strengthMargin: dpo.strengthMargin ?? 0,
    };
  }
  if (orpo != null) return { kind: 'orpo', beta: orpo.beta ?? 0.1, learnsPrompts: orpo.learnsPrompts ?? false };
  if (simpo != null) {
    const beta = simpo.beta ?? 2;
    const { gamma, labelSmoothing, sftWeight } = simpo;
    return {
      kind: 'simpo',
      beta,
      gamma: gamma ?? beta / 2,
      labelSmoothing: labelSmoothing ?? 0,
      sftWeight: sftWeight ?? 0,
    };
  }
  if (cpo != null) {
    const { beta, labelSmoothing, sftWeight } = cpo;
    return { kind: 'cpo', beta: beta ?? 0.1, labelSmoothing: labelSmoothing ?? 0, sftWeight: sftWeight ?? 1 };
  }
  if (kto != null) {
    const { loss, beta, desirableWeight, undesirableWeight } = kto;
    return {
      kind: 'kto',
      loss: loss ?? 'kto',
      beta: beta ?? 0.1,
      desirableWeight: desirableWeight ?? 1,
      undesirableWeight: undesirableWeight ?? 1,
    };
  }
  throw new Error('The objective has no field, which @oneOf should have refused.');
}

/** The input that an objective comes from. */
export function objectiveInputOf({ kind, ...settings }: PreferenceObjective): PreferenceObjectiveInput {
  return { [kind]: settings };
}

const smoothedLosses: readonly DpoLoss[] = ['sigmoid', 'sigmoidPerToken', 'robust'];
const marginLosses: readonly DpoLoss[] = [...smoothedLosses, 'hinge'];

/**
 * The problems of an objective: values out of range, settings that its loss does not read, and judgements that it can
 * not learn from.
 *
 * @param path of the method in the input
 */
export function checkObjective(
  objective: PreferenceObjective,
  form: PreferenceForm,
  path: readonly string[],
): InputProblem[] {
  const at = (field: string) => [...path, 'objective', objective.kind, field];
  return [
    ...checkRanges(objective, at),
    ...checkForm(objective.kind, form, [...path, 'objective']),
    ...(objective.kind === 'dpo' ? checkDpo(objective, form, at) : []),
    ...checkProbabilities(objective, form, [...path, 'preference', 'pairs', 'probabilityColumn']),
  ];
}

function checkRanges(objective: PreferenceObjective, at: (field: string) => string[]): InputProblem[] {
  return Object.entries(objective).flatMap(([field, value]) => {
    if (typeof value !== 'number') return [];
    const { from, to, text } = rangeOf(field);
    return Number.isFinite(value) && from(value) && to(value)
      ? []
      : [problem(at(field), 'INVALID_VALUE', `It is ${value}; it has to be ${text}.`)];
  });
}

function rangeOf(field: string) {
  const most = largest.toLocaleString('en');
  const atMost = (value: number) => value <= largest;
  switch (field) {
    case 'labelSmoothing':
      return { from: (value: number) => value >= 0, to: (value: number) => value < 0.5, text: 'from 0 to below 0.5' };
    case 'tailWeight':
      return { from: (value: number) => value >= 0, to: (value: number) => value <= 1, text: 'from 0 to 1' };
    case 'sftWeight':
    case 'strengthMargin':
    case 'gamma':
      return { from: (value: number) => value >= 0, to: atMost, text: `from 0 to ${most}` };
    default:
      return { from: (value: number) => value > 0, to: atMost, text: `above 0 and at most ${most}` };
  }
}

/** Thumbs are of answers to different prompts, and ratings say of no answer that it is good. */
function checkForm(kind: PreferenceObjectiveKind, form: PreferenceForm, path: readonly string[]): InputProblem[] {
  if (learnsPairs({ kind }) ? form.kind !== 'thumbs' : form.kind !== 'rated') return [];
  const [message, hint] = learnsPairs({ kind })
    ? ['Thumbs are no pairs: this objective compares two answers to a prompt.', 'Choose `kto`, which learns thumbs.']
    : ['Ratings say of no answer that it is good or bad.', 'Choose `dpo`, which compares the answers to a prompt.'];
  return [problem(path, 'INVALID_VALUE', message!, hint)];
}

function checkDpo(
  { loss, labelSmoothing, strengthMargin }: Extract<PreferenceObjective, { kind: 'dpo' }>,
  form: PreferenceForm,
  at: (field: string) => string[],
): InputProblem[] {
  const problems: InputProblem[] = [];
  if (labelSmoothing !== 0 && !smoothedLosses.includes(loss)) {
    const message = 'This loss does not smooth labels.';
    problems.push(
      problem(at('labelSmoothing'), 'INVALID_VALUE', message, 'Leave it out, or choose SIGMOID or ROBUST.'),
    );
  }
  if (strengthMargin === 0) return problems;
  if (!marginLosses.includes(loss)) {
    const message = 'This loss has no margin.';
    problems.push(problem(at('strengthMargin'), 'INVALID_VALUE', message, 'Leave it out, or choose SIGMOID or HINGE.'));
  }
  if (form.kind === 'pairs' && form.strengthColumn === null) {
    const message = 'Nothing says how much better an answer is, so that there is nothing to make margins of.';
    problems.push(
      problem(at('strengthMargin'), 'INVALID_VALUE', message, 'Name `strengthColumn`, or leave the margin out.'),
    );
  }
  return problems;
}

/** Losses that are no cross-entropy of pairs have no place for how likely a pair is the right way round. */
function checkProbabilities(
  objective: PreferenceObjective,
  form: PreferenceForm,
  path: readonly string[],
): InputProblem[] {
  if (form.kind !== 'pairs' || form.probabilityColumn === null) return [];
  const reads =
    objective.kind === 'simpo' ||
    objective.kind === 'cpo' ||
    (objective.kind === 'dpo' && smoothedLosses.includes(objective.loss));
  if (reads) return [];
  const message = 'This objective takes each pair as it is: it does not read how likely its better answer is better.';
  const hint = 'Leave `probabilityColumn` out, or choose `dpo` with the loss SIGMOID, `simpo` or `cpo`.';
  return [problem(path, 'INVALID_VALUE', message, hint)];
}
