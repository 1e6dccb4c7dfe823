/** An array that numbers are appended to. @param room numbers that it has room for at first */
export function growing<Values extends Int32Array | Uint8Array>(make: new (size: number) => Values, room: number) {
  let values = new make(room);
  let end = 0;
  return {
    /** Returns the new end. */
    append(added: ArrayLike<number>): number {
      if (end + added.length > values.length) {
        const grown = new make(Math.max(2 * values.length, end + added.length));
        grown.set(values);
        values = grown;
      }
      values.set(added, end);
      end += added.length;
      return end;
    },
    all: () => values.slice(0, end) as Values,
  };
}
