import type { Setting, SettingValue } from '../setting.js';

/** A setting with its values in several experiments. */
export interface ComparedSetting {
  readonly path: string;
  readonly label: string;
  /** One value for each experiment, in their order; null where the setting is not set or does not exist. */
  readonly values: readonly (SettingValue | null)[];
  readonly differs: boolean;
}

/**
 * The settings of several experiments side by side, in the first one's order; settings that only later experiments have
 * keep the place they have there.
 */
export function compareSettings(experiments: readonly (readonly Setting[])[]): ComparedSetting[] {
  const rows: { path: string; label: string }[] = [];
  for (const settings of experiments) {
    let position = 0;
    for (const { path, label } of settings) {
      const known = rows.findIndex((row) => row.path === path);
      if (known === -1) rows.splice(position, 0, { path, label });
      position = (known === -1 ? position : known) + 1;
    }
  }
  const byPath = experiments.map((settings) => new Map(settings.map(({ path, value }) => [path, value])));
  return rows.map((row) => {
    const values = byPath.map((settings) => settings.get(row.path) ?? null);
    return { ...row, values, differs: new Set(values.map((value) => JSON.stringify(value))).size > 1 };
  });
}
