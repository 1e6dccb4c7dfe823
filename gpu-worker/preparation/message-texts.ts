import { editJsonTexts } from './edit-json-texts.js';

/** The texts of messages inside JSON, in their order: those that `editJsonTexts` changes. */
export function messageTexts(json: string): string[] {
  const texts: string[] = [];
  editJsonTexts(json, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}
