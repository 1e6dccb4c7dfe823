import { checkPreferenceForm } from '../../../datasets/preferences/check-form.js';
import { toPreferenceForm } from '../../../datasets/preferences/preference-form.input.js';
import { type InputProblem, problem } from '../../../problems/problem.js';
import { traitsOf } from '../../../protocol/architectures/index.js';
import { largestRewardFactor, measuredBy } from '../../../protocol/methods/reward-modelling.js';
import { requiredPreferenceColumns } from '../../../protocol/preference-form.js';
import { checkTemplate } from '../check-template.js';
import type { MethodRequest } from '../request.js';
import type { NamedRewardModelling } from './columns.js';

const path = ['method', 'rewardModelling'];

/** OpenRLHF's and TRL's recommendation: it fixes the constant that comparisons leave free. */
const usualCentring = 0.01;

/** @param now what a template takes for the present, unless the input says it */
export function requestRewardModelling(input: NamedRewardModelling, now = () => new Date()): MethodRequest {
  const form = toPreferenceForm(input.preference);
  const chatTemplate = input.chatTemplate ?? null;
  const margin = input.margin ?? null;
  const centring = input.centring ?? usualCentring;
  return {
    learns: 'rewards',
    textColumns: requiredPreferenceColumns(form),
    keptTogether: form.promptColumn === null ? null : [form.promptColumn],
    checkTextColumns: (version) => checkPreferenceForm(version, form, [...path, 'preference']),
    checkModel: ({ config }) => {
      if (chatTemplate === null || traitsOf(config).isCausal) return [];
      const message = 'An encoder reads prompt and answer as a pair of texts, without a chat template.';
      return [problem([...path, 'chatTemplate'], 'INVALID_VALUE', message, 'Leave it out.')];
    },
    control: null,
    pairs: null,
    heads: [],
    problems: [
      ...checkTemplate(chatTemplate, path),
      ...checkMargin(margin, form.kind === 'rated' || (form.kind === 'pairs' && form.strengthColumn !== null)),
      ...checkFactor(centring, 'centring', 0),
    ],
    measured: () => measuredBy(),
    specOf: (base) => ({
      method: 'rewardModelling',
      ...base,
      preference: form,
      margin,
      centring,
      weighting: input.weighting ?? (form.kind === 'rated' ? 'prompts' : 'pairs'),
      chatTemplate,
      templateTime: (input.templateTime ?? now()).toISOString(),
      unlearnable: input.unlearnable,
    }),
  };
}

function checkMargin(margin: number | null, hasStrengths: boolean): InputProblem[] {
  if (margin === null) return [];
  const at = [...path, 'margin'];
  if (margin <= 0) return [problem(at, 'INVALID_VALUE', 'A margin is above 0.', 'Leave it out for none.')];
  if (hasStrengths) return checkFactor(margin, 'margin', 0);
  const message = 'Nothing says how much better an answer is, so that there is nothing to make margins of.';
  return [problem(at, 'INVALID_VALUE', message, 'Name `strengthColumn`, or leave the margin out.')];
}

function checkFactor(value: number, field: string, least: number): InputProblem[] {
  if (Number.isFinite(value) && value >= least && value <= largestRewardFactor) return [];
  const message = `It is ${value}; it may be from ${least} to ${largestRewardFactor.toLocaleString('en')}.`;
  return [problem([...path, field], 'INVALID_VALUE', message)];
}
