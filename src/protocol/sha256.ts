import { z } from 'zod';

/** A SHA-256 digest, 64 lower-case hexadecimal digits: the name of an artifact. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export type Sha256 = z.infer<typeof Sha256>;
