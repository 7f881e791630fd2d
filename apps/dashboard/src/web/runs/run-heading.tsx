import { setParams } from '../shell/url.ts';
import { cellStyle, type Column } from './run-columns.tsx';

/** What a click on a heading sorts by: numbers and times begin with the greatest, words with A. */
function nextSort(column: Column, sort: string): string {
  const isSorted = sort.replace(/^-/, '') === column.key;
  const startsRising = column.number !== true && column.key !== 'created';
  const rising = isSorted ? !sort.startsWith('-') : startsRising;
  return rising ? `-${column.key}` : column.key;
}

export function Heading({ column, sort }: { column: Column; sort: string }) {
  const isSorted = sort.replace(/^-/, '') === column.key;
  const rising = sort.startsWith('-');
  return (
    <th
      role="columnheader"
      scope="col"
      data-column={column.key}
      class={column.number === true ? 'number' : ''}
      aria-sort={isSorted ? (rising ? 'ascending' : 'descending') : 'none'}
      style={cellStyle(column)}
    >
      <button type="button" onClick={() => setParams({ sort: nextSort(column, sort) })}>
        {column.title}
        <span aria-hidden="true">{isSorted ? (rising ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </th>
  );
}
