import type { SupervisedSpec } from '../../../protocol/methods/index.js';
import type { Setting } from '../../comparison/setting.js';
import { settingsOfHead } from '../../heads/settings.js';

export function supervisedSettings({ head }: SupervisedSpec): Setting[] {
  return settingsOfHead('method', head);
}
