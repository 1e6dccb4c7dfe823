import type { ConfigKeys } from '../config-keys.js';

/** The padding token of a decoder. Null where `config.json` names none; older files of Llama say −1 for that. */
export function readPadToken(keys: ConfigKeys): number | null {
  const given = keys.nullable('pad_token_id');
  return given === null || given === -1 ? null : keys.index('pad_token_id', 0);
}
