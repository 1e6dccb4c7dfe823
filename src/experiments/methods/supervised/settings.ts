import type { SupervisedSpec } from '../../../protocol/methods/index.js';
import { settingsOfHead } from '../../heads/settings.js';
import type { Setting } from '../../setting.js';
import { settingsOfTexts } from '../text-columns.js';

export function supervisedSettings(spec: SupervisedSpec): Setting[] {
  return [...settingsOfTexts(spec), ...settingsOfHead('method', spec.head)];
}
