import { join } from 'node:path';
import { root } from '../root.js';

/** The other side's script, which stays where its source is. */
export const opponentScript = join(root, 'bench/train/opponent.py');
