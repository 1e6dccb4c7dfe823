import { checkPairColumn, checkTextColumn } from '../../datasets/check-columns.js';
import { type Setting, text } from '../setting.js';
import type { MethodRequest } from './request.js';

/** Options of the field `textColumn` of methods' inputs. */
export const textColumnField = {
  nullable: true,
  description:
    'Column of the texts, or of lists of words, which are joined by spaces. Default: the column with the role TEXT or TOKENS.',
} as const;

/** Options of the field `textPairColumn` of methods' inputs. */
export const textPairColumnField = {
  nullable: true,
  description:
    'Column of the second texts, for tasks on pairs. Rows without a second text are left out. Default: single texts; where `textColumn` is left out, the column with the role SECOND_TEXT. Null: single texts.',
} as const;

/** What a method requests that reads single texts, or pairs of them. @param path of the method in the input */
export function requestTexts(
  { textColumn, textPairColumn }: { readonly textColumn: string; readonly textPairColumn?: string | null },
  path: readonly string[],
): { readonly pairColumn: string | null } & Pick<
  MethodRequest,
  'learns' | 'textColumns' | 'checkTextColumns' | 'checkModel' | 'control' | 'pairs'
> {
  // GraphQL leaves out what the client leaves out.
  const pairColumn = textPairColumn ?? null;
  const [at, pairAt] = [
    [...path, 'textColumn'],
    [...path, 'textPairColumn'],
  ];
  return {
    pairColumn,
    learns: 'heads',
    checkModel: () => [],
    control: null,
    textColumns: pairColumn === null ? [textColumn] : [textColumn, pairColumn],
    checkTextColumns: (version) => [
      ...checkTextColumn(version, textColumn, at),
      ...(pairColumn === null ? [] : checkPairColumn(version, textColumn, pairColumn, pairAt)),
    ],
    pairs: pairColumn === null ? null : pairAt,
  };
}

/** The settings of such a method's columns. */
export function settingsOfTexts({
  textColumn,
  pairColumn,
}: {
  readonly textColumn: string;
  readonly pairColumn: string | null;
}): Setting[] {
  return [
    text('method.textColumn', 'Text column', textColumn),
    text('method.textPairColumn', 'Column of second texts', pairColumn),
  ];
}
