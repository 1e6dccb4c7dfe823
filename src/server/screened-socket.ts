import { CloseCode } from 'graphql-ws';
import { WebSocket } from 'ws';
import { isHeavyJson } from './json-weight.js';

/** Large enough for any credential. */
const maxBytesOfUnknown = 16 * 1024;
/** Close code of the WebSocket protocol. */
const messageTooBig = 1009;

/**
 * A socket that inspects messages before they are parsed: a client that has not been identified may send only short
 * ones.
 */
export class ScreenedSocket extends WebSocket {
  /** True once the client is identified. */
  isKnown = false;
  /** True once the client's credential is refused: it may ask for operations, and hears why it gets none. */
  isRefused = false;

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    const [data] = values;
    if (event === 'message' && Buffer.isBuffer(data)) {
      if (this.readyState !== this.OPEN) return false;
      if (!this.isKnown && data.length > maxBytesOfUnknown) {
        if (this.isRefused) this.close(CloseCode.Forbidden, 'Forbidden');
        else this.close(messageTooBig, 'Too large before the beginning');
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
