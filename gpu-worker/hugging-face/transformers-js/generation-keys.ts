import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import type { TextEnds } from '../../data/documents.js';

/**
 * The `generation_config.json` of a language model: the token that begins texts, and those by which `generate` stops.
 *
 * @param answerEnds ids of the tokens that end an answer here
 * @param stated the file that the model came with, whose other keys stay
 */
export function generationKeys(
  { padTokenId }: Pick<DecoderConfig, 'padTokenId'>,
  { begin, end }: TextEnds,
  answerEnds: ReadonlySet<number>,
  stated: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const ends = [...answerEnds];
  const pad = padTokenId ?? end ?? ends[0];
  return {
    ...stated,
    ...(begin === null ? {} : { bos_token_id: begin }),
    ...(ends.length === 0 ? {} : { eos_token_id: ends.length === 1 ? ends[0] : ends }),
    ...(pad === undefined || stated.pad_token_id != null ? {} : { pad_token_id: pad }),
  };
}
