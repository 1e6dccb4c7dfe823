import { fillHead, type NamedHeadFields } from '../../heads/columns.js';
import type { ColumnSources, Filled } from '../filled.js';
import { fillTexts } from '../texts-by-role.js';
import type { SupervisedInput } from './input.js';

/** The input with all of its columns. */
export interface NamedSupervised extends NamedHeadFields {
  readonly textColumn: string;
  readonly textPairColumn: string | null;
}

const path = ['method', 'supervised'];

export function fillSupervised(
  input: SupervisedInput,
  { version }: Pick<ColumnSources, 'version'>,
): Filled<NamedSupervised> {
  const head = fillHead(input, version, path, [input.textColumn, input.textPairColumn]);
  const taken = head.chosen.map(({ column }) => column);
  const texts = fillTexts(input, version, path, [head.fields], [...taken, input.labelColumn]);
  const { textColumn, textPairColumn } = texts;
  return {
    input: textColumn === null ? null : { ...head.fields, textColumn, textPairColumn },
    chosen: [...texts.chosen, ...head.chosen],
    problems: [...texts.problems, ...head.problems],
  };
}
