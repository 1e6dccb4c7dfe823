/**
 * The extension of a subscription whose feed gives every subscriber the same objects, of which its resolver makes the
 * same whatever the arguments and whoever asks: what its subscribers get is made once for all of them.
 */
export const answersEvent = { answersEvent: true } as const;
