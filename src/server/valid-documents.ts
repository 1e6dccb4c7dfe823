import type { DocumentNode } from 'graphql';

/**
 * Length of all kept texts together. In memory a document takes about a hundred times as much as its text; this holds
 * hundreds of documents, and is little enough that a client who makes up documents can't fill the heap with them.
 */
const maxTextLength = 256 * 1024;

/**
 * The documents that were parsed and found valid, by their text; those that were not asked for longest go first. A
 * subscription holds its document for as long as it lasts, and thousands of subscribers ask with the same few texts: so
 * they share one in memory, and those who reconnect together cause it to be parsed and validated once.
 */
export class ValidDocuments {
  private readonly byText = new Map<string, DocumentNode>();
  private length = 0;

  constructor(private readonly mostLength = maxTextLength) {}

  find(text: string): DocumentNode | null {
    const found = this.byText.get(text);
    if (found === undefined) return null;
    // Re-inserting the text makes it the newest.
    this.byText.delete(text);
    this.byText.set(text, found);
    return found;
  }

  /** Keeps a document that `find` did not find. */
  keep(text: string, document: DocumentNode): void {
    if (text.length > this.mostLength) return;
    this.byText.set(text, document);
    this.length += text.length;
    for (const oldest of this.byText.keys()) {
      if (this.length <= this.mostLength) break;
      this.byText.delete(oldest);
      this.length -= oldest.length;
    }
  }
}
