import { computed, signal, type ReadonlySignal } from '@preact/signals';

/** The address is the state of the view: what is not in it is lost on reload, on purpose. */
export const address = signal(new URL(location.href));

addEventListener('popstate', () => {
  address.value = new URL(location.href);
});

export function navigate(to: string): void {
  history.pushState(null, '', to);
  address.value = new URL(location.href);
  scrollTo(0, 0);
}

/** Moves when another page is asked for, not when its state changes. */
export const pathname = computed(() => address.value.pathname);

const params = new Map<string, ReadonlySignal<string | null>>();

/** A part of the query. Who reads it is drawn again when this part changes, and not when others do. */
export function param(name: string): string | null;
export function param(name: string, fallback: string): string;
export function param(name: string, fallback: string | null = null): string | null {
  let part = params.get(name);
  if (part === undefined) params.set(name, (part = computed(() => address.value.searchParams.get(name))));
  return part.value ?? fallback;
}

/** Changes parts of the query in place; null takes one out. */
export function setParams(changes: Readonly<Record<string, string | null>>): void {
  const url = new URL(address.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  history.replaceState(null, '', url);
  address.value = url;
}

/** Follows a link without leaving the page, unless the user asked for a tab of its own. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  const link = (event.target as Element).closest('a');
  if (link === null || link.origin !== location.origin || link.hasAttribute('download')) return;
  if (link.hash !== '' && link.pathname === location.pathname) return;
  event.preventDefault();
  navigate(link.href);
}
