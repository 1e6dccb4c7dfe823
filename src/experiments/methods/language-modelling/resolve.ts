import { checkSplit, checkTextColumn } from '../../../datasets/check-columns.js';
import { familyName } from '../../../models/family-name.js';
import { type InputProblem, problem } from '../../../problems/problem.js';
import { type ArchitectureConfig, traitsOf } from '../../../protocol/architectures/index.js';
import { type LanguageObjective, measuredBy } from '../../../protocol/methods/language-modelling.js';
import type { ModelManifest } from '../../../protocol/model-manifest.js';
import { usualMasking } from '../../../protocol/usual-tokens.js';
import type { ControlRequest, MethodRequest } from '../request.js';
import type { NamedLanguageModelling } from './columns.js';

const path = ['method', 'languageModelling'];

export function requestLanguageModelling(input: NamedLanguageModelling): MethodRequest {
  const { textColumn } = input;
  const control = input.control ?? null;
  const objectiveOn = (config: ArchitectureConfig) => input.objective ?? usualObjective(config);
  return {
    learns: 'tokens',
    textColumns: [textColumn],
    checkTextColumns: (version) => checkTextColumn(version, textColumn, [...path, 'textColumn']),
    checkModel: ({ config }) => [
      ...checkObjective(objectiveOn(config), config),
      ...checkMasking(input, objectiveOn(config)),
    ],
    control: control === null ? null : requestControl(control),
    pairs: null,
    heads: [],
    problems: [],
    measured: ({ config }) => measuredBy({ control, objective: objectiveOn(config) }),
    specOf(base, _, { config }, { control: controlDigest }) {
      const objective = objectiveOn(config);
      return {
        method: 'languageModelling',
        ...base,
        textColumn,
        pairColumn: null,
        objective,
        masking: objective === 'masked' ? { ...(input.masking ?? usualMasking) } : null,
        packing: input.packing ?? (objective === 'causal' ? 'packed' : 'separate'),
        control:
          control === null || controlDigest === null
            ? null
            : { datasetDigest: controlDigest, split: control.split, textColumn: control.textColumn },
      };
    },
  };
}

/** The problem of a model that does not predict the next token. @param path of the method in the input */
export function checkCausal({ config }: Pick<ModelManifest, 'config'>, path: readonly string[]): InputProblem[] {
  if (traitsOf(config).isCausal) return [];
  const message = `A model of the family ${familyName(config)} reads texts in both directions: it can not predict the next token.`;
  return [problem(path, 'INVALID_VALUE', message, 'Choose a decoder, such as GPT-2 or Llama.')];
}

function usualObjective(config: ArchitectureConfig): LanguageObjective {
  return traitsOf(config).isCausal ? 'causal' : 'masked';
}

function checkObjective(objective: LanguageObjective, config: ArchitectureConfig): InputProblem[] {
  const at = [...path, 'objective'];
  switch (objective) {
    case 'causal':
      return checkCausal({ config }, at);
    case 'masked': {
      if (traitsOf(config).predictsMasked === true) return [];
      const message = `A model of the family ${familyName(config)} can not predict masked tokens.`;
      const hint = traitsOf(config).isCausal
        ? 'Choose an encoder such as BERT, or leave `objective` out: a decoder predicts the next token.'
        : 'Choose an encoder that can, such as BERT, RoBERTa or XLM-RoBERTa, or a decoder.';
      return [problem(at, 'INVALID_VALUE', message, hint)];
    }
    default:
      return objective satisfies never;
  }
}

/** The problems of what only one of the objectives takes. */
function checkMasking({ masking, packing }: NamedLanguageModelling, objective: LanguageObjective): InputProblem[] {
  const problems: InputProblem[] = [];
  if (masking != null && objective === 'causal') {
    const message = 'No token is masked where each is predicted from those before it.';
    problems.push(problem([...path, 'masking'], 'INVALID_VALUE', message, 'Leave `masking` out.'));
  }
  if (masking != null && !(masking.share > 0 && masking.share < 1)) {
    const message = `The share of masked tokens is ${masking.share}; it has to be above 0 and below 1.`;
    problems.push(problem([...path, 'masking', 'share'], 'INVALID_VALUE', message));
  }
  if (packing === 'packed' && objective === 'masked') {
    const message = 'Encoders read one document in a row.';
    problems.push(problem([...path, 'packing'], 'INVALID_VALUE', message, 'Leave `packing` out, or choose SEPARATE.'));
  }
  return problems;
}

function requestControl({ split, textColumn }: NonNullable<NamedLanguageModelling['control']>): ControlRequest {
  const at = [...path, 'control'];
  return {
    check: (version) => [
      ...checkTextColumn(version, textColumn, [...at, 'textColumn']),
      ...checkSplit(version, split, [...at, 'split']),
    ],
  };
}
