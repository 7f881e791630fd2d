import { connection } from '../state/live.ts';
import { nextTheme, theme } from '../state/theme.ts';
import { address, follow } from '../state/url.ts';
import { CompareView } from './compare.tsx';
import { RunView } from './run.tsx';
import { RunsView } from './runs.tsx';

const CONNECTION = { connecting: 'connecting', live: 'live', lost: 'server gone' };

function View() {
  const { pathname } = address.value;
  const run = /^\/runs\/(\d+)$/.exec(pathname)?.[1];
  if (run !== undefined) return <RunView key={run} id={Number(run)} />;
  if (pathname === '/compare') return <CompareView />;
  if (pathname === '/') return <RunsView />;
  return (
    <p class="notice">
      There is nothing at {pathname}. <a href="/">All runs</a>
    </p>
  );
}

/** Masthead, the view its address names, and the state of the connection. */
export function App() {
  return (
    <div onClick={follow}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="masthead">
        <a class="wordmark" href="/">
          Atelier
        </a>
        <nav aria-label="Main">
          <a href="/" aria-current={address.value.pathname === '/' ? 'page' : undefined}>
            Runs
          </a>
        </nav>
        <span class={`connection ${connection.value}`} role="status">
          {CONNECTION[connection.value]}
        </span>
        <button type="button" class="plain" onClick={nextTheme} aria-label={`Theme: ${theme.value}. Change`}>
          {theme.value}
        </button>
      </header>
      {connection.value === 'lost' && (
        <p class="lost" role="alert">
          The server does not answer. What you see may be old; this page comes back by itself when it does.
        </p>
      )}
      <main id="content">
        <View />
      </main>
    </div>
  );
}
