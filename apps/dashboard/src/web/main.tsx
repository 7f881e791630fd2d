import './shell/style.css';
import { render } from 'preact';
import { connect } from './shell/live.ts';
import { applyTheme } from './shell/theme.ts';
import { App } from './shell/app.tsx';

applyTheme();
connect();
render(<App />, document.getElementById('page')!);
