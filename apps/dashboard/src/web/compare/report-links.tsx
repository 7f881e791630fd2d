import { useState } from 'preact/hooks';

async function copy(path: string): Promise<string> {
  try {
    const response = await fetch(path);
    if (!response.ok) return 'The server could not write the report.';
    await navigator.clipboard.writeText(await response.text());
    return 'Copied.';
  } catch {
    return 'The browser does not let this page copy: download it instead.';
  }
}

/** The permanent link, and the comparison as Markdown or as a page of its own. */
export function ReportPart({ a, b, split }: { a: number; b: number; split: string }) {
  const [said, say] = useState('');
  const path = `/api/compare/report?a=${a}&b=${b}&split=${split}`;
  const link = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      say('Link copied.');
    } catch {
      say('The address of this page is the link.');
    }
  };
  return (
    <span class="report-tools">
      <button type="button" class="chip" onClick={() => void link()}>
        copy link
      </button>
      <button type="button" class="chip" onClick={() => void copy(`${path}&format=md`).then(say)}>
        copy Markdown
      </button>
      <a class="chip" download href={`${path}&format=md`}>
        Markdown
      </a>
      <a class="chip" download href={`${path}&format=html`}>
        HTML
      </a>
      <span class="muted" role="status">
        {said}
      </span>
    </span>
  );
}
