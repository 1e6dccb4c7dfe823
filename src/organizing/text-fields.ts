import { maxNotesLength, maxTagLength, maxTags } from './names-and-tags.js';

/** Options of the fields of inputs that change name, tags or notes of an object. */

export const tagsDescription = `Tags to find the object by, at most ${maxTags}, each 1 to ${maxTagLength} characters without line breaks. Spaces around a tag are dropped; a tag that is given twice counts once.`;
export const notesDescription = `Free text for people, at most ${maxNotesLength} characters.`;

export const allTags = {
  nullable: true,
  description: `All tags of the object from now on; null: none. ${tagsDescription}`,
} as const;

export const tagsToAdd = {
  nullable: true,
  description:
    'Tags to add, after `tags` and `removeTags` were applied. Two users who add tags at once both succeed. A tag that the object already has stays in its place.',
} as const;

export const tagsToRemove = {
  nullable: true,
  description: 'Tags to remove, after `tags` and before `addTags`. A tag that the object does not have is ignored.',
} as const;

export const newNotes = { nullable: true, description: `${notesDescription} Null: none.` } as const;

/** Of the filters of lists. */
export const tagsFilter = {
  nullable: true,
  description: 'Objects that have all of these tags. An empty list restricts nothing.',
} as const;
