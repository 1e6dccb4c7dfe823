import { columnByRole } from '../../../datasets/columns-by-role.js';
import type { ColumnSources, Filled } from '../filled.js';
import { fillTexts } from '../texts-by-role.js';
import type { ControlTextsInput, LanguageModellingInput } from './input.js';

type NamedControlTexts = Omit<ControlTextsInput, 'textColumn'> & { readonly textColumn: string };

/** The input with all of its columns. */
export interface NamedLanguageModelling extends Omit<LanguageModellingInput, 'textColumn' | 'control'> {
  readonly textColumn: string;
  readonly control?: NamedControlTexts | null;
}

const path = ['method', 'languageModelling'];

export function fillLanguageModelling(
  input: LanguageModellingInput,
  { version, control: controlVersion }: Omit<ColumnSources, 'examples'>,
): Filled<NamedLanguageModelling> {
  const { textColumn, chosen, problems } = fillTexts({ ...input, textPairColumn: null }, version, path, [], []);
  const control = input.control ?? null;
  const field = { what: 'the column of the control texts', path: [...path, 'control', 'textColumn'] };
  const asksRoles = control !== null && control.textColumn == null && controlVersion !== null;
  const other = asksRoles ? columnByRole(controlVersion, ['TEXT', 'TOKENS'], field) : null;
  const controlColumn = control?.textColumn ?? other?.chosen?.column ?? null;
  const isKnown = textColumn !== null && (control === null || controlColumn !== null);
  return {
    input: isKnown
      ? { ...input, textColumn, control: control === null ? null : { ...control, textColumn: controlColumn! } }
      : null,
    chosen: [...chosen, ...(other?.chosen == null ? [] : [other.chosen])],
    problems: [...problems, ...(other?.problems ?? [])],
  };
}
