import type { ChildList } from '../database/child-pages.js';

/** Lists of the whole server have this constant as their parent. */
export const theServer = '00000000-0000-4000-8000-000000000000';
export const serverParent: ChildList['parent'] = { column: `'${theServer}'::uuid`, type: 'uuid' };
