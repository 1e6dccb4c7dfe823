import { hkdfSync } from 'node:crypto';

const keyBytes = 32;
const checkBytes = 8;

/** What a reward service is told apart by. */
export interface ServicePlace {
  readonly projectId: string;
  readonly url: string;
  /** A new number is a new secret. */
  readonly secretNumber: number;
}

/** The key that the secrets of all reward services come from: derived from the server's secret, and kept nowhere. */
export function rewardKeyOf(serverSecret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', serverSecret, '', 'attune reward services', keyBytes));
}

/** Tells two keys apart, and says nothing of either. */
export function checkOfKey(rewardKey: Buffer): string {
  return Buffer.from(hkdfSync('sha256', rewardKey, '', 'check', checkBytes)).toString('hex');
}

/** The key that signs requests to a service. */
export function serviceKey(rewardKey: Buffer, { projectId, url, secretNumber }: ServicePlace): Buffer {
  return Buffer.from(hkdfSync('sha256', rewardKey, projectId, `${secretNumber} ${url}`, keyBytes));
}
