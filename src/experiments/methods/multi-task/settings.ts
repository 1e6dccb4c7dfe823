import type { MultiTaskSpec } from '../../../protocol/methods/index.js';
import { settingsOfHead } from '../../heads/settings.js';
import { choice, list, number, type Setting } from '../../setting.js';
import { settingsOfTexts } from '../text-columns.js';
import { LossWeightingEnum } from './type.js';

export function multiTaskSettings(spec: MultiTaskSpec): Setting[] {
  const { lossWeighting, tasks } = spec;
  return [
    ...settingsOfTexts(spec),
    choice('method.lossWeighting', 'Loss weighting', LossWeightingEnum, lossWeighting),
    list(
      'method.tasks',
      'Tasks',
      tasks.map(({ name }) => name),
    ),
    ...tasks.flatMap(({ name, weight, head }) => [
      ...settingsOfHead(`method.tasks.${name}`, head, ` of ${name}`),
      number(`method.tasks.${name}.weight`, `Loss weight of ${name}`, weight),
    ]),
  ];
}
