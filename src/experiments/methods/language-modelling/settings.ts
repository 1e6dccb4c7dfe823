import { LanguageObjectiveEnum } from '../../../models/predicted-tokens.type.js';
import type { LanguageModellingSpec } from '../../../protocol/methods/index.js';
import { choice, type NamedRow, number, reference, type Setting, text } from '../../setting.js';
import { PackingEnum } from './type.js';

export function languageModellingSettings(
  { textColumn, objective, packing, masking, control }: LanguageModellingSpec,
  controlVersion: NamedRow | null,
): Setting[] {
  return [
    text('method.textColumn', 'Text column', textColumn),
    choice('method.objective', 'Objective', LanguageObjectiveEnum, objective),
    choice('method.packing', 'Packing', PackingEnum, packing),
    number('method.masking.share', 'Share of masked tokens', masking?.share ?? null),
    {
      path: 'method.masking.wholeWords',
      label: 'Whole words masked',
      value: masking === null ? null : { kind: 'switch', on: masking.wholeWords },
    },
    reference('method.control.datasetVersion', 'Control texts', 'DatasetVersion', controlVersion),
    text('method.control.split', 'Split of the control texts', control?.split ?? null),
    text('method.control.textColumn', 'Column of the control texts', control?.textColumn ?? null),
  ];
}
