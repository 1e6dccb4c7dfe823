import protobuf from 'protobufjs/minimal.js';
import { invalidModel, unsupported } from '../problems.js';

/** `ModelProto.SentencePiece.Type` of sentencepiece_model.proto. */
const types = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: number;
}

/** What is read of a SentencePiece model; the format's defaults where a field is absent. */
interface SentencePieceModel {
  readonly pieces: readonly Piece[];
  /** 1 unigram, 2 byte pairs, 3 words, 4 characters. */
  readonly kind: number;
  readonly fallsBackToBytes: boolean;
  readonly bosId: number;
  readonly unkId: number;
  /** Rules beyond those below, compiled. */
  readonly hasRules: boolean;
  readonly putsSpaceFirst: boolean;
  readonly removesExtraSpaces: boolean;
}

/**
 * A SentencePiece model of byte pairs as the bytes of a `tokenizer.json`, the way transformers converts Llama's: merges
 * by the scores of what they make, spaces as “▁”, and the token that begins texts before each. Errors: ProblemError
 * INVALID_MODEL (no such model), UNSUPPORTED_MODEL (of another kind, or with rules of normalization).
 */
export function sentencePieceTokenizer(bytes: Buffer, name: string): Buffer {
  const model = read(bytes, name);
  const { pieces, unkId, bosId } = model;
  if (model.kind !== 2) {
    throw unsupported(`${name} is a SentencePiece model of another kind than byte pairs (model_type ${model.kind})`);
  }
  if (model.hasRules) throw unsupported(`${name} normalizes texts by rules of its own; supported: identity`);
  const [unknown, bos] = [pieces[unkId]?.text, pieces[bosId]?.text];
  if (unknown === undefined) throw invalidModel(`${name} has no piece for the unknown`);
  const begins = bos === undefined ? [] : [{ SpecialToken: { id: bos, type_id: 0 } }];
  const sequence = (id: 'A' | 'B') => ({ Sequence: { id, type_id: 0 } });
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: pieces.flatMap(({ text, type }, id) =>
      type === types.unknown || type === types.control || type === types.userDefined
        ? [
            {
              id,
              content: text,
              single_word: false,
              lstrip: false,
              rstrip: false,
              normalized: false,
              special: type !== types.userDefined,
            },
          ]
        : [],
    ),
    normalizer: { type: 'Sequence', normalizers: normalizersOf(model) },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [...begins, sequence('A')],
      pair: [...begins, sequence('A'), ...begins, sequence('B')],
      special_tokens: bos === undefined ? {} : { [bos]: { id: bos, ids: [bosId], tokens: [bos] } },
    },
    decoder: null,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknown,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: model.fallsBackToBytes,
      vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
      merges: mergesOf(pieces),
    },
  };
  return Buffer.from(JSON.stringify(json));
}

/**
 * Spaces before all else, and behind all else, where SentencePiece takes a typed “▁” for one. `^` and `$` would match
 * at the ends of lines.
 */
const outerSpaces = '(?<![\\s\\S]) +|[ ▁]+(?![\\s\\S])';

function normalizersOf({ putsSpaceFirst, removesExtraSpaces }: SentencePieceModel): object[] {
  const replace = (pattern: object, content: string) => ({ type: 'Replace', pattern, content });
  return [
    ...(removesExtraSpaces ? [replace({ Regex: outerSpaces }, ''), replace({ Regex: ' {2,}' }, ' ')] : []),
    ...(putsSpaceFirst ? [{ type: 'Prepend', prepend: '▁' }] : []),
    replace({ String: ' ' }, '▁'),
  ];
}

/**
 * Every way to make a piece of two others, those of the highest scores first; of one piece the one whose parts come
 * first in the vocabulary.
 */
function mergesOf(pieces: readonly Piece[]): [string, string][] {
  const ids = new Map(pieces.flatMap(({ text, type }, id) => (type === types.normal ? [[text, id] as const] : [])));
  const merges: { readonly pair: [string, string]; readonly order: readonly number[] }[] = [];
  for (const [text, id] of ids) {
    const characters = Array.from(text);
    for (let cut = 1; cut < characters.length; cut++) {
      const pair: [string, string] = [characters.slice(0, cut).join(''), characters.slice(cut).join('')];
      const [left, right] = [ids.get(pair[0]), ids.get(pair[1])];
      if (left !== undefined && right !== undefined)
        merges.push({ pair, order: [-pieces[id]!.score, id, left, right] });
    }
  }
  merges.sort((a, b) => a.order.map((one, k) => one - b.order[k]!).find((difference) => difference !== 0) ?? 0);
  return merges.map(({ pair }) => pair);
}

function read(bytes: Buffer, name: string): SentencePieceModel {
  const pieces: Piece[] = [];
  const settings = { kind: 1, fallsBackToBytes: false, bosId: 1, unkId: 0 };
  const normalization = { hasRules: false, putsSpaceFirst: true, removesExtraSpaces: true };
  try {
    fields(bytes, {
      1: (reader) => pieces.push(pieceIn(reader.bytes())),
      2: (reader) =>
        fields(reader.bytes(), {
          3: (inner) => (settings.kind = inner.int32()),
          35: (inner) => (settings.fallsBackToBytes = inner.bool()),
          40: (inner) => (settings.unkId = inner.int32()),
          41: (inner) => (settings.bosId = inner.int32()),
        }),
      3: (reader) =>
        fields(reader.bytes(), {
          2: (inner) => (normalization.hasRules = inner.bytes().length > 0),
          3: (inner) => (normalization.putsSpaceFirst = inner.bool()),
          4: (inner) => (normalization.removesExtraSpaces = inner.bool()),
        }),
    });
  } catch (error) {
    throw invalidModel(`${name} is no SentencePiece model`, null, error);
  }
  if (pieces.length === 0) throw invalidModel(`${name} is no SentencePiece model: it has no pieces`);
  return { pieces, ...settings, ...normalization };
}

function pieceIn(bytes: Uint8Array): Piece {
  const piece = { text: '', score: 0, type: types.normal as number };
  fields(bytes, {
    1: (reader) => (piece.text = reader.string()),
    2: (reader) => (piece.score = reader.float()),
    3: (reader) => (piece.type = reader.int32()),
  });
  return piece;
}

/** Reads a message of Protocol Buffers field by field; those without a reader are passed over. */
function fields(bytes: Uint8Array, readers: Readonly<Record<number, (reader: protobuf.Reader) => unknown>>): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const readField = readers[tag >>> 3];
    if (readField === undefined) reader.skipType(tag & 7);
    else readField(reader);
  }
}
