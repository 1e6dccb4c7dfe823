/** The keys of a message's text: OpenAI's and transformers' `content`, ShareGPT's `value`, a part's `text`. */
const textKeys = new Set(['content', 'value', 'text']);

/** A string of JSON, and the colon after it where it is a key. */
const stringToken = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * Changes the texts of messages inside JSON, and leaves everything else as it is written: other keys, the order, the
 * digits of numbers.
 */
export function editJsonTexts(json: string, change: (text: string) => string): string {
  let key: string | null = null;
  let end = 0;
  return json.replace(stringToken, (token: string, colon: string | undefined, at: number) => {
    const follows = key !== null && json.slice(end, at).trim() === '';
    end = at + token.length;
    if (colon !== undefined) {
      key = JSON.parse(token.slice(0, token.length - colon.length)) as string;
      return token;
    }
    const isText = follows && textKeys.has(key!);
    key = null;
    if (!isText) return token;
    const text = JSON.parse(token) as string;
    const changed = change(text);
    return changed === text ? token : JSON.stringify(changed);
  });
}
