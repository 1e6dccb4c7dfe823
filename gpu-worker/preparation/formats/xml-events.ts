import { Parser } from 'htmlparser2';
import { ProblemsError, problem } from '../../../src/problems/problem.js';

/** The elements and texts of an XML document, in their order. Names are without prefixes. */
export interface XmlEvents {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** Sheets nest fewer than 20 deep. The parser’s time for a tag grows with the depth. */
const maxDepth = 256;

/**
 * Reads XML in UTF-8 in constant memory. Entities that a document defines by itself are not expanded, and nothing that
 * it points to is opened.
 *
 * @param part the document’s name, for problems
 * @throws ProblemsError INVALID_FILE: the document ends before its outermost element does, or nests too deep
 */
export async function readXml(
  chunks: AsyncIterable<Uint8Array>,
  part: string,
  problemPath: readonly string[],
  events: XmlEvents,
): Promise<void> {
  const damaged = (how: string): ProblemsError => {
    const message = `The workbook is damaged: ${how}.`;
    return new ProblemsError([
      problem(problemPath, 'INVALID_FILE', message, 'Save it again in a spreadsheet program.'),
    ]);
  };
  let depth = 0;
  let isWhole = false;
  /** From then on, the parser ends by itself what is still open. */
  let isEnding = false;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        depth += 1;
        if (depth > maxDepth) throw damaged(`the elements of its part ${part} nest more than ${maxDepth} deep`);
        events.open?.(plain(name), attributes);
      },
      ontext: (text) => events.text?.(text),
      onclosetag(name) {
        depth -= 1;
        if (depth === 0 && !isEnding) isWhole = true;
        events.close?.(plain(name));
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }));
  parser.write(decoder.decode());
  isEnding = true;
  parser.end();
  if (!isWhole) throw damaged(`its part ${part} was cut off`);
}

function plain(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
