import type { MultiTaskSpec } from '../../../protocol/methods/index.js';
import { choice, list, number, type Setting } from '../../comparison/setting.js';
import { settingsOfHead } from '../../heads/settings.js';
import { LossWeightingEnum } from './type.js';

export function multiTaskSettings({ lossWeighting, tasks }: MultiTaskSpec): Setting[] {
  return [
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
