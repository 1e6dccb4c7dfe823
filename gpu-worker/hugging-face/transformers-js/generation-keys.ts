import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import type { TextEnds } from '../../data/documents.js';

/**
 * The `generation_config.json` of a language model: the tokens that begin texts, and those that end them, by which
 * `generate` stops.
 *
 * @param original the `config.json` that the model came with; null: it has none
 */
export function generationKeys(
  original: Readonly<Record<string, unknown>> | null,
  { padTokenId }: Pick<DecoderConfig, 'padTokenId'>,
  { begin, end }: TextEnds,
): Readonly<Record<string, unknown>> {
  const named = [original?.eos_token_id ?? []].flat().filter((id) => typeof id === 'number');
  const ends = [...new Set([...(end === null ? [] : [end]), ...named])];
  const pad = padTokenId ?? end;
  return {
    ...(begin === null ? {} : { bos_token_id: begin }),
    ...(ends.length === 0 ? {} : { eos_token_id: ends.length === 1 ? ends[0] : ends }),
    ...(pad === null ? {} : { pad_token_id: pad }),
  };
}
