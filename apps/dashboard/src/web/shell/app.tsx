import { connection, reconnect } from './live.ts';
import { nextTheme, theme } from './theme.ts';
import { follow, pathname } from './url.ts';
import { Page } from './page.tsx';
import { NAVIGATION } from './pages.ts';

const CONNECTION = { connecting: 'connecting', live: 'live', lost: 'server gone' };

function currentOf(href: string, section: RegExp): 'page' | 'true' | undefined {
  if (pathname.value === href) return 'page';
  return section.test(pathname.value) ? 'true' : undefined;
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
          {NAVIGATION.map(({ href, title, section }) => (
            <a key={href} href={href} aria-current={currentOf(href, section)}>
              {title}
            </a>
          ))}
        </nav>
        <span class={`connection ${connection.value}`} role="status">
          {CONNECTION[connection.value]}
        </span>
        <button type="button" class="plain" onClick={nextTheme} aria-label={`Theme: ${theme.value}. Change`}>
          {theme.value}
        </button>
      </header>
      {connection.value === 'lost' && (
        <p class="server-gone" role="alert">
          The server does not answer. What you see may be old; this page comes back by itself when it does.
          <button type="button" onClick={reconnect}>
            Try now
          </button>
        </p>
      )}
      <main id="content">
        <Page />
      </main>
    </div>
  );
}
