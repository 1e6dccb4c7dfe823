import type { LanguageModellingSpec } from '../../../protocol/methods/index.js';
import { choice, type Setting, text } from '../../setting.js';
import { LanguageObjectiveEnum, PackingEnum } from './type.js';

export function languageModellingSettings({ textColumn, objective, packing }: LanguageModellingSpec): Setting[] {
  return [
    text('method.textColumn', 'Text column', textColumn),
    choice('method.objective', 'Objective', LanguageObjectiveEnum, objective),
    choice('method.packing', 'Packing', PackingEnum, packing),
  ];
}
