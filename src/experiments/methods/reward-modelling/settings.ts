import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { PreferenceFormKindEnum } from '../../../datasets/preferences/preference-form.type.js';
import type { RewardModellingSpec } from '../../../protocol/methods/index.js';
import { preferenceColumns } from '../../../protocol/preference-form.js';
import { choice, list, number, type Setting, text } from '../../setting.js';
import { ComparisonWeightingEnum } from './type.js';

export function rewardModellingSettings(spec: RewardModellingSpec): Setting[] {
  const { preference, margin, centring, weighting, chatTemplate, unlearnable } = spec;
  return [
    choice('method.preference.kind', 'Form of judgements', PreferenceFormKindEnum, preference.kind),
    list('method.preference.columns', 'Columns of judgements', preferenceColumns(preference)),
    number('method.margin', 'Margin of the largest strength', margin),
    number('method.centring', 'Centring of rewards', centring),
    choice('method.weighting', 'What counts the same', ComparisonWeightingEnum, weighting),
    text('method.chatTemplate', 'Chat template', chatTemplate),
    choice('method.unlearnable', 'Rows that can not be learned', UnlearnableRowsEnum, unlearnable),
  ];
}
