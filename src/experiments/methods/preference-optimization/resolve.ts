import { checkPreferenceForm } from '../../../datasets/preferences/check-form.js';
import { toPreferenceForm } from '../../../datasets/preferences/preference-form.input.js';
import { type InputProblem, problem } from '../../../problems/problem.js';
import { measuredBy } from '../../../protocol/methods/preference-optimization.js';
import { requiredPreferenceColumns } from '../../../protocol/preference-form.js';
import { hasReference } from '../../../protocol/preference-objective.js';
import { checkTemplate } from '../check-template.js';
import { checkNoHeads, checkWrites, type Writer } from '../check-writes.js';
import type { MethodRequest } from '../request.js';
import type { NamedPreferenceOptimization } from './columns.js';
import { checkObjective, toPreferenceObjective, usualObjective } from './objective.js';

const path = ['method', 'preferenceOptimization'];
const referencePath = [...path, 'referenceModelId'];

/** @param now what a template takes for the present, unless the input says it */
export function requestPreferenceOptimization(
  input: NamedPreferenceOptimization,
  now = () => new Date(),
): MethodRequest {
  const form = toPreferenceForm(input.preference);
  const objective = toPreferenceObjective(input.objective ?? usualObjective(form));
  const chatTemplate = input.chatTemplate ?? null;
  return {
    learns: 'preferences',
    objective: objective.kind,
    textColumns: requiredPreferenceColumns(form),
    keptTogether: form.promptColumn === null ? null : [form.promptColumn],
    checkTextColumns: (version) => checkPreferenceForm(version, form, [...path, 'preference']),
    checkModel: (model) => checkWrites(model, path),
    checkReference: (reference, model) => checkReference(reference, model, hasReference(objective)),
    control: null,
    pairs: null,
    heads: [],
    problems: [...checkTemplate(chatTemplate, path), ...checkObjective(objective, form, path)],
    measured: () => measuredBy({ objective }),
    specOf: (base, _, __, { reference }) => ({
      method: 'preferenceOptimization',
      ...base,
      preference: form,
      objective,
      referenceDigest: hasReference(objective) ? (reference ?? base.baseModelDigest) : null,
      chatTemplate,
      templateTime: (input.templateTime ?? now()).toISOString(),
      unlearnable: input.unlearnable,
    }),
  };
}

function checkReference(
  reference: Pick<Writer, 'heads'> & { readonly tokenizer: { readonly digest: string } },
  model: { readonly tokenizer: { readonly digest: string } },
  isCompared: boolean,
): InputProblem[] {
  if (!isCompared) {
    const message = 'This objective compares with no reference.';
    return [
      problem(referencePath, 'INVALID_VALUE', message, 'Leave `referenceModelId` out, or choose `dpo` or `kto`.'),
    ];
  }
  const hint = 'Choose the base model itself, by leaving it out, or a model that was trained from it.';
  const withHeads = checkNoHeads(reference, referencePath, hint);
  if (withHeads.length > 0 || reference.tokenizer.digest === model.tokenizer.digest) return withHeads;
  const message = 'The reference model has another tokenizer: probabilities of other tokens can not be compared.';
  return [problem(referencePath, 'INVALID_VALUE', message, hint)];
}
