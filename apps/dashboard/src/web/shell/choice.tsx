import { param, setParams } from './url.ts';

interface ChoiceProps {
  /** The query parameter it is kept in. */
  readonly name: string;
  readonly label: string;
  readonly fallback: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  /** Other parameters that a change takes out. */
  readonly clears?: readonly string[];
}

/** A few words, one of which is chosen; the choice lives in the address. */
export function Choice({ name, label, fallback, options, clears = [] }: ChoiceProps) {
  const chosen = param(name, fallback);
  const cleared = Object.fromEntries(clears.map((other) => [other, null]));
  return (
    <span class="choice" role="group" aria-label={label}>
      {options.map(([value, text]) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => setParams({ ...cleared, [name]: value === fallback ? null : value })}
        >
          {text}
        </button>
      ))}
    </span>
  );
}

/** What the cells of a confusion matrix say; kept as `unit`. */
export function UnitChoice() {
  const options = [
    ['count', 'counts'],
    ['share', '% of true class'],
    ['column', '% of prediction'],
  ] as const;
  return <Choice name="unit" label="Cells" fallback="count" options={options} />;
}

/** The order of the classes in a matrix; kept as `sort`. */
export function OrderChoice() {
  const options = [
    ['class', 'by class'],
    ['confusion', 'by confusion'],
  ] as const;
  return <Choice name="sort" label="Order of the classes" fallback="class" options={options} />;
}
