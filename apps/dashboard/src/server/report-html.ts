import {
  comparisonHeadline,
  type ComparisonPart,
  comparisonParts,
  type RunComparison,
} from '@atelier/registry';

const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:32px auto;padding:0 16px;color:#1b1c1f;background:#fdfdfb}' +
  'h1{font-size:20px}h2{font-size:15px;margin:28px 0 6px}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px}' +
  'th,td{text-align:left;padding:3px 10px;border-bottom:1px solid #e4e4df}.right{text-align:right}.note{color:#62656c;font-size:13px}' +
  '.verdict{font-size:16px;font-weight:600}div{overflow-x:auto}';

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (of) => `&#${of.charCodeAt(0)};`);
}

function cell(tag: 'td' | 'th', text: string, align: 'left' | 'right' | undefined): string {
  return `<${tag}${align === 'right' ? ' class="right"' : ''}>${escape(text)}</${tag}>`;
}

function section({ title, columns, rows, note }: ComparisonPart): string {
  const head = columns.map(({ title: text, align }) => cell('th', text, align)).join('');
  const body = rows
    .map((row) => `<tr>${row.map((text, at) => cell('td', text, columns[at]?.align)).join('')}</tr>`)
    .join('\n');
  const below = note === undefined ? '' : `<p class="note">${escape(note)}</p>`;
  return `<h2>${escape(title)}</h2>\n<div><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>${below}`;
}

/** A comparison as a page of its own that needs nothing else: to send, or to keep beside a decision. */
export function comparisonHtml(comparison: RunComparison): string {
  const title = escape(comparisonHeadline(comparison));
  const [first = '', ...rest] = comparison.verdict.map(escape);
  const said = [`<p class="verdict">${first}</p>`, ...rest.map((line) => `<p>${line}</p>`)].join('\n');
  const parts = comparisonParts(comparison).map(section).join('\n');
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head>\n<body><h1>${title}</h1>\n${said}\n${parts}\n</body></html>\n`;
}
