import { Parser } from 'htmlparser2';

/** The elements and texts of an XML document, in their order. Names are without prefixes. */
export interface XmlEvents {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
  /** Whether the rest of the document does not matter. Asked after each chunk. */
  isDone?(): boolean;
}

/**
 * Reads XML in UTF-8 in constant memory. Entities that a document defines by itself are not expanded, and nothing that
 * it points to is opened.
 */
export async function readXml(chunks: AsyncIterable<Uint8Array>, events: XmlEvents): Promise<void> {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => events.open?.(plain(name), attributes),
      ontext: (text) => events.text?.(text),
      onclosetag: (name) => events.close?.(plain(name)),
    },
    { xmlMode: true, decodeEntities: true },
  );
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of chunks) {
    parser.write(decoder.decode(chunk, { stream: true }));
    if (events.isDone?.() === true) return;
  }
  parser.write(decoder.decode());
  parser.end();
}

function plain(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
