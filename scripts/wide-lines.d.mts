/** Most characters of a line of a comment or a document. */
export const maxWidth: number;

/** The lines of comments and documents under a folder that are too wide, a sentence each. */
export function checkWidth(root: string): Promise<string[]>;

/** The too wide lines of one file, in order; lines count from 1. */
export function wideLines(path: string, text: string): { readonly line: number; readonly width: number }[];
