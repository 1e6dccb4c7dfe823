import { type ArchitectureConfig, traitsOf } from '../../src/protocol/architectures/index.js';
import { parseObject } from './config.js';
import type { KeptFile } from './kept-files.js';

/**
 * Tokenizers of transformers 5 that give types of tokens where their configuration does not say, and older names of
 * them. All others, `PreTrainedTokenizerFast` among them, give none.
 */
const givingTypes = new Set([
  'BertTokenizer',
  'CanineTokenizer',
  'ConvBertTokenizer',
  'DPRQuestionEncoderTokenizer',
  'DebertaTokenizer',
  'DebertaV2Tokenizer',
  'ElectraTokenizer',
  'FNetTokenizer',
  'LayoutLMTokenizer',
  'LayoutLMv2Tokenizer',
  'LxmertTokenizer',
  'MarkupLMTokenizer',
  'MobileBertTokenizer',
  'SqueezeBertTokenizer',
  'TapasTokenizer',
]);

/**
 * Whether a model's tokenizer gives it types of tokens, as `AutoTokenizer` of transformers decides it: by
 * `model_input_names` of `tokenizer_config.json`, else by the class of the tokenizer that this file or `config.json`
 * names, else by the family. Undefined where that is as in most models of the family.
 */
export function givesTypesIn(files: readonly KeptFile[], config: ArchitectureConfig): boolean | undefined {
  const usual = traitsOf(config).givesTokenTypes;
  const ofTokenizer = objectIn(files, 'tokenizer_config.json');
  const { model_input_names: names } = ofTokenizer;
  const given = Array.isArray(names)
    ? names.includes('token_type_ids')
    : byClass(ofTokenizer.tokenizer_class ?? objectIn(files, 'config.json').tokenizer_class, usual);
  return given === usual ? undefined : given;
}

function byClass(name: unknown, otherwise: boolean): boolean {
  return typeof name === 'string' ? givingTypes.has(name.replace(/Fast$/, '')) : otherwise;
}

/** Errors: ProblemError INVALID_MODEL for a file that is no JSON object. */
function objectIn(files: readonly KeptFile[], name: string): Readonly<Record<string, unknown>> {
  const file = files.find((one) => one.name === name);
  return file === undefined ? {} : parseObject(file.bytes.toString('utf8'), name);
}
