import { type TransformerConfig, traitsOf } from '../../../src/protocol/architectures/index.js';
import { jsonFile } from '../export/json-file.js';
import { familyOf } from '../families/index.js';
import type { KeptFile } from '../kept-files.js';
import type { FoundTokenizer } from './found-tokenizer.js';
import { contentOf, type TextTokens } from './text-tokens.js';

/** Keys of a `tokenizer_config.json` that are about the tokenizer and not about the model that it came with. */
const handedOn = [
  'additional_special_tokens',
  'chat_template',
  'clean_up_tokenization_spaces',
  'cls_token',
  'extra_special_tokens',
  'mask_token',
  'sep_token',
  'truncation_side',
  'unk_token',
];

/** The `config.json` and `tokenizer_config.json` of a new model, as transformers would have saved them with it. */
export function describedFiles(
  config: TransformerConfig,
  found: Pick<FoundTokenizer, 'tokenizer' | 'settings' | 'kept'>,
  tokens: TextTokens,
  contextLength: number,
  deviation: number,
): KeptFile[] {
  const { classPrefix, languageModelClass, writeConfig } = familyOf(config.architecture);
  const files = [
    {
      name: 'config.json',
      bytes: jsonFile({
        architectures: [languageModelClass ?? `${classPrefix}Model`],
        model_type: config.architecture,
        ...writeConfig(config),
        bos_token_id: tokens.begin,
        eos_token_id: tokens.end,
        initializer_range: deviation,
      }),
    },
    { name: 'tokenizer_config.json', bytes: jsonFile(tokenizerConfig(config, found, tokens, contextLength)) },
    ...found.kept,
  ];
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function tokenizerConfig(
  config: TransformerConfig,
  { tokenizer, settings }: Pick<FoundTokenizer, 'tokenizer' | 'settings'>,
  { begin, end, pad }: TextTokens,
  contextLength: number,
): Record<string, unknown> {
  const named = (key: string, id: number | null) => (id === null ? {} : { [key]: tokenizer.token(id) });
  const types = traitsOf(config).givesTokenTypes ? ['token_type_ids'] : [];
  return {
    // Reads tokenizer.json alone, whatever the family.
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...Object.fromEntries(
      handedOn.filter((key) => settings[key] != null).map((key) => [key, contentOf(settings[key])]),
    ),
    ...named('bos_token', begin),
    ...named('eos_token', end),
    ...named('pad_token', pad),
    model_input_names: ['input_ids', ...types, 'attention_mask'],
    model_max_length: contextLength,
    padding_side: 'right',
  };
}
