import { CloseCode } from 'graphql-ws';
import { WebSocket } from 'ws';
import { isHeavyJson } from './json-weight.js';

/** Enough for any credential. */
const maxBytesOfUnknown = 16 * 1024;
/** Of WebSockets themselves. */
const messageTooBig = 1009;

/** A socket whose messages are looked at before anybody parses them: from a client that has not said who it is, only short ones are. */
export class ScreenedSocket extends WebSocket {
  /** Set once it is known who is there. */
  isKnown = false;

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    const [data] = values;
    if (event === 'message' && Buffer.isBuffer(data)) {
      if (this.readyState !== this.OPEN) return false;
      if (!this.isKnown && data.length > maxBytesOfUnknown) {
        this.close(messageTooBig, 'Too large before the beginning');
        return false;
      }
      if (isHeavyJson(data)) {
        this.close(CloseCode.BadRequest, 'Invalid message received');
        return false;
      }
    }
    return super.emit(event, ...values);
  }
}
