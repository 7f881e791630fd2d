import { useEffect, useRef, useState } from 'preact/hooks';
import type { Completion } from '../../api/runs.ts';
import type { Problem } from '../../api/schema.ts';
import { ask } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';

const SHOWN = 8;
/** The ARIA pattern without a <datalist>, which the types ask for. */
const COMBOBOX: object = { role: 'combobox' };

/** What may stand at the cursor, asked for as one types. */
function useCompletion(text: string, cursor: number, isOpen: boolean): Completion | undefined {
  const [completion, set] = useState<Completion>();
  useEffect(() => {
    if (!isOpen) return undefined;
    let wanted = true;
    const query = new URLSearchParams({ text, cursor: String(cursor) });
    void ask<Completion>(`/api/runs/complete?${query}`).then(({ data }) => {
      if (wanted && data) set(data);
    });
    return () => {
      wanted = false;
    };
  }, [text, cursor, isOpen]);
  return isOpen ? completion : undefined;
}

function Mistake({ text, problem }: { text: string; problem: Problem }) {
  const { at, end, reason } = problem;
  if (at === undefined || end === undefined) return <>{problem.message}</>;
  return (
    <>
      {reason}{' '}
      <code aria-hidden="true">
        {text.slice(Math.max(0, at - 24), at)}
        <mark>{text.slice(at, Math.max(end, at + 1)) || '␣'}</mark>
      </code>
    </>
  );
}

/**
 * The filter: words, or the tracker's language with completion. Arrow keys choose, Tab or Enter takes, Escape closes.
 * `problem` belongs to `asked`, the text as the server got it.
 */
export function RunFilter({ asked, problem }: { asked: string; problem: Problem | undefined }) {
  const typed = param('q', '');
  const [cursor, setCursor] = useState(typed.length);
  const [chosen, choose] = useState(-1);
  const [isOpen, open] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const completion = useCompletion(typed, cursor, isOpen);
  const options = completion?.options.slice(0, SHOWN) ?? [];
  const take = (at: number): void => {
    if (completion === undefined || options[at] === undefined) return;
    const before = typed.slice(0, completion.from) + options[at].text;
    const space = /[([]$/.test(before) ? '' : ' ';
    setParams({ q: before + space + typed.slice(completion.to).trimStart() });
    setCursor(before.length + space.length);
    choose(-1);
    input.current?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') open(false);
    if (options.length === 0 || !isOpen) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      choose((chosen + step + options.length) % options.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0) {
      event.preventDefault();
      take(chosen);
    }
  };
  return (
    <div class="filter">
      <input
        ref={input}
        type="search"
        {...COMBOBOX}
        aria-label="Filter runs"
        aria-expanded={options.length > 0}
        aria-controls="filter-options"
        aria-autocomplete="list"
        aria-invalid={problem !== undefined}
        aria-describedby="filter-problem"
        {...(chosen >= 0 && { 'aria-activedescendant': `filter-option-${chosen}` })}
        autocomplete="off"
        spellcheck={false}
        placeholder="words, or: val/accuracy > 0.9 and optimizer.kind = adam"
        value={typed}
        onInput={(event) => {
          setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
          choose(-1);
          open(true);
          setParams({ q: event.currentTarget.value });
        }}
        onKeyDown={keys}
        onBlur={() => open(false)}
      />
      <ul id="filter-options" role="listbox" aria-label="Completions" hidden={options.length === 0}>
        {options.map(({ text, about }, at) => (
          <li
            key={text}
            id={`filter-option-${at}`}
            role="option"
            aria-selected={at === chosen}
            // before the field loses the focus
            onMouseDown={(event) => {
              event.preventDefault();
              take(at);
            }}
          >
            <code>{text}</code> <span class="muted">{about}</span>
          </li>
        ))}
      </ul>
      <p id="filter-problem" class="problem" role="status">
        {problem && <Mistake text={asked} problem={problem} />}
      </p>
    </div>
  );
}
