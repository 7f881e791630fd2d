/** What a bucket of a curve holds beside finite values, as bits. Apart from the schemas: the page reads it too. */
export const ODD = { nan: 1, infinity: 2, negativeInfinity: 4 } as const;
