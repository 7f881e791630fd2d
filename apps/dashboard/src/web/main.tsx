import './style.css';
import { render } from 'preact';
import { connect } from './state/live.ts';
import { applyTheme } from './state/theme.ts';
import { App } from './views/app.tsx';

applyTheme();
connect();
render(<App />, document.getElementById('page')!);
