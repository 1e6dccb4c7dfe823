import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { PreferenceFormKindEnum } from '../../../datasets/preferences/preference-form.type.js';
import type { PreferenceOptimizationSpec } from '../../../protocol/methods/index.js';
import { preferenceColumns } from '../../../protocol/preference-form.js';
import { choice, list, type NamedRow, number, reference, type Setting, text } from '../../setting.js';
import { DpoLossEnum, KtoLossEnum, PreferenceObjectiveKindEnum, toPreferenceObjectiveType } from './objective.type.js';

/** @param referenceModel null without a reference, or where it is the base model */
export function preferenceOptimizationSettings(
  spec: PreferenceOptimizationSpec,
  referenceModel: NamedRow | null,
): Setting[] {
  const { preference, objective, chatTemplate, unlearnable } = spec;
  const shown = toPreferenceObjectiveType(objective);
  const { learnsPrompts } = shown;
  const at = (field: string) => `method.preferenceObjective.${field}`;
  return [
    choice('method.preference.kind', 'Form of judgements', PreferenceFormKindEnum, preference.kind),
    list('method.preference.columns', 'Columns of judgements', preferenceColumns(preference)),
    choice(at('kind'), 'Objective', PreferenceObjectiveKindEnum, shown.kind),
    number(at('beta'), 'β', shown.beta),
    choice(at('dpoLoss'), 'Loss of a pair', DpoLossEnum, shown.dpoLoss),
    choice(at('ktoLoss'), 'What log-ratios are compared with', KtoLossEnum, shown.ktoLoss),
    number(at('labelSmoothing'), 'Label smoothing', shown.labelSmoothing),
    number(at('sftWeight'), 'Weight of the better answers’ tokens', shown.sftWeight),
    number(at('tailWeight'), 'Weight of the tokens of longer answers', shown.tailWeight),
    number(at('strengthMargin'), 'Margin of strengths', shown.strengthMargin),
    number(at('gamma'), 'γ', shown.gamma),
    {
      path: at('learnsPrompts'),
      label: 'Prompts learned',
      value: learnsPrompts === null ? null : { kind: 'switch', on: learnsPrompts },
    },
    number(at('desirableWeight'), 'Weight of good answers', shown.desirableWeight),
    number(at('undesirableWeight'), 'Weight of bad answers', shown.undesirableWeight),
    reference('method.referenceModel', 'Reference model', 'BaseModel', referenceModel),
    text('method.chatTemplate', 'Chat template', chatTemplate),
    choice('method.unlearnable', 'Rows that can not be learned', UnlearnableRowsEnum, unlearnable),
  ];
}
