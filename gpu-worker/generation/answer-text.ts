import type { Vocabulary } from '../../src/tokenizer/index.js';
import type { AnswerText } from './answer.js';

/**
 * Makes the text of one answer as its tokens come, in linear time. It ends before the stop string that is complete
 * first, of those that are complete together before the longest: how tokens divide the text makes no difference.
 */
export function createAnswerText(vocabulary: Vocabulary, stop: readonly string[]): AnswerText {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Text that may be the beginning of a stop string. */
  let held = '';

  function take(decoded: string): ReturnType<AnswerText['feed']> {
    held += decoded;
    const first = firstComplete(held, stop);
    if (first !== null) {
      const text = held.slice(0, first.at);
      held = '';
      return { text, stop: first.stop };
    }
    const kept = longestBeginning(held, stop);
    const text = held.slice(0, held.length - kept);
    held = held.slice(held.length - kept);
    return { text, stop: null };
  }

  return {
    feed(id) {
      const bytes = vocabulary.bytesOf(id);
      return bytes === null ? { text: '', stop: null } : take(decoder.decode(bytes, { stream: true }));
    },
    end() {
      const rest = held + decoder.decode();
      held = '';
      return rest;
    },
  };
}

/** The stop string that is the first to be complete in a text, and where it begins. */
function firstComplete(text: string, stop: readonly string[]): { readonly at: number; readonly stop: string } | null {
  let first: { readonly at: number; readonly end: number; readonly stop: string } | null = null;
  for (const each of stop) {
    const at = text.indexOf(each);
    const end = at + each.length;
    if (at < 0 || (first !== null && (end > first.end || (end === first.end && at > first.at)))) continue;
    first = { at, end, stop: each };
  }
  return first;
}

/** Code units at the end of a text that a stop string begins with. */
function longestBeginning(text: string, stop: readonly string[]): number {
  const most = Math.min(text.length, Math.max(0, ...stop.map(({ length }) => length - 1)));
  for (let length = most; length > 0; length--) {
    const end = text.slice(text.length - length);
    if (stop.some((each) => each.startsWith(end))) return length;
  }
  return 0;
}
