import { parseArgs } from 'node:util';

/**
 * Whether the command line says `--toy`: everything a bench does, at the smallest size and writing nothing, in a few
 * seconds. It shows that the bench still works; its figures mean nothing. @throws TypeError on any other argument
 */
export const isToy: boolean = parseArgs({ options: { toy: { type: 'boolean', default: false } } }).values.toy;
