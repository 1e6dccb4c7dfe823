import type { House } from './layout.mjs';

export const houses: readonly House[];
