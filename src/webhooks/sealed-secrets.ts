import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Secrets that must be known in clear to sign with, stored so that a copy of the database alone reveals none of them:
 * AES-256-GCM under a key derived from the server's secret. A box is nonce (12 bytes), tag (16 bytes), ciphertext; it
 * opens only for the row it was sealed for.
 */
export interface SealedSecrets {
  seal(rowId: string, secret: string): Buffer;
  /** Null when the box was sealed with another server secret, or for another row. */
  open(rowId: string, box: Buffer): string | null;
}

const algorithm = 'aes-256-gcm';
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16];

export function createSealedSecrets(serverSecret: Buffer): SealedSecrets {
  const key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'attune webhook secrets', keyBytes));
  return {
    seal(rowId, secret) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(rowId));
      const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
    },
    open(rowId, box) {
      const [nonce, tag] = [box.subarray(0, nonceBytes), box.subarray(nonceBytes, nonceBytes + tagBytes)];
      try {
        const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
          .setAAD(Buffer.from(rowId))
          .setAuthTag(tag);
        return decipher.update(box.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return null;
      }
    },
  };
}
