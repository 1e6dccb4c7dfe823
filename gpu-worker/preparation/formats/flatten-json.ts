import { JsonFault, JsonValues } from './json-values.js';

const openBrace = 0x7b;

/**
 * An object of JSON whose objects are taken apart: `{"a":{"b":1},"c":[2]}` becomes `{"a.b":1,"c":[2]}`. Values keep
 * their bytes, and so numbers their digits; lists stay whole. What is no object, or not JSON, stays as it is: its
 * reader tells what is wrong.
 */
export function flattened(text: Uint8Array): Uint8Array {
  // Most rows have no object inside.
  if (text.indexOf(openBrace, text.indexOf(openBrace) + 1) === -1) return text;
  const parts: Uint8Array[] = [];
  const values = new JsonValues(
    {
      begin: (_, kind) => (kind === 'OBJECT' ? 'ENTER' : 'TAKE'),
      value(path, { bytes }) {
        const key = JSON.stringify(path.join('.'));
        parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}${key}:`), bytes);
      },
      end: () => undefined,
    },
    text.length,
  );
  try {
    values.push(text);
    values.finish();
  } catch (error) {
    if (error instanceof JsonFault) return text;
    throw error;
  }
  return parts.length === 0 ? text : Buffer.concat([...parts, Buffer.from('}')]);
}
