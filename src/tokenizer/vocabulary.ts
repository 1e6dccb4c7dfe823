import { z } from 'zod';
import { byteCharacters } from './byte-characters.js';
import { TokenizerError } from './tokenizer-error.js';
import { parseTokenizerJson, type TokenizerJson } from './tokenizer-json.js';
import { tokenStrings } from './word-model.js';

/** What tokens stand for. */
export interface Vocabulary {
  /** One more than the largest id. */
  readonly size: number;
  /**
   * The bytes, in UTF-8, that a token adds to a text after others. Null: none, as of a special token or of an id that
   * no token has.
   */
  bytesOf(id: number): Uint8Array | null;
  /** The token by itself, for people: a part of a character is U+FFFD, a special token is its name. */
  textOf(id: number): string;
}

/** The steps that Hugging Face's decoders make texts of tokens by. */
const Decoder = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ByteLevel') }),
  z.object({ type: z.literal('Metaspace'), replacement: z.string().length(1).default('▁') }),
  z.object({ type: z.literal('WordPiece'), prefix: z.string().default('##') }),
  z.object({ type: z.literal('BPEDecoder'), suffix: z.string().default('</w>') }),
  z.object({ type: z.literal('Replace'), pattern: z.object({ String: z.string().min(1) }), content: z.string() }),
  // A text that goes on has no beginning or end of its own to strip, and tokens are joined anyway.
  z.object({ type: z.enum(['ByteFallback', 'Fuse', 'Strip']) }),
  z.object({
    type: z.literal('Sequence'),
    get decoders(): z.ZodArray<typeof Decoder> {
      return z.array(Decoder);
    },
  }),
]);
type DecoderJson = z.infer<typeof Decoder>;

/** What a step makes of a token: text, or bytes that may be a part of a character. */
type Step = (token: string | Uint8Array) => string | Uint8Array;

const utf8 = new TextEncoder();

/**
 * Reads from the bytes of a Hugging Face `tokenizer.json` what its tokens stand for in the midst of a text: what a
 * text's tokens add to it, one after the other, is the text that `decode` gives, but for the space that some decoders
 * take from its beginning.
 *
 * @throws TokenizerError INVALID_TOKENIZER; UNSUPPORTED_TOKENIZER for a decoder of another kind
 */
export function openVocabulary(tokenizerJson: Uint8Array): Vocabulary {
  const json = parseTokenizerJson(tokenizerJson);
  const tokens = new Map([
    ...tokenStrings(json.model),
    ...json.added_tokens.map(({ id, content }) => [id, content] as const),
  ]);
  const special = new Set(json.added_tokens.filter((token) => token.special).map(({ id }) => id));
  const steps = stepsOfFile(json);
  const known = new Map<number, Uint8Array>();

  function bytesOf(id: number): Uint8Array | null {
    const token = tokens.get(id);
    if (token === undefined || special.has(id)) return null;
    const found = known.get(id);
    if (found !== undefined) return found;
    const made = steps.reduce<string | Uint8Array>((value, step) => step(value), token);
    const bytes = typeof made === 'string' ? utf8.encode(made) : made;
    known.set(id, bytes);
    return bytes;
  }

  return {
    size: [...tokens.keys()].reduce((most, id) => Math.max(most, id + 1), 0),
    bytesOf,
    textOf(id) {
      const bytes = bytesOf(id);
      return bytes === null ? (tokens.get(id) ?? '') : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    },
  };
}

function stepsOf(decoder: DecoderJson): Step[] {
  switch (decoder.type) {
    case 'ByteLevel':
      return [ofText(bytesOfCharacters)];
    case 'Metaspace':
      return [ofText((token) => token.replaceAll(decoder.replacement, ' '))];
    case 'WordPiece':
      return [ofText((token) => (token.startsWith(decoder.prefix) ? token.slice(decoder.prefix.length) : ` ${token}`))];
    case 'BPEDecoder':
      return [ofText((token) => token.replaceAll(decoder.suffix, ' '))];
    case 'Replace':
      return [ofText((token) => token.replaceAll(decoder.pattern.String, decoder.content))];
    case 'ByteFallback':
      return [ofText(bytesOfName)];
    case 'Fuse':
    case 'Strip':
      return [];
    case 'Sequence':
      return decoder.decoders.flatMap(stepsOf);
    default:
      return decoder satisfies never;
  }
}

function ofText(step: (token: string) => string | Uint8Array): Step {
  return (token) => (typeof token === 'string' ? step(token) : token);
}

const byteOfCharacter = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** The bytes that a token's characters stand for; one with other characters, which was added, is what it is. */
function bytesOfCharacters(token: string): string | Uint8Array {
  const bytes = Array.from(token, (character) => byteOfCharacter.get(character));
  return bytes.includes(undefined) ? token : Uint8Array.from(bytes as number[]);
}

/** `<0x0A>` → the byte. */
function bytesOfName(token: string): string | Uint8Array {
  const digits = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
  return digits === undefined ? token : Uint8Array.of(Number.parseInt(digits, 16));
}

/** The steps of the file's decoder; of a file without one, what undoes how it divides texts. */
function stepsOfFile({ decoder, model, normalizer, pre_tokenizer }: TokenizerJson): Step[] {
  if (decoder === null || decoder === undefined) return undone(model, JSON.stringify([normalizer, pre_tokenizer]));
  const parsed = Decoder.safeParse(decoder);
  if (parsed.success) return stepsOf(parsed.data);
  const [issue] = parsed.error.issues;
  const path = ['decoder', ...(issue?.path ?? [])].join('.');
  throw new TokenizerError('UNSUPPORTED_TOKENIZER', path, 'this decoder is not supported: no text can be made', {
    cause: parsed.error,
  });
}

function undone(model: TokenizerJson['model'], division: string): Step[] {
  if (division.includes('"ByteLevel"')) return stepsOf({ type: 'ByteLevel' });
  if (model.type === 'WordPiece') return stepsOf({ type: 'WordPiece', prefix: model.continuing_subword_prefix });
  if (division.includes('▁')) return [...stepsOf({ type: 'Metaspace', replacement: '▁' }), ofText(bytesOfName)];
  // Words, which the Rust implementation too puts spaces between.
  return [ofText((token) => ` ${token}`)];
}
