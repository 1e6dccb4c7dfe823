import { globalId } from '../../../graphql/global-id.js';
import type { LanguageModellingSpec } from '../../../protocol/methods/index.js';
import type { NamedLanguageModelling } from './columns.js';

/**
 * The input that such a spec comes from.
 * @param controlVersionId row id of the control texts' dataset version; null without any
 */
export function languageModellingInputOf(
  { textColumn, objective, packing, masking, control }: LanguageModellingSpec,
  controlVersionId: string | null,
): NamedLanguageModelling {
  return {
    textColumn,
    objective,
    packing,
    masking: masking === null ? null : { ...masking },
    control:
      control === null || controlVersionId === null
        ? null
        : {
            datasetVersionId: globalId('DatasetVersion', controlVersionId),
            split: control.split,
            textColumn: control.textColumn,
          },
  };
}
