import { signal } from '@preact/signals';

const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const stored = localStorage.getItem('theme') as Theme | null;
export const theme = signal<Theme>(stored !== null && THEMES.includes(stored) ? stored : 'auto');

/** Moves whenever colours have to be read anew. */
export const paint = signal(0);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => paint.value++);

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
  paint.value++;
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
  localStorage.setItem('theme', theme.value);
  applyTheme();
}
