import { useState } from 'preact/hooks';
import type { RunChange, TableRow } from '../../api/runs.ts';
import type { Problem } from '../../api/schema.ts';
import { change } from '../shell/api.ts';
import { bump } from '../shell/live.ts';

type Editable = Pick<TableRow, 'id' | 'name' | 'tags' | 'notes'>;

async function save(id: number, body: RunChange): Promise<Problem | undefined> {
  const problem = await change('PATCH', `/api/runs/${id}`, body);
  if (problem === undefined) bump([id]);
  return problem;
}

interface EditorProps {
  readonly label: string;
  readonly text: string;
  readonly long?: boolean;
  readonly store: (text: string) => Promise<Problem | undefined>;
  readonly close: () => void;
}

/** A field in place: Enter keeps, Escape leaves things as they were. */
function Editor({ label, text, long, store, close }: EditorProps) {
  const [typed, type] = useState(text);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (): Promise<void> => {
    const refused = await store(typed);
    if (refused) setProblem(refused);
    else close();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    if (event.key !== 'Enter' || (long === true && event.shiftKey)) return;
    event.preventDefault();
    void submit();
  };
  const shared = {
    value: typed,
    'aria-label': label,
    onKeyDown: keys,
    ref: (element: HTMLInputElement | HTMLTextAreaElement | null) => {
      if (element !== null && document.activeElement !== element && problem === undefined) element.focus();
    },
  };
  return (
    <span class="editor">
      {long === true ? (
        <textarea {...shared} rows={3} onInput={(event) => type(event.currentTarget.value)} />
      ) : (
        <input {...shared} type="text" onInput={(event) => type(event.currentTarget.value)} />
      )}
      <button type="button" class="plain" onClick={() => void submit()}>
        Save
      </button>
      <button type="button" class="plain" onClick={close}>
        Cancel
      </button>
      {problem && (
        <span class="problem" role="alert">
          {problem.code === 'NOTES_CHANGED'
            ? `Somebody else changed these notes meanwhile. They now say: “${problem.notes ?? ''}”. Yours are still here: copy what you need, or cancel.`
            : problem.message}
        </span>
      )}
    </span>
  );
}

/** Tags, edited as words between commas. */
export function RunTags({ run }: { run: Editable }) {
  // which run, because the element may come to show another one
  const [editing, edit] = useState<number>();
  if (editing === run.id) {
    const store = (text: string): Promise<Problem | undefined> => {
      const wanted = text
        .split(',')
        .map((tag) => tag.trim())
        .filter(Boolean);
      return save(run.id, {
        addTags: wanted.filter((tag) => !run.tags.includes(tag)),
        removeTags: run.tags.filter((tag) => !wanted.includes(tag)),
      });
    };
    return (
      <Editor
        label={`Tags of ${run.name}, separated by commas`}
        text={run.tags.join(', ')}
        store={store}
        close={() => edit(undefined)}
      />
    );
  }
  return (
    <button
      type="button"
      class="in-place"
      aria-label={`Edit the tags of ${run.name}`}
      title={run.tags.join(', ')}
      onClick={() => edit(run.id)}
    >
      {run.tags.length === 0 ? <span class="faint">add</span> : run.tags.map((tag) => <i key={tag}>{tag}</i>)}
    </button>
  );
}

/** Notes. What somebody else wrote meanwhile is never overwritten. */
export function RunNotes({ run }: { run: Editable }) {
  // the text that the editing began with, or that this page saved last
  const [base, setBase] = useState<{ run: number; text: string | null }>();
  if (base?.run === run.id) {
    return (
      <Editor
        long
        label={`Notes on ${run.name}`}
        text={base.text ?? ''}
        store={(text) => save(run.id, { notes: text === '' ? null : text, notesWere: base.text })}
        close={() => setBase(undefined)}
      />
    );
  }
  return (
    <button
      type="button"
      class="in-place"
      aria-label={`Edit the notes on ${run.name}`}
      onClick={() => setBase({ run: run.id, text: run.notes })}
    >
      {run.notes ?? <span class="faint">add</span>}
    </button>
  );
}
