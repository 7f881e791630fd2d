import { Fragment } from 'preact';

/** A dotted name that may be broken after a dot or before a capital, not within a word. */
export function Dotted({ name }: { name: string }) {
  return name.split(/(?<=\.)|(?=[A-Z])/).map((part, place) => (
    <Fragment key={place}>
      {place > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
