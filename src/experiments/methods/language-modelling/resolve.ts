import { checkSplit, checkTextColumn } from '../../../datasets/check-columns.js';
import { familyName } from '../../../models/family-name.js';
import { type InputProblem, problem } from '../../../problems/problem.js';
import { traitsOf } from '../../../protocol/architectures/index.js';
import { measuredBy } from '../../../protocol/methods/language-modelling.js';
import type { ModelManifest } from '../../../protocol/model-manifest.js';
import type { ControlRequest, MethodRequest } from '../request.js';
import type { ControlTextsInput, LanguageModellingInput } from './input.js';

const path = ['method', 'languageModelling'];

export function requestLanguageModelling({
  textColumn,
  packing,
  control: asked,
}: LanguageModellingInput): MethodRequest {
  const control = asked ?? null;
  return {
    learns: 'tokens',
    textColumns: [textColumn],
    checkTextColumns: (version) => checkTextColumn(version, textColumn, [...path, 'textColumn']),
    checkModel: (model) => checkCausal(model, path),
    control: control === null ? null : requestControl(control),
    pairs: null,
    heads: [],
    problems: [],
    measured: measuredBy({ control }),
    specOf: (base, _, controlDigest) => ({
      method: 'languageModelling',
      ...base,
      textColumn,
      pairColumn: null,
      objective: 'causal',
      packing,
      control:
        control === null || controlDigest === null
          ? null
          : { datasetDigest: controlDigest, split: control.split, textColumn: control.textColumn },
    }),
  };
}

/** The problem of a model that does not predict the next token. @param path of the method in the input */
export function checkCausal({ config }: Pick<ModelManifest, 'config'>, path: readonly string[]): InputProblem[] {
  if (traitsOf(config).isCausal) return [];
  const message = `A model of the family ${familyName(config)} reads texts in both directions: it can not predict the next token.`;
  return [problem(path, 'INVALID_VALUE', message, 'Choose a decoder, such as GPT-2 or Llama.')];
}

function requestControl({ datasetVersionId, split, textColumn }: ControlTextsInput): ControlRequest {
  const at = [...path, 'control'];
  return {
    datasetVersionId,
    path: [...at, 'datasetVersionId'],
    check: (version) => [
      ...checkTextColumn(version, textColumn, [...at, 'textColumn']),
      ...checkSplit(version, split, [...at, 'split']),
    ],
  };
}
