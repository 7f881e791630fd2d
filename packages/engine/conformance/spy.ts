type Anything = (...args: unknown[]) => unknown;

interface Call {
  readonly object: unknown;
  readonly args: unknown[];
}

/** A function that stands in for another and remembers how it was called: Jasmine's spyOn. */
export interface Spy extends Anything {
  readonly calls: {
    count(): number;
    first(): Call;
    mostRecent(): Call;
    allArgs(): unknown[][];
  };
  readonly and: {
    callThrough(): Spy;
    callFake(fake: Anything): Spy;
    returnValue(value: unknown): Spy;
  };
}

const SPIES = new WeakSet<object>();

export function isSpy(value: unknown): value is Spy {
  return typeof value === 'function' && SPIES.has(value);
}

function makeSpy(original: Anything): Spy {
  const made: Call[] = [];
  let act: Anything = () => undefined;
  function spy(this: unknown, ...args: unknown[]): unknown {
    made.push({ object: this, args });
    return act.apply(this, args);
  }
  const become = (next: Anything): Spy => {
    act = next;
    return result;
  };
  const result: Spy = Object.assign(spy, {
    calls: {
      count: () => made.length,
      first: () => made[0]!,
      mostRecent: () => made.at(-1)!,
      allArgs: () => made.map(({ args }) => args),
    },
    and: {
      callThrough: () => become(original),
      callFake: become,
      returnValue: (value: unknown) => become(() => value),
    },
  });
  SPIES.add(result);
  return result;
}

/** Replaces a method until the test is over. */
export function spyOn(owner: Record<string, unknown>, name: string, undo: (() => void)[]): Spy {
  const original = owner[name];
  if (typeof original !== 'function') throw new Error(`spyOn: ${name} is not a method`);
  const spy = makeSpy(original as Anything);
  owner[name] = spy;
  undo.push(() => {
    owner[name] = original;
  });
  return spy;
}
